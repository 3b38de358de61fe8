/** A real Vault: in memory and open, or on raft storage in the state a test asks for. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { startDaemon, startElsewhere } from './daemon.ts';
import { type Answer, ask } from './http.ts';
import { freePorts } from './ports.ts';
import { realTool } from './tools.ts';
import { until } from './until.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

export interface Vault {
  address: string;
  /** Root token; empty where the server is not initialised. */
  token: string;
  /** Unseal key; empty where the server is not initialised. */
  unsealKey?: string;
  /** `path` without /v1/; any status is an answer. `token` is the server's own unless given ('' for none). */
  request(
    method: string,
    path: string,
    body?: unknown,
    options?: { token?: string; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** Like `request`, but a status of 400 or more is an error. Answers the body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into foreign documents
  must(method: string, path: string, body?: unknown): Promise<any>;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  stop(): Promise<void>;
}

export interface VaultOptions {
  /** `memory` (default): KV v2 at secret/, open in 0.1 s. The others lie on raft storage; opening takes some seconds there. */
  storage?: 'memory' | 'uninitialised' | 'sealed' | 'unsealed';
  /** Registers the kubernetes auth method and secrets engine in the plugin catalogue, ready to be mounted. */
  kubernetesPlugins?: boolean;
}

export async function startVault(options: VaultOptions = {}): Promise<Vault> {
  const storage = options.storage ?? 'memory';
  const workspace = await makeWorkspace('vault');
  const plugins = join(workspace.dir, 'plugins');
  await mkdir(plugins);
  const token = 'root-token';
  const { address, daemon } = await startElsewhere(() => serve(workspace, plugins, storage, token));
  const vault = client(address, storage === 'memory' ? token : '');
  if (storage === 'memory') vault.unsealKey = await toldUnsealKey(daemon.log);
  vault.stop = async () => {
    await daemon.stop();
    await workspace.remove();
  };
  try {
    if (storage === 'sealed' || storage === 'unsealed') await initialise(vault, storage);
    if (options.kubernetesPlugins === true) await register(vault, plugins);
  } catch (error) {
    await vault.stop();
    throw error;
  }
  return vault;
}

async function serve(workspace: Workspace, plugins: string, storage: string, token: string) {
  const [port, cluster] = await freePorts(2);
  const address = `http://127.0.0.1:${port}`;
  const config = join(workspace.dir, 'vault.hcl');
  const raft = join(workspace.dir, 'raft');
  await mkdir(raft, { recursive: true });
  const shared = `plugin_directory = "${plugins}"\ndisable_mlock = true\n`;
  const onDisk = `storage "raft" {\n  path = "${raft}"\n  node_id = "one"\n}
listener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_disable = true\n}
api_addr = "${address}"\ncluster_addr = "http://127.0.0.1:${cluster}"\n`;
  await writeFile(config, storage === 'memory' ? shared : shared + onDisk);
  const dev = ['-dev', `-dev-root-token-id=${token}`, `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
  const daemon = await startDaemon({
    name: 'vault',
    program: realTool('vault'),
    args: ['server', ...(storage === 'memory' ? dev : []), `-config=${config}`, '-log-level=warn'],
    env: { HOME: workspace.home, PATH: '/usr/bin:/bin' },
    log: join(workspace.dir, 'vault.log'),
    ready: async () => {
      const { status } = await ask(`${address}/v1/sys/health`);
      return storage === 'memory' ? status === 200 : status === 501;
    },
  });
  return { address, daemon };
}

/** A server in memory unseals itself and says with what. */
function toldUnsealKey(log: string): Promise<string> {
  return until(
    'vault to tell its unseal key',
    async () => /^Unseal Key: (\S+)$/m.exec(await readFile(log, 'utf8'))?.[1],
  );
}

function client(address: string, token: string): Vault {
  const request: Vault['request'] = (method, path, body, options = {}) => {
    const sent = options.token ?? vault.token;
    const headers = { ...(sent === '' ? {} : { 'x-vault-token': sent }), ...options.headers };
    return ask(`${address}/v1/${path}`, { method, headers, body });
  };
  const vault: Vault = {
    address,
    token,
    request,
    must: async (method, path, body) => {
      const answer = await request(method, path, body);
      if (answer.status >= 400)
        throw new Error(`vault ${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    seal: async () => {
      await vault.must('PUT', 'sys/seal');
    },
    unseal: async () => {
      await vault.must('PUT', 'sys/unseal', { key: vault.unsealKey });
      // Unsealed is not yet active: the first seconds answer 503 or 429.
      await until('vault to become active', async () =>
        (await vault.request('GET', 'sys/health')).status === 200 ? true : undefined,
      );
    },
    stop: async () => undefined,
  };
  return vault;
}

async function initialise(vault: Vault, storage: 'sealed' | 'unsealed'): Promise<void> {
  const made = await vault.must('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
  vault.token = made.root_token;
  vault.unsealKey = made.keys[0];
  if (storage === 'unsealed') await vault.unseal();
}

/** A plugin has to lie in the plugin folder itself; Vault refuses links. */
async function register(vault: Vault, plugins: string): Promise<void> {
  const each = async (kind: 'auth' | 'secret', source: string): Promise<void> => {
    const command = basename(source);
    await copyFile(source, join(plugins, command));
    const sha256 = createHash('sha256')
      .update(await readFile(source))
      .digest('hex');
    await vault.must('PUT', `sys/plugins/catalog/${kind}/kubernetes`, { sha256, command });
  };
  await Promise.all([each('auth', realTool('authPlugin')), each('secret', realTool('secretsPlugin'))]);
}
