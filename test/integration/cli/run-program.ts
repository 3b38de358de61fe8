import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The built CLI. */
export const INFRA = join(ROOT, 'bin/run.js');

/** A few commands on the real main and base class, see test/fixtures/tiny-cli. */
export const TINY = join(ROOT, 'test/fixtures/tiny-cli/run.ts');

/** How a program ended, with both streams. */
export type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** An empty environment with a home of its own: nothing of this machine is read or written. */
export function emptyEnvironment(): { HOME: string; PATH: string; TZ: string } {
  const home = mkdtempSync(join(tmpdir(), 'infra-home-'));
  return { HOME: home, PATH: process.env.PATH ?? '', TZ: 'UTC' };
}

/** Options of a run. `onStderr` gets stderr so far, to act when something has been said. */
export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly node?: string;
  readonly onStderr?: (text: string, child: ReturnType<typeof spawn>) => void;
};

/** Runs a script with Node, without a terminal and with stdin closed. */
export async function run(script: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(options.node ?? process.execPath, [script, ...args], {
    env: { ...emptyEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
    options.onStderr?.(text.stderr, child);
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, ...text };
}
