import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyAll } from './bootstrap.ts';
import { EDGE_AUTHORITY } from './edge/certificate.ts';
import { sendDirectly } from './http/exchange.ts';
import { writeSsh } from './mail/firewall.ts';
import { mailSite } from './mail/site.ts';
import { writeFiles } from './repository/files.ts';
import { commitAsClone } from './repository/git.ts';
import { type Addresses, kubeconfig, rootFiles } from './repository/root.ts';
import { SCRIPTS } from './repository/scripts.ts';
import { stackFiles, stackNames } from './repository/stacks.ts';
import { acceptAddresses } from './repository/trust.ts';
import { type Servers, startServers, stopServers } from './servers.ts';
import { writeShims } from './shims.ts';
import { newAgeKey } from './sops/age.ts';
import { type Faults, writeFaults } from './terragrunt/faults.ts';
import { TIER_0 } from './terragrunt/models/catalogue.ts';
import type { SandboxFile } from './terragrunt/workspace.ts';
import type { World } from './world.ts';
import { CANARIES } from './worlds/canaries.ts';
import { loadWorld } from './worlds/catalogue.ts';

/** What to play. `world` is a name or a world itself; `dir` is taken instead of a new temporary folder and then kept. */
export type SandboxOptions = {
  readonly world?: string | World;
  readonly dir?: string;
  /** Configure Authentik's API in infra.yaml, with its token in AUTHENTIK_TOKEN. */
  readonly authentik?: boolean;
  /** Leave the folder when it ends; the servers stop all the same. */
  readonly keep?: boolean;
};

/** One call of terragrunt, tofu or sops. */
export type RecordedCall = {
  readonly tool: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: readonly string[];
  readonly pid: number;
};

/** A running sandbox. `env` is the whole environment for programs in it. */
export type Sandbox = Servers & {
  readonly dir: string;
  readonly repo: string;
  readonly origin: string;
  readonly env: Readonly<Record<string, string>>;
  /** An age identity that opens the Tier-0 state, as a break-glass key does. */
  readonly ageKeyFile: string;
  readonly setFaults: (faults: Faults) => Promise<void>;
  readonly calls: () => readonly RecordedCall[];
  readonly stop: () => Promise<void>;
};

/** Starts the platform of a world. Errors: `sandbox.no-such-world`; Node's errors when a file or port cannot be had. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const chosen = options.world ?? 'healthy';
  const world = typeof chosen === 'string' ? await loadWorld(chosen) : chosen;
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'infra-sandbox-')));
  await chmod(dir, 0o700);
  const servers = await startServers(world, TIER_0);
  try {
    return await furnish(dir, world, servers, options);
  } catch (error) {
    await stopAll(servers, dir, options);
    throw error;
  }
}

async function furnish(dir: string, world: World, servers: Servers, options: SandboxOptions): Promise<Sandbox> {
  const repo = join(dir, 'repo');
  const origin = join(dir, 'origin.git');
  const sandbox = sandboxFile(world, repo, servers);
  const ageKeys = [newAgeKey(), newAgeKey()] as const;
  const ageKeyFile = join(dir, 'age-key.txt');
  const env = environmentOf(dir, repo, servers, options);
  const recipients = ageKeys.map((key) => key.recipient);
  const addresses = addressesOf(dir, world, servers, { ...options, recipients });
  const folders = [env.HOME, env.XDG_STATE_HOME, env.XDG_CACHE_HOME, env.XDG_CONFIG_HOME, join(dir, 'pg')];
  await Promise.all(folders.map((folder) => mkdir(folder ?? dir, { recursive: true, mode: 0o700 })));
  await Promise.all([
    writeFile(join(dir, 'sandbox.json'), JSON.stringify(sandbox), { mode: 0o600 }),
    writeFile(join(dir, 'kubeconfig'), kubeconfig(addresses), { mode: 0o600 }),
    writeFile(ageKeyFile, `# recipient: ${ageKeys[0].recipient}\n${ageKeys[0].identity}\n`, { mode: 0o600 }),
    writeFile(join(dir, 'faults.json'), JSON.stringify(world.faults ?? {})),
    writeFile(join(dir, 'edge-ca.pem'), EDGE_AUTHORITY),
    writeShims(join(dir, 'bin'), dir, world.kubernetes.loginFails),
    writeSsh(join(dir, 'bin'), dir, servers.mail),
    writeFiles(repo, { ...rootFiles(addresses), ...stackFiles(world.shape), ...SCRIPTS }, Object.keys(SCRIPTS)),
  ]);
  await applyAll(dir, sandbox, stackNames(world.shape), directly(servers), addresses.ageRecipients);
  await commitAsClone(repo, origin);
  await acceptAddresses(join(dir, 'home', 'config'), repo, origin, addresses);
  return {
    ...servers,
    dir,
    repo,
    origin,
    env,
    ageKeyFile,
    setFaults: async (faults) => writeFaults(dir, faults),
    calls: () => readCalls(join(dir, 'calls.jsonl')),
    stop: () => stopAll(servers, dir, options),
  };
}

/** What the files of a sandbox's repository and its kubeconfig name. */
export function addressesOf(
  dir: string,
  world: World,
  servers: Servers,
  { authentik, recipients }: Pick<SandboxOptions, 'authentik'> & { readonly recipients: readonly string[] },
): Addresses {
  return {
    vault: servers.vault.url,
    kubernetes: servers.kubernetes.tlsUrl,
    kubernetesToken:
      world.kubernetes.operator === undefined ? CANARIES.kubernetesAdminToken : CANARIES.kubernetesOperatorToken,
    ...(world.kubernetes.loginFails === undefined ? {} : { loginPlugin: join(dir, 'bin', 'oidc-login') }),
    resolver: servers.dns.address,
    edge: servers.edge,
    prometheus: servers.prometheus.url,
    ...(world.loki === undefined ? {} : { loki: servers.loki.url }),
    forgejo: servers.forgejo.url,
    cloudflare: servers.cloudflare.url,
    mail: mailSite(servers.mail, servers.mailNames),
    authentik: authentik === true ? servers.authentik.url : undefined,
    ageRecipients: recipients,
    tier0: TIER_0,
  };
}

function sandboxFile(world: World, repo: string, servers: Servers): SandboxFile {
  return {
    shape: world.shape,
    repo,
    vault: { url: servers.vault.url, rootToken: CANARIES.vaultRootToken },
    kubernetes: { url: servers.kubernetes.url, token: CANARIES.kubernetesAdminToken },
    cloudflare: { url: servers.cloudflare.url, token: CANARIES.cloudflareApiKey },
    postgres: { username: 'terraform_state', password: CANARIES.postgresPassword },
  };
}

/** The whole environment of programs in a sandbox. */
export function environmentOf(
  dir: string,
  repo: string,
  servers: Servers,
  options: SandboxOptions,
): Readonly<Record<string, string>> {
  const home = join(dir, 'home');
  return {
    PATH: `${join(dir, 'bin')}:${process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}`,
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_CONFIG_HOME: join(home, 'config'),
    VAULT_ADDR: servers.vault.url,
    VAULT_TOKEN: CANARIES.adminToken,
    KUBECONFIG: join(dir, 'kubeconfig'),
    NODE_EXTRA_CA_CERTS: join(dir, 'edge-ca.pem'),
    INFRA_REPO: repo,
    INFRA_LOOPBACK_ONLY: '1',
    INFRA_SANDBOX_DIR: dir,
    TZ: 'UTC',
    ...(options.authentik === true ? { AUTHENTIK_TOKEN: CANARIES.authentikToken } : {}),
  };
}

function directly(servers: Servers) {
  return {
    vault: sendDirectly(servers.vault.handle, { 'x-vault-token': CANARIES.vaultRootToken }),
    kubernetes: sendDirectly(servers.kubernetes.handle, { authorization: `Bearer ${CANARIES.kubernetesAdminToken}` }),
    cloudflare: sendDirectly(servers.cloudflare.handle, { authorization: `Bearer ${CANARIES.cloudflareApiKey}` }),
  };
}

async function stopAll(servers: Servers, dir: string, options: SandboxOptions): Promise<void> {
  await stopServers(servers);
  if (options.dir === undefined && options.keep !== true)
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
}

function readCalls(file: string): readonly RecordedCall[] {
  try {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as RecordedCall);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
