import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Clients } from '../clients/clients.ts';
import type { Vault } from '../clients/vault/client.ts';
import { makeRedactor } from '../secrets/redaction.ts';
import type { TrustSubject } from '../site/addresses.ts';
import type { Site } from '../site/site.ts';
import { cacheFolderOf, stateFolderOf } from './folders.ts';
import type { Host, Interruption } from './host.ts';

/** Environment variables whose value must never be printed; those that name a file are not secret. */
const SECRET_NAME = /(TOKEN|PASSW|SECRET|CREDENTIAL|CONN_STR|API_?KEY|ACCESS_KEY|PRIVATE_KEY|AGE_KEY)/i;
const FILE_NAME = /_(FILE|PATH|DIR|CMD)$/i;

function secretsOf(env: Host['env']): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && SECRET_NAME.test(name) && !FILE_NAME.test(name) ? [value] : [],
  );
}

/** The running process. `onReported` is called when a command has printed its answer and set the exit status. */
export function liveHost(version: string, interruption: Interruption, onReported: () => void): Host {
  const { env, stdin, stdout, stderr } = process;
  const home = env.HOME || homedir();
  return {
    version,
    env,
    cwd: process.cwd(),
    home,
    stdin: { isTTY: stdin.isTTY === true, stream: stdin, text: () => text(stdin) },
    stdout,
    stderr,
    interruption,
    redactor: makeRedactor(secretsOf(env)),
    now: () => new Date(),
    monotonic: () => performance.now(),
    setExitStatus: (code) => {
      process.exitCode = code;
      onReported();
    },
    saveCrash: (report) => {
      const folder = join(stateFolderOf({ env, home }), 'crashes');
      const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.txt`);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(file, `${report}\n`, { mode: 0o600, flag: 'wx' });
        return file;
      } catch {
        // The report is an aid; a full disk must not hide the error that it is about.
        return undefined;
      }
    },
  };
}

/** What a command may ask the world for. Nothing is made, read or connected before it is asked for. */
export type Context = {
  readonly stateFolder: string;
  readonly cacheFolder: string;
  /**
   * The site. `write` for commands that change something: an unknown key of infra.yaml is an error there, and a warning
   * on stderr elsewhere. Errors: those of `loadSite`, all 78.
   */
  site(mode: 'read' | 'write'): Promise<Site>;
  /** The live clients of these names, each made once. All but clock, files, prompt and processes need the site. */
  clients<K extends keyof Clients>(...names: readonly K[]): Promise<Pick<Clients, K>>;
  /** Keeps the users' names for shell completion; a folder that cannot be written costs nothing else. */
  rememberUsers(names: readonly string[]): Promise<void>;
};

/** Options of a context: `--repo`, where warnings and debug lines go. */
export type ContextOptions = {
  readonly repo: string | undefined;
  readonly warn: (line: string) => void;
  readonly debug: (line: string) => void;
};

/** The composition root: the only place that makes live clients. */
export function makeContext(host: Host, options: ContextOptions): Context {
  const { env, home } = host;
  const made = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, make: () => Promise<T>): Promise<T> => {
    const found = (made.get(name) as Promise<T> | undefined) ?? make();
    made.set(name, found);
    return found;
  };
  const client = <K extends keyof Clients>(name: K): Promise<Clients[K]> =>
    once(name, async () => {
      options.debug(`client ${name}`);
      return await makers[name]();
    });
  const clients = async <K extends keyof Clients>(...names: readonly K[]): Promise<Pick<Clients, K>> => {
    const entries = await Promise.all(names.map(async (name) => [name, await client(name)] as const));
    return Object.fromEntries(entries) as Pick<Clients, K>;
  };
  const site = (mode: 'read' | 'write'): Promise<Site> =>
    once(`site ${mode}`, async () => {
      const { loadSite } = await import('../site/load.ts');
      const loaded = await loadSite({ files: await client('files'), env, cwd: host.cwd, repoFlag: options.repo, mode });
      for (const { message } of loaded.warnings) options.warn(`warning: ${message}`);
      options.debug(`site ${loaded.site.root.value} (${loaded.site.root.source})`);
      return loaded.site;
    });
  // Asked for after a command has loaded its site, this is that one: a writer's client is made from what it checked.
  const anySite = (): Promise<Site> => (made.has('site write') ? site('write') : site('read'));
  // What infra.yaml names gets credentials, or may name a program to run, only when somebody accepted it here.
  const distrust = async (key: string): Promise<TrustSubject | undefined> => {
    const { trustSubjects } = await import('../site/addresses.ts');
    const { isTrusted, readTrust } = await import('../site/trust.ts');
    const found = await anySite();
    const subject = trustSubjects(found).find((one) => one.key === key);
    if (subject === undefined) return undefined;
    const trust = await readTrust(await client('files'), { ...env, HOME: home }, found.root.value);
    return isTrusted(trust, subject.subject, [env.VAULT_ADDR]) ? undefined : subject;
  };
  const loopbackOnly = env.INFRA_LOOPBACK_ONLY === '1';

  const makers: { readonly [K in keyof Clients]: () => Promise<Clients[K]> } = {
    clock: async () => (await import('../clients/clock/live.ts')).makeClock(),
    files: async () => (await import('../clients/files/live.ts')).makeFiles(),
    git: async () => {
      const { makeGit } = await import('../clients/git/live.ts');
      return makeGit(await clients('processes', 'files'));
    },
    http: async () => (await import('../clients/http/live.ts')).makeHttp({ env, loopbackOnly }),
    kubernetes: async () => {
      const { makeKubernetes } = await import('../clients/kubernetes/live.ts');
      const { kubeconfig, context } = (await anySite()).kubernetes;
      return makeKubernetes({
        env,
        home,
        files: await client('files'),
        // KUBECONFIG may be a list, which the client splits as kubectl does.
        kubeconfig: kubeconfig.source === 'KUBECONFIG' ? undefined : kubeconfig.value,
        context: context.value,
        loopbackOnly,
        trusted: (await distrust('kubernetes.kubeconfig')) === undefined,
        onPluginMessage: options.warn,
      });
    },
    processes: async () => {
      const { makeProcesses } = await import('../clients/process/live.ts');
      return makeProcesses({ env, cwd: host.cwd, redactor: host.redactor });
    },
    prompt: async () => {
      const { makePrompt } = await import('../clients/prompt/live.ts');
      const { signal } = host.interruption;
      return makePrompt({ input: host.stdin.stream, output: host.stderr, signal });
    },
    tokens: async () => {
      const { makeTokens } = await import('../clients/tokens/live.ts');
      const root = (await anySite()).root.value;
      const kvRead: Vault['kvRead'] = async (path) => (await client('vault')).kvRead(path);
      const tokens = makeTokens({ env, home, root, files: await client('files'), vault: { kvRead } });
      return {
        resolve: async (reference, setting) => {
          const subject = await distrust(setting.replace(/\.token$/, '.url'));
          if (subject !== undefined) throw (await import('../site/trust.ts')).untrustedError(subject);
          return await tokens.resolve(reference, setting);
        },
      };
    },
    vault: async () => {
      const { makeVault } = await import('../clients/vault/live.ts');
      const { address, namespace, auth } = (await anySite()).vault;
      return makeVault({
        address: address.value,
        namespace: namespace.value,
        env,
        home,
        ...(await clients('files', 'clock')),
        kubernetesLogin: { mount: auth.kubernetes.mount.value, role: auth.kubernetes.role.value },
        trustedAddress: (await distrust('vault.address')) === undefined,
        loopbackOnly,
      });
    },
  };
  return {
    stateFolder: stateFolderOf(host),
    cacheFolder: cacheFolderOf(host),
    site,
    clients,
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
