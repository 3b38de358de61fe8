import { join, resolve } from 'node:path';
import type { Discovered } from './discovery.ts';
import { type Environment, variable } from './reading.ts';
import type { SiteDocument } from './schema.ts';
import type { Api, Host, Setting, Site } from './site.ts';
import type { Position } from './yaml-text.ts';

/** Everything that an effective value can come from. */
export type Sources = {
  readonly root: Setting<string>;
  /** Absolute path of infra.yaml, or undefined when there is none. */
  readonly file: string | undefined;
  readonly document: SiteDocument;
  readonly place: (path: readonly PropertyKey[]) => Position;
  readonly discovered: Discovered;
  readonly env: Environment;
};

/** The one place where sources are ranked: the environment, then infra.yaml, then discovery, then the default. */
export function effectiveSite(sources: Sources): Site {
  const { document: d, discovered, env } = sources;
  const { given, optional, fallback } = ranking(sources);
  const authentik = d.authentik;
  return {
    root: sources.root,
    file: sources.file,
    stacks: {
      dir: given(['stacks', 'dir'], d.stacks?.dir, 'stacks'),
      run: given(['stacks', 'run'], d.stacks?.run, 'native'),
      wrapper: given(['stacks', 'wrapper'], d.stacks?.wrapper, DEFAULT_WRAPPER),
      parallelism: optional(['stacks', 'parallelism'], d.stacks?.parallelism),
      tier0: {
        stacks: fallback(['stacks', 'tier0', 'stacks'], d.stacks?.tier0?.stacks, discovered.tier0, []),
        stateFolder: given(['stacks', 'tier0', 'stateFolder'], d.stacks?.tier0?.stateFolder, 'state/stacks'),
        push: given(['stacks', 'tier0', 'push'], d.stacks?.tier0?.push, true),
        remote: optional(['stacks', 'tier0', 'remote'], d.stacks?.tier0?.remote),
        branch: optional(['stacks', 'tier0', 'branch'], d.stacks?.tier0?.branch),
      },
      guards: fallback(['stacks', 'guards'], d.stacks?.guards, discovered.guards, []),
      pgCredentials: fallback(
        ['stacks', 'pgCredentials'],
        d.stacks?.pgCredentials,
        discovered.pgCredentials,
        'database/static-creds/pg-terraform-state',
      ),
      pgAddress: fallback(['stacks', 'pgAddress'], d.stacks?.pgAddress, discovered.pgAddress, undefined),
    },
    vault: {
      address:
        environment(env, 'VAULT_ADDR') ??
        fallback(['vault', 'address'], d.vault?.address, discovered.vaultAddress, undefined),
      namespace: environment(env, 'VAULT_NAMESPACE') ?? optional(['vault', 'namespace'], d.vault?.namespace),
      users: {
        path: given(['vault', 'users', 'path'], d.vault?.users?.path, 'secret/platform'),
        key: given(['vault', 'users', 'key'], d.vault?.users?.key, 'k8s_users'),
      },
      auth: {
        kubernetes: {
          mount: given(['vault', 'auth', 'kubernetes', 'mount'], d.vault?.auth?.kubernetes?.mount, 'kubernetes'),
          role: optional(['vault', 'auth', 'kubernetes', 'role'], d.vault?.auth?.kubernetes?.role),
        },
      },
      oidcMount: given(['vault', 'oidcMount'], d.vault?.oidcMount, 'oidc'),
      transitMount: given(['vault', 'transitMount'], d.vault?.transitMount, 'transit'),
      kubernetesMount: given(['vault', 'kubernetesMount'], d.vault?.kubernetesMount, 'kubernetes'),
      locks: given(['vault', 'locks'], d.vault?.locks, 'secret/locks'),
    },
    kubernetes: {
      context: optional(['kubernetes', 'context'], d.kubernetes?.context),
      kubeconfig:
        environment(env, 'KUBECONFIG') ??
        optional(['kubernetes', 'kubeconfig'], machinePath(sources, d.kubernetes?.kubeconfig)),
      breakGlass: optional(['kubernetes', 'breakGlass'], d.kubernetes?.breakGlass),
    },
    users: {
      apply: optional(['users', 'apply'], d.users?.apply),
      tlsSecret: given(['users', 'tlsSecret'], d.users?.tlsSecret, 'tls-secret'),
      forgejo: optional(['users', 'forgejo'], d.users?.forgejo),
      portal: {
        namespace: given(['users', 'portal', 'namespace'], d.users?.portal?.namespace, 'k8s-portal'),
        configMap: given(['users', 'portal', 'configMap'], d.users?.portal?.configMap, 'k8s-user-roles'),
        deployment: given(['users', 'portal', 'deployment'], d.users?.portal?.deployment, 'k8s-portal'),
      },
      woodpecker: {
        namespace: given(['users', 'woodpecker', 'namespace'], d.users?.woodpecker?.namespace, 'woodpecker'),
        statefulSet: given(
          ['users', 'woodpecker', 'statefulSet'],
          d.users?.woodpecker?.statefulSet,
          'woodpecker-server',
        ),
      },
      dashboard: {
        namespace: given(['users', 'dashboard', 'namespace'], d.users?.dashboard?.namespace, 'kubernetes-dashboard'),
        secret: given(['users', 'dashboard', 'secret'], d.users?.dashboard?.secret, 'dashboard-token-injector-conf'),
      },
    },
    authentik: {
      namespace: given(['authentik', 'namespace'], authentik?.namespace, 'authentik'),
      url: optional(['authentik', 'url'], authentik?.url),
      token: optional(['authentik', 'token'], authentik?.token),
      database: {
        namespace: given(['authentik', 'database', 'namespace'], authentik?.database?.namespace, 'dbaas'),
      },
    },
    edge: {
      cloudflare: optional(['edge', 'cloudflare'], cloudflare(d)),
      resolver: given(['edge', 'resolver'], d.edge?.resolver, '1.1.1.1'),
      traefik: {
        namespace: given(['edge', 'traefik', 'namespace'], d.edge?.traefik?.namespace, 'traefik'),
        service: given(['edge', 'traefik', 'service'], d.edge?.traefik?.service, 'traefik'),
        address: optional(['edge', 'traefik', 'address'], d.edge?.traefik?.address),
      },
      authProxy: {
        namespace: given(
          ['edge', 'authProxy', 'namespace'],
          d.edge?.authProxy?.namespace,
          d.edge?.traefik?.namespace ?? 'traefik',
        ),
      },
      crowdsec: { namespace: given(['edge', 'crowdsec', 'namespace'], d.edge?.crowdsec?.namespace, 'crowdsec') },
      port: given(['edge', 'port'], d.edge?.port, 443),
      hosts: optional(['edge', 'hosts'], d.edge?.hosts),
    },
    prometheus: { url: optional(['prometheus', 'url'], d.prometheus?.url) },
    loki: { url: optional(['loki', 'url'], d.loki?.url) },
    mail: {
      hostname: optional(['mail', 'hostname'], d.mail?.hostname),
      nodes: optional(['mail', 'nodes'], d.mail?.nodes),
      ports: optional(['mail', 'ports'], d.mail?.ports),
      haproxy: optional(['mail', 'haproxy'], d.mail?.haproxy),
      haproxySocket: given(['mail', 'haproxySocket'], d.mail?.haproxySocket, '/tmp/haproxy.socket'),
      public: optional(['mail', 'public'], d.mail?.public),
      secondMx: optional(['mail', 'secondMx'], d.mail?.secondMx),
      ssh: {
        haproxy: optional(['mail', 'ssh', 'haproxy'], d.mail?.ssh?.haproxy),
        nat: optional(['mail', 'ssh', 'nat'], d.mail?.ssh?.nat),
        secondMx: optional(['mail', 'ssh', 'secondMx'], d.mail?.ssh?.secondMx),
      },
      namespace: given(['mail', 'namespace'], d.mail?.namespace, 'mailserver'),
      service: given(['mail', 'service'], d.mail?.service, 'mailserver'),
      pod: {
        selector: given(['mail', 'pod', 'selector'], d.mail?.pod?.selector, 'app=mailserver'),
        container: given(['mail', 'pod', 'container'], d.mail?.pod?.container, 'docker-mailserver'),
        logFiles: given(['mail', 'pod', 'logFiles'], d.mail?.pod?.logFiles, ['/var/log/mail/rspamd.log']),
      },
      roundtrip: {
        cronJob: given(['mail', 'roundtrip', 'cronJob'], d.mail?.roundtrip?.cronJob, 'email-roundtrip-monitor'),
        metric: given(['mail', 'roundtrip', 'metric'], d.mail?.roundtrip?.metric, 'email_roundtrip'),
      },
      dns: {
        domain: optional(['mail', 'dns', 'domain'], d.mail?.dns?.domain),
        selectors: given(['mail', 'dns', 'selectors'], d.mail?.dns?.selectors, ['mail']),
        authoritative: optional(['mail', 'dns', 'authoritative'], d.mail?.dns?.authoritative),
        internal: optional(['mail', 'dns', 'internal'], d.mail?.dns?.internal),
        blockLists: given(['mail', 'dns', 'blockLists'], d.mail?.dns?.blockLists, ['zen.spamhaus.org']),
        ptrWaiver: optional(['mail', 'dns', 'ptrWaiver'], d.mail?.dns?.ptrWaiver),
      },
    },
    hosts: given(
      ['hosts'],
      d.hosts?.map((host): Host => ({ name: host.name, ssh: host.ssh ?? host.name })),
      [],
    ),
    ignore: given(['ignore'], d.ignore, []),
    runbooks: given(['runbooks'], d.runbooks, []),
  };
}

/** The wrapper unless infra.yaml names another one. */
export const DEFAULT_WRAPPER = 'scripts/tg';

function ranking(sources: Sources) {
  const source = (path: readonly string[]): string => `infra.yaml:${sources.place(path).line}`;
  return {
    given: <T>(path: readonly string[], value: T | undefined, otherwise: T): Setting<T> =>
      value === undefined ? { value: otherwise, source: 'default' } : { value, source: source(path) },
    optional: <T>(path: readonly string[], value: T | undefined): Setting<T | undefined> =>
      value === undefined ? { value, source: 'default' } : { value, source: source(path) },
    fallback: <T>(
      path: readonly string[],
      value: T | undefined,
      found: Setting<T> | undefined,
      otherwise: T,
    ): Setting<T> =>
      value === undefined ? (found ?? { value: otherwise, source: 'default' }) : { value, source: source(path) },
  };
}

function environment(env: Environment, name: string): Setting<string> | undefined {
  const value = variable(env, name);
  return value === undefined ? undefined : { value, source: name };
}

/** `~/` is the home folder, everything else relative is relative to the repository. */
function machinePath(sources: Sources, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const home = variable(sources.env, 'HOME');
  return path.startsWith('~/') && home !== undefined ? join(home, path.slice(2)) : resolve(sources.root.value, path);
}

function cloudflare(document: SiteDocument): (Api & { readonly zone: string }) | undefined {
  const value = document.edge?.cloudflare;
  return value === undefined ? undefined : { url: CLOUDFLARE_API, ...value };
}

const CLOUDFLARE_API = 'https://api.cloudflare.com/client/v4';
