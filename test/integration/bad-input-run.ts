import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { INFRA } from './cli/run-program.ts';

/** One way to get it wrong: what is typed, and what is different from a healthy platform meanwhile. */
export type BadRow = {
  /** Name of the golden file. */
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  /** Variables that differ from the sandbox's; undefined takes one away. */
  readonly env?: (sandbox: Sandbox) => Readonly<Record<string, string | undefined>>;
  /** Changes the platform; what it returns puts it back. */
  readonly prepare?: (sandbox: Sandbox) => (() => unknown) | Promise<() => unknown>;
};

/** How a row ended. */
export type BadEnd = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** A sandbox in a folder whose path is always as long: messages wrap at 80 columns, paths and all. */
export async function startBadInputSandbox(): Promise<Sandbox> {
  const dir = await mkdtemp('/tmp/infra-bad-');
  const sandbox = await startSandbox({ dir });
  return {
    ...sandbox,
    stop: async () => {
      await sandbox.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Runs one row with the built CLI, without a terminal. A row that does not end within a minute fails. */
export async function runRow(sandbox: Sandbox, row: BadRow, more: readonly string[] = []): Promise<BadEnd> {
  const undo = await row.prepare?.(sandbox);
  try {
    const env = { ...sandbox.env, XDG_STATE_HOME: stateOf(sandbox, row), ...row.env?.(sandbox) };
    const child = spawn(process.execPath, [INFRA, ...row.args, ...more], { cwd: sandbox.dir, env, timeout: 60_000 });
    const text = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text.stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text.stderr += chunk;
    });
    // A command that does not read its input may be gone before all of it is written.
    child.stdin.on('error', () => {});
    child.stdin.end(row.stdin ?? '');
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, ...text };
  } finally {
    await undo?.();
  }
}

/** The golden text of a row: status and both streams, without what differs from run to run. */
export function goldenText(sandbox: Sandbox, row: BadRow, end: BadEnd): string {
  const scrub = (text: string): string =>
    text
      .replaceAll(sandbox.vault.url, 'http://<vault>')
      .replaceAll(sandbox.kubernetes.url, 'http://<cluster>')
      .replaceAll(sandbox.kubernetes.tlsUrl, 'https://<cluster>')
      .replaceAll(sandbox.forgejo.url, 'http://<forgejo>')
      .replaceAll(sandbox.dir, '<sandbox>')
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
      .replace(/\b\d+(\.\d+)? (s|ms)\b/g, '<time>')
      .replace(/\b[0-9a-f]{8}\b/g, '<id>');
  const typed = row.args.map((word) => {
    const cut = word.length > 60 ? `${word.slice(0, 40)}… (${word.length} characters)` : word;
    return /^[\w@.=/:,-]+$/.test(cut) ? cut : JSON.stringify(cut);
  });
  const given = row.stdin === undefined ? [] : [`<<< ${JSON.stringify(row.stdin.slice(0, 200))}`];
  return [
    `$ infra ${[...typed, ...given].join(' ')}`,
    `exit ${end.status}`,
    '--- stdout',
    scrub(end.stdout),
    '--- stderr',
    inOneOrder(scrub(end.stderr)),
  ].join('\n');
}

/** The answers of preflight are printed as they come: here in the order of the alphabet. */
function inOneOrder(text: string): string {
  const entry = /(?:^ {2}[✓✗?!-] .*\n(?: {10,}.*\n)*)+/gmu;
  return text.replace(entry, (block) =>
    block
      .split(/^(?= {2}[✓✗?!-] )/mu)
      .toSorted()
      .join(''),
  );
}

/** A state folder of the row's own: rows run at the same time, and two runs for one user exclude each other. */
function stateOf(sandbox: Sandbox, row: BadRow): string {
  return join(sandbox.dir, 'home/states', row.name);
}

/** A digest of everything that a write could change: Vault, cluster, checkout and its upstream. */
export function written(sandbox: Sandbox): Readonly<Record<string, string>> {
  const plain = (_key: string, value: unknown): unknown =>
    value instanceof Map ? [...value].toSorted(([a], [b]) => String(a).localeCompare(String(b))) : value;
  const digest = (value: unknown): string =>
    createHash('sha256')
      .update(JSON.stringify(value, plain) ?? '')
      .digest('hex')
      .slice(0, 12);
  const git = (folder: string, ...args: readonly string[]): string =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', env: { ...process.env, ...sandbox.env } }).trim();
  const { secrets, policies, entities, groups, entityAliases, transit, kubernetesRoles } = sandbox.vault.state;
  return {
    platform: `version ${secrets.get('platform')?.current}`,
    vault: digest([secrets, policies, entities, groups, entityAliases, transit, kubernetesRoles]),
    cluster: digest(sandbox.kubernetes.state.objects),
    records: digest(sandbox.cloudflare.state),
    head: git(sandbox.repo, 'rev-parse', 'HEAD'),
    upstream: git(sandbox.origin, 'rev-parse', 'HEAD'),
    checkout: git(sandbox.repo, 'status', '--porcelain'),
  };
}
