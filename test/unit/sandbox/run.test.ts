import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runSandbox } from '../../../src/sandbox/run.ts';

const INFRA = join(import.meta.dirname, '../../../bin/run.js');

function infra(...argv: readonly string[]) {
  const child = spawn(process.execPath, [INFRA, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    text.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text.err += chunk.toString();
  });
  const done = new Promise<{ status: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, ...text }));
  });
  const seen = async () => {
    while (text.out === '') await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { child, done, seen };
}

test('the status is that of the command, whose words are not touched', async () => {
  const { status, out } = await infra(
    'sandbox',
    '--',
    'sh',
    '-c',
    'echo "$# $1 $2 $3"; exit 37',
    'sh',
    '--json',
    '--',
    '--json',
  ).done;
  expect({ status, out }).toEqual({ status: 37, out: '3 --json -- --json\n' });
});

test('everything is gone afterwards, unless it is to be kept', async () => {
  const gone = await infra('sandbox', '--', 'sh', '-c', 'echo "$INFRA_SANDBOX_DIR"').done;
  expect(existsSync(gone.out.trim())).toBe(false);
  const kept = await infra('sandbox', '--keep', '--', 'true').done;
  const dir = kept.err.replace('Kept: ', '').trim();
  expect(existsSync(join(dir, 'repo', 'infra.yaml'))).toBe(true);
  const { rmSync } = await import('node:fs');
  rmSync(dir, { recursive: true });
});

test('SIGTERM goes on to the command, whose status and words are all there is', async () => {
  const running = infra(
    'sandbox',
    '--',
    'sh',
    '-c',
    'trap "echo stopped; exit 9" TERM; echo "$INFRA_SANDBOX_DIR"; while :; do sleep 0.05; done',
  );
  await running.seen();
  running.child.kill('SIGTERM');
  const { status, out, err } = await running.done;
  expect({ status, err }).toEqual({ status: 9, err: '' });
  expect(out).toContain('stopped');
  expect(existsSync(out.split('\n')[0] ?? '')).toBe(false);
});

test('a command that SIGTERM kills is 143, and everything is gone', async () => {
  const running = infra('sandbox', '--', 'sh', '-c', 'echo "$INFRA_SANDBOX_DIR"; exec sleep 60');
  await running.seen();
  running.child.kill('SIGTERM');
  const { status, out, err } = await running.done;
  expect({ status, err }).toEqual({ status: 143, err: '' });
  expect(existsSync(out.trim())).toBe(false);
});

test('Ctrl-C is left to the command, however often it is pressed', async () => {
  const running = infra('sandbox', '--', 'sh', '-c', 'echo ready; sleep 0.5; echo finished; exit 3');
  await running.seen();
  for (const wait of [0, 100, 100]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    running.child.kill('SIGINT');
  }
  expect(await running.done).toEqual({ status: 3, out: 'ready\nfinished\n', err: '' });
});

test('a signal from before the command has started keeps it from starting', async () => {
  const said: string[] = [];
  const asked = { world: 'healthy', authentik: false, keep: false, env: {}, say: (line: string) => said.push(line) };
  const interrupt = AbortSignal.abort(new Error('stop'));
  const before = process.listenerCount('SIGTERM');
  await expect(runSandbox({ ...asked, command: ['no-such-program'], interrupt })).rejects.toThrow('stop');
  expect(said).toEqual([]);
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('a program that is not there is 127, a world that is not there 64', async () => {
  expect((await infra('sandbox', '--', 'no-such-program').done).status).toBe(127);
  const unknown = await infra('sandbox', '--world', 'nope').done;
  expect(unknown.status).toBe(64);
  expect(unknown.err).toContain('There is no world "nope".');
});

test('the worlds are listed, also as JSON', async () => {
  expect((await infra('sandbox', '--list').done).out).toMatch(/^healthy {2,}\S/);
  const { out } = await infra('sandbox', '--list', '--json').done;
  expect(JSON.parse(out)).toContainEqual({ name: 'healthy', symptom: expect.any(String) });
});
