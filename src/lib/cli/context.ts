import type { Clients } from '../clients/clients.ts';
import { makeClock } from '../clients/clock/live.ts';
import { makeFiles } from '../clients/files/live.ts';
import type { Kubernetes, KubernetesReads } from '../clients/kubernetes/client.ts';
import type { Tokens } from '../clients/tokens/client.ts';
import { loadSite } from '../site/load.ts';
import type { Site } from '../site/site.ts';
import { untrustedError } from '../site/trust.ts';
import { distrusted, type Parts } from './distrusted.ts';
import { cacheFolderOf, stateFolderOf } from './folders.ts';
import type { Host } from './host.ts';

/** What a command may ask the world for. Nothing is made, read or connected before it is asked for. */
export type Context = {
  readonly stateFolder: string;
  readonly cacheFolder: string;
  /**
   * The site. `write` for commands that change something: an unknown key of infra.yaml is an error there, and a warning
   * on stderr elsewhere. Errors: those of `loadSite`, all 78.
   */
  site(mode: 'read' | 'write'): Promise<Site>;
  /** The live clients of these names, each made once. Of clock, dns, files, machine, postgres, prompt, processes, sockets, ssh and web none needs the site. */
  clients<K extends keyof Clients>(...names: readonly K[]): Promise<Pick<Clients, K>>;
  /** Clients for what the stacks talk to, to prove that it is what infra talks to. No credential of infra goes there. */
  elsewhere(): Promise<Elsewhere>;
  /** The cluster for a diagnosis: with `kubernetes.breakGlass` as a second login where infra.yaml names one. Reads only. */
  diagnosedCluster(): Promise<KubernetesReads>;
  /** Keeps the users' names for shell completion; a folder that cannot be written costs nothing else. */
  rememberUsers(names: readonly string[]): Promise<void>;
};

/** Makers of second clients: a Vault by its address (no token), a cluster by its kubeconfig file. */
export type Elsewhere = {
  readonly vaultAt: (address: string) => Pick<Clients['vault'], 'health'>;
  readonly kubernetesAt: (kubeconfig: string) => Pick<Clients['kubernetes'], 'get' | 'target'>;
};

/** Options of a context: `--repo`, where warnings and debug lines go. */
export type ContextOptions = {
  readonly repo: string | undefined;
  readonly warn: (line: string) => void;
  readonly debug: (line: string) => void;
};

type Makers = { readonly [K in keyof Clients]: () => Promise<Clients[K]> };

/** How each live client is made. Every module is loaded only then. */
function makersOf(parts: Parts): Makers {
  const { host, client, site } = parts;
  const { env, home } = host;
  const loopbackOnly = env.INFRA_LOOPBACK_ONLY === '1';
  const shared = { env, home, loopbackOnly, onSecret: host.redactor.learn };
  const isTrusted = async (key: string): Promise<boolean> => (await distrusted(parts, key)) === undefined;
  return {
    clock: async () => makeClock(),
    dns: async () => (await import('../clients/dns/live.ts')).makeDns({ loopbackOnly }),
    files: async () => makeFiles(),
    git: async () => {
      const { makeGit } = await import('../clients/git/live.ts');
      return makeGit({ processes: await client('processes'), files: await client('files') });
    },
    http: async () => (await import('../clients/http/live.ts')).makeHttp({ env, loopbackOnly }),
    kubernetes: async () => clusterBy(parts, (await site()).kubernetes.context.value),
    machine: async () => (await import('../clients/machine/live.ts')).makeMachine(),
    postgres: async () => (await import('../clients/postgres/live.ts')).makePostgres({ loopbackOnly }),
    processes: async () => {
      const { makeProcesses } = await import('../clients/process/live.ts');
      return makeProcesses({ env, cwd: host.cwd, redactor: host.redactor });
    },
    prompt: async () => {
      const { makePrompt } = await import('../clients/prompt/live.ts');
      return makePrompt({ input: host.stdin.stream, output: host.stderr, signal: host.interruption.signal });
    },
    sockets: async () => (await import('../clients/sockets/live.ts')).makeSockets({ env, loopbackOnly }),
    ssh: async () => {
      const { makeSsh } = await import('../clients/ssh/live.ts');
      return makeSsh({ processes: await client('processes'), loopbackOnly });
    },
    terragrunt: async () => {
      const { makeTerragrunt } = await import('../clients/terragrunt/live.ts');
      return makeTerragrunt({ env, processes: await client('processes') });
    },
    tokens: () => makeTrustedTokens(parts),
    vault: async () => {
      const { makeVault } = await import('../clients/vault/live.ts');
      const { address, namespace, auth } = (await site()).vault;
      return makeVault({
        address: address.value,
        ...shared,
        namespace: namespace.value,
        files: await client('files'),
        clock: await client('clock'),
        kubernetesLogin: { mount: auth.kubernetes.mount.value, role: auth.kubernetes.role.value },
        trustedAddress: await isTrusted('vault.address'),
      });
    },
    web: async () => (await import('../clients/web/live.ts')).makeWeb({ version: host.version, env, loopbackOnly }),
  };
}

/** The cluster by one context of the kubeconfig; undefined: its current one. */
async function clusterBy(parts: Parts, context: string | undefined): Promise<Kubernetes> {
  const { makeKubernetes } = await import('../clients/kubernetes/live.ts');
  const { host, site, client, warn } = parts;
  const { env, home } = host;
  const { kubeconfig } = (await site()).kubernetes;
  return makeKubernetes({
    env,
    home,
    loopbackOnly: env.INFRA_LOOPBACK_ONLY === '1',
    onSecret: host.redactor.learn,
    files: await client('files'),
    // KUBECONFIG may be a list, which the client splits as kubectl does.
    kubeconfig: kubeconfig.source === 'KUBECONFIG' ? undefined : kubeconfig.value,
    context,
    trusted: (await distrusted(parts, 'kubernetes.kubeconfig')) === undefined,
    onPluginMessage: warn,
  });
}

/** See `Context.diagnosedCluster`. */
async function diagnosedCluster(parts: Parts): Promise<KubernetesReads> {
  const breakGlass = (await parts.site()).kubernetes.breakGlass.value;
  const usual = await parts.client('kubernetes');
  if (breakGlass === undefined) return usual;
  const { withBreakGlass } = await import('../clients/kubernetes/break-glass.ts');
  return withBreakGlass(usual, await clusterBy(parts, breakGlass));
}

/** See `Context.elsewhere`. The kubeconfig there is the one that the stacks are applied with, in the same command. */
async function makeElsewhere({ host, client, warn }: Parts): Promise<Elsewhere> {
  const { makeVault } = await import('../clients/vault/live.ts');
  const { makeKubernetes } = await import('../clients/kubernetes/live.ts');
  const { env, home } = host;
  const [files, clock] = await Promise.all([client('files'), client('clock')]);
  const both = { env, home, files, loopbackOnly: env.INFRA_LOOPBACK_ONLY === '1' };
  return {
    vaultAt: (address) => makeVault({ ...both, address, namespace: undefined, clock, trustedAddress: false }),
    kubernetesAt: (kubeconfig) => makeKubernetes({ ...both, kubeconfig, trusted: true, onPluginMessage: warn }),
  };
}

/** Tokens of optional APIs; `authentik.token` is handed out only when `authentik.url` was accepted. */
async function makeTrustedTokens(parts: Parts): Promise<Tokens> {
  const { host, client, site } = parts;
  const { makeTokens } = await import('../clients/tokens/live.ts');
  const sources = {
    env: host.env,
    home: host.home,
    root: (await site()).root.value,
    files: await client('files'),
    // Vault only for a token that lies there.
    vault: { kvRead: async (path: string) => (await client('vault')).kvRead(path) },
  };
  const tokens = makeTokens(sources, host.redactor.learn);
  return {
    resolve: async (reference, setting) => {
      const subject = await distrusted(parts, setting.replace(/\.token$/, '.url'));
      if (subject !== undefined) throw untrustedError(subject);
      return await tokens.resolve(reference, setting);
    },
  };
}

/** The composition root: the only place that makes live clients. */
export function makeContext(host: Host, options: ContextOptions): Context {
  const made = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, make: () => Promise<T>): Promise<T> => {
    const found = (made.get(name) as Promise<T> | undefined) ?? make();
    made.set(name, found);
    return found;
  };
  const client: Parts['client'] = (name) =>
    once(name, () => {
      options.debug(`client ${name}`);
      return makers[name]();
    });
  const site = (mode: 'read' | 'write'): Promise<Site> =>
    once(`site ${mode}`, async () => {
      const files = await client('files');
      const loaded = await loadSite({ files, env: host.env, cwd: host.cwd, repoFlag: options.repo, mode });
      for (const { message } of loaded.warnings) options.warn(`warning: ${message}`);
      options.debug(`site ${loaded.site.root.value} (${loaded.site.root.source})`);
      return loaded.site;
    });
  // A command that writes has loaded its site strictly; its clients are made from that one.
  const anySite = (): Promise<Site> => site(made.has('site write') ? 'write' : 'read');
  const parts: Parts = { host, warn: options.warn, site: anySite, client };
  const makers = makersOf(parts);
  return {
    stateFolder: stateFolderOf(host),
    cacheFolder: cacheFolderOf(host),
    site,
    clients: async <K extends keyof Clients>(...names: readonly K[]) => {
      const entries = await Promise.all(names.map(async (name) => [name, await client(name)] as const));
      return Object.fromEntries(entries) as Pick<Clients, K>;
    },
    elsewhere: () => makeElsewhere(parts),
    diagnosedCluster: () => once('diagnosed cluster', () => diagnosedCluster(parts)),
    rememberUsers: async (names) => {
      const { rememberUsers } = await import('./completion/names.ts');
      try {
        await rememberUsers(await client('files'), cacheFolderOf(host), (await anySite()).root.value, names);
      } catch (error) {
        options.debug(`no users for completion: ${error}`);
      }
    },
  };
}
