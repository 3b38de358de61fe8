import { type AuthentikState, createAuthentik } from './apis/authentik.ts';
import { createCloudflare, type DnsRecord } from './apis/cloudflare.ts';
import { createForgejo } from './apis/forgejo.ts';
import { type DnsServer, startDns } from './dns/server.ts';
import { type Edge, startEdge } from './edge/servers.ts';
import type { Handle } from './http/exchange.ts';
import { type Listener, type ListenOptions, listen } from './http/listen.ts';
import { builtInRoles } from './kubernetes/built-in.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from './kubernetes/certificate.ts';
import { createCluster, createUpgrade } from './kubernetes/server.ts';
import { type ClusterState, emptyCluster, load } from './kubernetes/state.ts';
import { createLoki, type LokiWorld } from './loki/server.ts';
import { mailExec, mailObjects } from './mail/cluster.ts';
import { mailLogs } from './mail/log.ts';
import { playMonitor } from './mail/monitor.ts';
import { type MailNames, startMailNames } from './mail/names.ts';
import { type MailStandIn, startMail } from './mail/server.ts';
import { mailPages, publicZone } from './mail/zone.ts';
import { createPrometheus, type PrometheusWorld } from './prometheus/server.ts';
import { DEFAULT_POLICY } from './vault/default-policy.ts';
import { putVersion } from './vault/kv.ts';
import { parsePolicy } from './vault/policy.ts';
import { createVault } from './vault/server.ts';
import { addToken, emptyState, type VaultState } from './vault/state.ts';
import { createKey } from './vault/transit.ts';
import type { World } from './world.ts';
import { CANARIES } from './worlds/canaries.ts';

/** A stand-in with what it holds. `handle` answers in this process, past the socket and past injections. */
export type StandIn<State> = Listener & { readonly state: State; readonly handle: Handle };

/** The stand-ins of one sandbox. */
export type Servers = {
  readonly vault: StandIn<VaultState>;
  readonly kubernetes: StandIn<ClusterState>;
  readonly cloudflare: StandIn<Map<string, DnsRecord>>;
  readonly forgejo: StandIn<readonly string[]>;
  readonly authentik: StandIn<AuthentikState>;
  readonly prometheus: StandIn<PrometheusWorld>;
  readonly loki: StandIn<LokiWorld>;
  readonly edge: Edge;
  readonly dns: DnsServer;
  readonly mail: MailStandIn;
  readonly mailNames: MailNames;
};

/** Starts all stand-ins of a world on free loopback ports. */
export async function startServers(world: World, tier0: readonly string[]): Promise<Servers> {
  const cluster = clusterOf(world);
  const vault = vaultOf(world, tier0, cluster);
  const kept: LokiWorld = world.loki ?? { lines: [] };
  const records = new Map<string, DnsRecord>();
  const people: AuthentikState = {
    users: new Map(world.authentik.users.map((user, at) => [at + 1, user])),
    groups: new Map(world.authentik.groups.map((group) => [group.name, group])),
    records: world.authentik.records,
  };
  const [vaultServer, kubernetes, cloudflare, forgejo, authentik, prometheus, loki, edge, dns, mail, mailNames] =
    await Promise.all([
      serve(vault, createVault(vault), world.vault.injections),
      serve(cluster, createCluster(cluster), world.kubernetes.injections, {
        upgrade: createUpgrade(cluster),
        tls: { cert: CERTIFICATE, key: CERTIFICATE_KEY },
      }),
      serve(records, createCloudflare(records, CANARIES.cloudflareApiKey)),
      serve(world.forgejo.logins, createForgejo(world.forgejo.logins)),
      serve(people, createAuthentik(people, CANARIES.authentikToken), world.authentik.injections),
      serve(world.prometheus, createPrometheus(world.prometheus), world.prometheus.injections),
      serve(kept, createLoki(kept), world.loki?.injections),
      startEdge({ ...world.edge, pages: mailPages(world.mail) }, cluster),
      startDns({ ...world.dns, zone: publicZone(world.mail, world.dns.zone) }),
      startMail(world.mail ?? {}),
      startMailNames(world.mail),
    ]);
  load(cluster, mailObjects(mail, new Date()));
  cluster.exec.push(...mailExec(mail));
  cluster.logs.push(mailLogs(world.mail ?? {}));
  cluster.listening.push({ namespace: 'traefik', pod: 'traefik-*', port: 443, to: edge.inside });
  playMonitor(cluster, world.mail?.monitor ?? 'came-round');
  return {
    vault: vaultServer,
    kubernetes,
    cloudflare,
    forgejo,
    authentik,
    prometheus,
    loki,
    edge,
    dns,
    mail,
    mailNames,
  };
}

/** Stops every stand-in. */
export async function stopServers(servers: Servers): Promise<void> {
  const { authentik, cloudflare, dns, edge, forgejo, kubernetes, loki, mail, mailNames, prometheus, vault } = servers;
  await Promise.all(
    [authentik, cloudflare, dns, edge, forgejo, kubernetes, loki, mail, mailNames, prometheus, vault].map((each) =>
      each.close(),
    ),
  );
}

async function serve<State>(
  state: State,
  handle: Handle,
  injections: World['vault']['injections'] = [],
  more: Omit<ListenOptions, 'injections'> = {},
): Promise<StandIn<State>> {
  const listener = await listen(handle, { injections, ...more });
  return { ...listener, state, handle };
}

function clusterOf(world: World): ClusterState {
  const cluster = emptyCluster();
  load(cluster, builtInRoles());
  load(
    cluster,
    world.kubernetes.objects.map((object) => structuredClone(object)),
  );
  for (const [token, user] of Object.entries(world.kubernetes.tokens)) cluster.tokens.set(token, user);
  const { operator } = world.kubernetes;
  if (operator !== undefined) cluster.tokens.set(CANARIES.kubernetesOperatorToken, operator);
  cluster.logs.push(...world.kubernetes.logs);
  cluster.exec.push(...world.kubernetes.exec);
  return cluster;
}

function vaultOf(world: World, tier0: readonly string[], cluster: ClusterState): VaultState {
  const vault = emptyState('sandbox');
  const policies = { default: DEFAULT_POLICY, ...world.vault.policies };
  for (const [name, text] of Object.entries(policies)) vault.policies.set(name, parsePolicy(name, text));
  addToken(vault, {
    id: CANARIES.vaultRootToken,
    policies: ['root'],
    ttl: 0,
    displayName: 'root',
    path: 'auth/token/root',
  });
  for (const [id, token] of Object.entries(world.vault.tokens)) addToken(vault, { id, ...token });
  for (const [path, data] of Object.entries(world.vault.secrets)) {
    putVersion(
      vault.secrets,
      path,
      path === 'platform' ? { ...data, k8s_users: JSON.stringify(world.users) } : { ...data },
    );
  }
  for (const stack of tier0) createKey(vault.transit, `sops-state-${stack}`);
  vault.staticCreds.set('pg-terraform-state', { username: 'terraform_state', password: CANARIES.postgresPassword });
  vault.loginRoles.set('ci', {
    serviceAccounts: ['default'],
    namespaces: ['woodpecker'],
    policies: ['ci', 'terraform-state'],
    ttl: 604_800,
    period: 604_800,
  });
  vault.reviewToken = (jwt) => {
    const [, , namespace, name] = cluster.tokens.get(jwt)?.name.split(':') ?? [];
    return namespace === undefined || name === undefined ? undefined : { namespace, name };
  };
  return vault;
}
