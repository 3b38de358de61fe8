import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Sandbox } from '../../../src/sandbox/start.ts';
import { documentOf, type PrintedDocument } from '../../document.ts';

/** The built CLI. */
export const INFRA = join(import.meta.dirname, '../../../bin/run.js');

/** What most of these tests type. */
export const ADD_ALICE = ['user', 'add', 'alice', '--email', 'alice@example.com'] as const;

/** How a program ended: its status, or the signal that ended it. */
export type Ended = {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** The moment in a journal at which `at-line.mjs` acts. */
export type AtLine = {
  readonly line?: number;
  readonly event?: string;
  readonly step?: string;
  readonly note?: string;
  readonly when?: 'before' | 'torn' | 'after';
  readonly do: 'kill' | { readonly write: Readonly<Record<string, string>> };
};

/** How infra is run. `onStderr` is told everything said so far, `onStart` gets the process. */
export type InfraOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly atLine?: AtLine;
  readonly onStart?: (child: ChildProcess) => void;
  readonly onStderr?: (text: string, child: ChildProcess) => void;
};

/** File in which the programs of a sandbox write when they start and end. */
export const spansFile = (sandbox: Sandbox): string => join(sandbox.dir, 'spans.jsonl');

/** Environment that lets `at-line.mjs` act in infra and has every stand-in program recorded. */
export function watched(sandbox: Sandbox, atLine?: AtLine): Readonly<Record<string, string>> {
  const preloads = ['at-line.mjs', 'record-spans.mjs'].map((file) => `--import=${join(import.meta.dirname, file)}`);
  return {
    NODE_OPTIONS: preloads.join(' '),
    SPANS: spansFile(sandbox),
    ...(atLine === undefined ? {} : { AT_LINE: JSON.stringify({ when: 'after', ...atLine }) }),
  };
}

/** Runs infra in a sandbox: no terminal, stdin closed, the sandbox's environment and nothing else. */
export async function infra(sandbox: Sandbox, args: readonly string[], options: InfraOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [INFRA, ...args], {
    env: { ...sandbox.env, ...watched(sandbox, options.atLine), ...options.env },
    cwd: sandbox.repo,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
    options.onStderr?.(text.stderr, child);
  });
  // `exit`, not `close`: what a killed infra leaves running may hold the pipes, but shall not hold the test.
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('exit', (...how) => resolve(how));
  });
  if (signal === null) await Promise.all([ended(child.stdout), ended(child.stderr)]);
  return { status, signal, ...text };
}

const ended = (stream: NodeJS.ReadableStream & { readonly readableEnded: boolean }): Promise<void> =>
  stream.readableEnded ? Promise.resolve() : new Promise((resolve) => stream.once('end', () => resolve()));

/** Runs infra with --json; its document was checked against its schema, and says the status that the process ended with. */
export async function infraJson(
  sandbox: Sandbox,
  args: readonly string[],
  options: InfraOptions = {},
): Promise<Ended & { readonly document: PrintedDocument }> {
  const run = await infra(sandbox, [...args, '--json'], options);
  if (run.stdout === '') throw new Error(`no document: status ${run.status} ${run.signal ?? ''}\n${run.stderr}`);
  const document = documentOf(run.stdout);
  if (document.exitStatus !== run.status) throw new Error(`says ${document.exitStatus}, ended with ${run.status}`);
  return { ...run, document };
}

/** `infra user add alice … --yes --json` and what it printed. */
export const addAlice = (sandbox: Sandbox, flags: readonly string[] = [], options: InfraOptions = {}) =>
  infraJson(sandbox, [...ADD_ALICE, '--yes', ...flags], options);
