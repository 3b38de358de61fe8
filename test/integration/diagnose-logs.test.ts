import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { documentOf } from '../document.ts';
import { emptyEnvironment, INFRA, run } from './cli/run-program.ts';

const OUTAGE = join(import.meta.dirname, '../golden/diagnose-logs/outage.log');
const ENOSPC = readFileSync(OUTAGE, 'utf8');
const NOISE =
  '{"error":null,"event":"failed to decode session","level":"warning","timestamp":"2026-04-18T10:54:13Z"}\n';
const folder = mkdtempSync(join(tmpdir(), 'infra-logs-'));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const logs = (...args: readonly string[]) => run(INFRA, ['diagnose', 'logs', ...args]);

/** The command with something on stdin; with `close` its stdout is closed after the first bytes. */
async function piped(input: string | Uint8Array, args: readonly string[] = [], close = false) {
  const child = spawn(process.execPath, [INFRA, 'diagnose', 'logs', ...args], { env: emptyEnvironment() });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.stderr += chunk;
  });
  child.stdin.on('error', () => undefined);
  if (close) child.stdout.destroy();
  child.stdin.end(input);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, ...text };
}

describe('infra diagnose logs', () => {
  test('tells the cause, what follows from it, the unknown and the noise', async () => {
    const { status, stdout, stderr } = await piped(ENOSPC);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('../golden/diagnose-logs/outage.txt');
  });

  test('prints one valid document, with both codes and nothing secret', async () => {
    const { status, stdout } = await piped(ENOSPC, ['--json']);
    const document = documentOf(stdout);
    expect(status).toBe(2);
    expect(document).toMatchObject({
      status: 'fail',
      verdict: 'FAIL',
      findings: [
        { signature: 'AG1', code: 'authentik.session-store-full', rootCause: 'authentik.outpost.shm-full', count: 2 },
        { signature: 'AG2', causedBy: 'logs.AG1' },
        { signature: 'AG3', causedBy: 'logs.AG1' },
        { signature: 'PF10', role: 'unexplained-effect' },
        { signature: 'AG17', role: 'noise' },
        { signature: 'AG16', role: 'good' },
      ],
    });
    expect(stdout).not.toMatch(/QX5NHKRZ|3EJ5YYYY|7Q2XXXX/);
  });

  test('ends with 0 for known noise, with 3 for errors that it does not know and for silence', async () => {
    expect((await piped(NOISE)).status).toBe(0);
    expect((await piped(`${NOISE}ERROR what is this\n`)).status).toBe(3);
    expect((await piped('hello\n')).status).toBe(3);
  });

  test('reads several files, gzip by its first bytes, and adds them up', async () => {
    const names = [file('a.log', ENOSPC), file('b.log', gzipSync(ENOSPC)), file('c.gz', NOISE)];
    const { status, stdout } = await logs('--json', ...names);
    expect(status).toBe(2);
    expect(documentOf(stdout)).toMatchObject({
      read: names,
      findings: [{ signature: 'AG1', count: 4 }, {}, {}, {}, {}, {}],
    });
  });

  test('an empty file beside others is named, and they are no PASS', async () => {
    const empty = file('empty.log', '');
    const { status, stdout } = await logs('--json', file('c.log', NOISE), empty);
    expect(status).toBe(3);
    expect(documentOf(stdout)).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'partial',
      summary: expect.stringContaining(`${empty} is empty`),
    });
    expect((await logs(file('a.log', ENOSPC), empty)).status).toBe(2);
  });

  test('tells what it could read when one of several files cannot be, and ends with that error', async () => {
    const { status, stdout } = await logs('--json', file('a.log', ENOSPC), join(folder, 'missing.log'));
    expect(status).toBe(65);
    expect(documentOf(stdout)).toMatchObject({ error: { code: 'logs.no-file' }, verdict: 'FAIL' });
    const text = await logs(file('a.log', ENOSPC), join(folder, 'missing.log'));
    expect(text.stdout).toContain('authentik.outpost.shm-full');
    expect(text.stderr).toContain('missing.log');
  });

  test.each([
    ['an empty file', () => [file('empty.log', '')], 65, 'logs.empty'],
    ['a binary file', () => [file('binary.log', new Uint8Array(4096))], 65, 'logs.not-text'],
    ['a folder', () => [folder], 65, 'logs.not-a-file'],
    ['a file that is not there', () => [join(folder, 'missing')], 65, 'logs.no-file'],
    ['half a gzip', () => [file('half.gz', gzipSync(ENOSPC).subarray(0, 200))], 65, 'logs.bad-gzip'],
    ['a pod without a namespace', () => ['--pod', 'x'], 64, 'usage.logs'],
    ['a namespace without pods', () => ['--namespace', 'x'], 64, 'usage.logs'],
    ['files and pods', () => ['--namespace', 'x', '--pod', 'y', OUTAGE], 64, 'usage.logs'],
    ['stdin twice', () => ['-', '-'], 64, 'usage.logs'],
    ['a bad duration', () => ['--namespace', 'x', '--pod', 'y', '--since', '1x'], 64, 'usage.bad-duration'],
  ])('%s is an error of its own', async (_, args, status, code) => {
    const ended = await logs('--json', ...args());
    expect(ended.status).toBe(status);
    expect(documentOf(ended.stdout)).toMatchObject({ error: { code } });
  });

  test('unpacks gzip from stdin, and says that stdin was empty', async () => {
    expect((await piped(gzipSync(ENOSPC))).status).toBe(2);
    const { status, stderr } = await piped('');
    expect({ status, stderr }).toMatchObject({ status: 65, stderr: expect.stringContaining('stdin is empty') });
  });

  test('a reader that goes away ends it quietly', async () => {
    const { stderr } = await piped(ENOSPC.repeat(2000), ['--json'], true);
    expect(stderr).toBe('');
  });
});
