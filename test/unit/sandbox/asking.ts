import { execFile, spawn } from 'node:child_process';
import type { Sandbox } from '../../../src/sandbox/start.ts';

/** Status, body as text and, where it is JSON, parsed. */
export type Got = { readonly status: number; readonly text: string; readonly json: unknown };

/** One request with fetch. */
export async function ask(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Got> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(url, { method, headers, redirect: 'manual', ...sent });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
}

/** How a program ended. */
export type Ended = { readonly status: number | null; readonly out: string; readonly err: string };

/** Runs a program of the sandbox; `cwd` is below the repository. */
export function run(
  sandbox: Sandbox,
  cwd: string,
  program: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: `${sandbox.repo}/${cwd}`, env: { ...sandbox.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(program, [...argv], options, (_error, out, err) =>
      resolve({ status: child.exitCode, out, err }),
    );
  });
}

/** Starts a program and leaves it running; `done` settles when it ends. */
export function start(
  sandbox: Sandbox,
  cwd: string,
  program: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const child = spawn(program, argv, { cwd: `${sandbox.repo}/${cwd}`, env: { ...sandbox.env, ...env } });
  const text: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => text.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => text.push(chunk.toString()));
  const done = new Promise<Ended>((resolve) => {
    child.once('close', (status) => resolve({ status, out: text.join(''), err: '' }));
  });
  const seen = async (wanted: string) => {
    while (!text.join('').includes(wanted)) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { child, done, seen };
}

/** The messages of a run with `-json`. */
export function messages(out: string): readonly Record<string, unknown>[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
