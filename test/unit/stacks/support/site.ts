import type { Setting, Site } from '../../../../src/lib/site/site.ts';

function setting<T>(value: T): Setting<T> {
  return { value, source: 'test' };
}

/** What a test may say about its site; the rest are the documented defaults. */
export type SiteChoices = {
  readonly root: string;
  readonly tier0?: readonly string[];
  readonly apply?: readonly string[];
  readonly push?: boolean | 'default';
  readonly run?: 'native' | 'wrapper';
  readonly guards?: readonly string[];
  readonly pgAddress?: string;
  readonly vaultAddress?: string;
};

/** A site for tests. */
export function makeSite(choices: SiteChoices): Site {
  return {
    root: setting(choices.root),
    file: undefined,
    stacks: {
      dir: setting('stacks'),
      run: setting(choices.run ?? 'native'),
      wrapper: setting('scripts/tg'),
      parallelism: setting(undefined),
      tier0: {
        stacks: choices.tier0 === undefined ? { value: [], source: 'default' } : setting(choices.tier0),
        stateFolder: setting('state/stacks'),
        push: choices.push === 'default' ? { value: true, source: 'default' } : setting(choices.push ?? true),
        remote: setting(undefined),
        branch: setting(undefined),
      },
      guards: setting(choices.guards ?? []),
      pgCredentials: setting('database/static-creds/pg-terraform-state'),
      pgAddress: setting(choices.pgAddress),
    },
    vault: {
      address: setting(choices.vaultAddress),
      namespace: setting(undefined),
      users: { path: setting('secret/platform'), key: setting('k8s_users') },
      auth: { kubernetes: { mount: setting('kubernetes'), role: setting(undefined) } },
      oidcMount: setting('oidc'),
      transitMount: setting('transit'),
      kubernetesMount: setting('kubernetes'),
      locks: setting('secret/locks'),
    },
    kubernetes: { context: setting(undefined), kubeconfig: setting(undefined), breakGlass: setting(undefined) },
    users: {
      apply: setting(choices.apply),
      tlsSecret: setting('tls-secret'),
      forgejo: setting(undefined),
      portal: {
        namespace: setting('k8s-portal'),
        configMap: setting('k8s-user-roles'),
        deployment: setting('k8s-portal'),
      },
      woodpecker: { namespace: setting('woodpecker'), statefulSet: setting('woodpecker-server') },
      dashboard: { namespace: setting('kubernetes-dashboard'), secret: setting('dashboard-token-injector-conf') },
    },
    authentik: {
      namespace: setting('authentik'),
      url: setting(undefined),
      token: setting(undefined),
      database: { namespace: setting('dbaas') },
    },
    edge: {
      cloudflare: setting(undefined),
      resolver: setting('127.0.0.1'),
      port: { value: 443, source: 'default' },
      traefik: { namespace: setting('traefik'), service: setting('traefik'), address: setting(undefined) },
      authProxy: { namespace: setting('traefik') },
      crowdsec: { namespace: setting('crowdsec') },
      hosts: setting(undefined),
    },
    prometheus: { url: setting(undefined) },
    loki: { url: setting(undefined) },
    mail: {
      hostname: setting(undefined),
      nodes: setting(undefined),
      ports: setting(undefined),
      haproxy: setting(undefined),
      public: setting(undefined),
      haproxySocket: setting('/tmp/haproxy.socket'),
      secondMx: setting(undefined),
      ssh: { haproxy: setting(undefined), nat: setting(undefined), secondMx: setting(undefined) },
      namespace: setting('mailserver'),
      service: setting('mailserver'),
      pod: {
        selector: setting('app=mailserver'),
        container: setting('docker-mailserver'),
        logFiles: setting(['/var/log/mail/rspamd.log']),
      },
      roundtrip: { cronJob: setting('email-roundtrip-monitor'), metric: setting('email_roundtrip') },
      dns: {
        domain: setting(undefined),
        selectors: setting(['mail']),
        authoritative: setting(undefined),
        internal: setting(undefined),
        blockLists: setting(['zen.spamhaus.org']),
        ptrWaiver: setting(undefined),
      },
    },
    hosts: setting([]),
    ignore: setting([]),
    runbooks: setting([]),
  };
}
