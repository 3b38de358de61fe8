import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Diagnosed } from './failure.ts';
import { TIER_0 } from './models/catalogue.ts';

/** What `startSandbox` wrote for its programs, in `<INFRA_SANDBOX_DIR>/sandbox.json`. */
export type SandboxFile = {
  readonly shape: 'extracted' | 'documented';
  readonly repo: string;
  readonly vault: { readonly url: string; readonly rootToken: string };
  readonly kubernetes: { readonly url: string; readonly token: string };
  readonly cloudflare: { readonly url: string; readonly token: string };
  readonly postgres: { readonly username: string; readonly password: string };
};

/** One unit that a program runs in. */
export type Workspace = {
  readonly stack: string;
  readonly tier: 0 | 1;
  readonly folder: string;
  readonly repo: string;
  readonly sandboxDir: string;
  readonly sandbox: SandboxFile;
  readonly stateFile: string;
};

/** The sandbox that this process belongs to. Errors: Error when started outside one. */
function readSandbox(env: Readonly<Record<string, string | undefined>>): {
  readonly dir: string;
  readonly file: SandboxFile;
} {
  const dir = env.INFRA_SANDBOX_DIR;
  if (dir === undefined)
    throw new Error('INFRA_SANDBOX_DIR is not set: this program is a stand-in and only runs inside a sandbox');
  return { dir, file: JSON.parse(readFileSync(join(dir, 'sandbox.json'), 'utf8')) as SandboxFile };
}

/** The unit in a folder. Errors: Diagnosed without a terragrunt.hcl. */
export function openWorkspace(folder: string, env: Readonly<Record<string, string | undefined>>): Workspace {
  if (!existsSync(join(folder, 'terragrunt.hcl'))) {
    throw new Diagnosed(
      `You attempted to run terragrunt in a folder that does not contain a terragrunt.hcl file. Please add a terragrunt.hcl file and try again.`,
    );
  }
  const { dir, file } = readSandbox(env);
  const stack = basename(folder);
  const repo = dirname(dirname(folder));
  const tier = TIER_0.includes(stack) ? 0 : 1;
  const stateFile =
    tier === 0 ? join(repo, 'state', 'stacks', stack, 'terraform.tfstate') : join(dir, 'pg', `${stack}.tfstate`);
  return { stack, tier, folder, repo, sandboxDir: dir, sandbox: file, stateFile };
}

/** Checks what the backend needs before anything is read. Errors: Diagnosed, worded as the pg backend's. */
export function checkBackend(workspace: Workspace, env: Readonly<Record<string, string | undefined>>): void {
  if (workspace.tier === 0) return;
  const connection = env.PG_CONN_STR ?? '';
  if (connection === '') {
    throw new Diagnosed('Error loading state', 'dial tcp 127.0.0.1:5432: connect: connection refused (localhost:5432)');
  }
  const { username, password } = credentialsOf(connection);
  const known = workspace.sandbox.postgres;
  if (username === known.username && password === known.password) return;
  throw new Diagnosed('Error loading state', `pq: password authentication failed for user "${username}"`);
}

function credentialsOf(connection: string): { readonly username: string; readonly password: string } {
  if (URL.canParse(connection)) {
    const url = new URL(connection);
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  }
  const field = (name: string) => new RegExp(`(?:^|\\s)${name}='?([^\\s']*)`).exec(connection)?.[1] ?? '';
  return { username: field('user'), password: field('password') };
}
