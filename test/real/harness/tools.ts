/** Where the real programs are, and what to say when they are not there. */
import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Built from source by scripts/real/build.sh. */
const built = {
  vault: 'vault',
  authPlugin: 'vault-plugin-auth-kubernetes',
  secretsPlugin: 'vault-plugin-secrets-kubernetes',
  etcd: 'etcd',
  apiserver: 'kube-apiserver',
  controllerManager: 'kube-controller-manager',
  tofu: 'tofu',
  providerKubernetes: 'terraform-provider-kubernetes_v1.13.4',
  providerHelm: 'terraform-provider-helm_v1.3.2',
  providerCloudflare: 'terraform-provider-cloudflare_v0.0.1',
  providerVault: 'terraform-provider-vault_v1.9.0',
  'terragrunt-1.0.0': 'terragrunt-1.0.0',
  'terragrunt-1.1.0': 'terragrunt-1.1.0',
  sops: 'sops',
  ageKeygen: 'age-keygen',
  kwok: 'kwok',
} as const;

/** Installed by scripts/real/apt.sh. */
const installed = {
  postgres: 'postgres',
  initdb: 'initdb',
  psql: 'psql',
  git: 'git',
  openssl: 'openssl',
  curl: 'curl',
  kubectl: 'kubectl',
  postfix: 'postfix',
  dovecot: 'dovecot',
  dovecotLmtp: 'lmtp',
  dovecotImap: 'imap-login',
  haproxy: 'haproxy',
  sshd: 'sshd',
  ssh: 'ssh',
  nsd: 'nsd',
  unbound: 'unbound',
  socat: 'socat',
  ss: 'ss',
} as const;

export type RealTool = keyof typeof built | keyof typeof installed;
type RealTools = Record<RealTool, string>;

/** Paths of all tools; throws, naming what is missing. */
export function realTools(): RealTools {
  const paths: Partial<RealTools> = {};
  for (const tool of allTools()) paths[tool] = realTool(tool);
  return paths as RealTools;
}

export function realTool(tool: RealTool): string {
  const path = find(tool);
  if (path === undefined) throw new Error(`${fileOf(tool)} is missing: ${remedy(tool)}`);
  return path;
}

/**
 * Why tests that need these tools cannot run, or undefined when they can: `describe.skipIf(skipReason('vault') !== undefined)`.
 * Where INFRA_REQUIRE_REAL=1 a missing tool is a failure instead.
 */
export function skipReason(...wanted: RealTool[]): string | undefined {
  const missing = (wanted.length === 0 ? allTools() : wanted).filter((tool) => find(tool) === undefined);
  if (missing.length === 0) return undefined;
  const reason = `missing: ${missing.map(fileOf).join(', ')}; ${[...new Set(missing.map(remedy))].join(', ')}`;
  if (process.env.INFRA_REQUIRE_REAL === '1') throw new Error(reason);
  return reason;
}

function allTools(): RealTool[] {
  return [...Object.keys(built), ...Object.keys(installed)] as RealTool[];
}

function fileOf(tool: RealTool): string {
  return tool in built ? built[tool as keyof typeof built] : installed[tool as keyof typeof installed];
}

function remedy(tool: RealTool): string {
  return tool in built ? 'run scripts/real/build.sh' : 'run scripts/real/apt.sh';
}

function find(tool: RealTool): string | undefined {
  const folders =
    tool in built
      ? [cacheFolder()]
      : [...postgresFolders(), ...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/lib/dovecot'];
  return folders.map((folder) => join(folder, fileOf(tool))).find(executable);
}

function cacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(process.env.INFRA_REAL_CACHE ?? join(cache, 'infra-real'), 'bin');
}

/** Debian keeps the server's programs off PATH, one folder a major version; the newest first. */
function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    return readdirSync(root)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(root, version, 'bin'));
  } catch {
    return [];
  }
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
