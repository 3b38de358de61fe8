import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { emptyEnvironment, INFRA, run, TINY } from './run-program.ts';

/** Starts a program whose stdout nobody reads yet. */
function start(script: string, args: readonly string[]) {
  const env = emptyEnvironment();
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  return { child, ended };
}

describe('output', () => {
  test('more than 1 MB of JSON arrives whole through a slow pipe, with its status', async () => {
    const { child, ended } = start(TINY, ['big', '--json']);
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) {
      chunks.push(chunk);
      // A reader that is slower than the writer: the pipe is full most of the time.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const document = JSON.parse(Buffer.concat(chunks).toString()) as { lines: string[]; status: string };
    expect(Buffer.concat(chunks).length).toBeGreaterThan(1024 * 1024);
    expect(document.lines).toHaveLength(20_000);
    expect((await ended)[0]).toBe(1);
  });

  test.each([[['big']], [['big', '--json']]])('a reader that leaves early does no harm: %j', async (args) => {
    const { child, ended } = start(TINY, args);
    const errors: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (chunk) => errors.push(chunk));
    child.stdout.once('data', () => child.stdout.destroy());
    expect((await ended)[0]).toBe(1);
    expect(errors.join('')).toBe('');
  });

  test('a closed stdout does not stop a command either', async () => {
    const { child, ended } = start(INFRA, ['completion', 'bash']);
    child.stdout.destroy();
    expect((await ended)[0]).toBe(0);
  });

  test('nor does a closed stderr: the status is that of the command', async () => {
    const { child, ended } = start(TINY, ['frobnicate']);
    child.stderr.destroy();
    expect((await ended)[0]).toBe(64);
  });

  /** Runs a program whose stdout is a file, through a shell. */
  async function into(place: string, script: string, args: readonly string[], before = '') {
    const line = `${before} exec "$@" > '${place}'`;
    const child = spawn('/bin/sh', ['-c', line, 'sh', process.execPath, script, ...args], {
      env: emptyEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    return { status, stderr };
  }

  test.each([[[]], [['--json']]])('an answer that a full disk does not take is told: 69 (%j)', async (flags) => {
    const { status, stderr } = await into('/dev/full', TINY, ['big', ...flags]);
    expect(status).toBe(69);
    expect(stderr).toMatch(
      /^error files.disk-full: Could not write the answer to stdout: no space left on the device \(ENOSPC\)\. The command itself ended with 1;/,
    );
  });

  test('half an answer is no answer: the part that the disk still takes ends with 69', async () => {
    const { HOME } = emptyEnvironment();
    const file = join(HOME, 'answer.json');
    const { status, stderr } = await into(file, TINY, ['big', '--json'], "trap '' XFSZ; ulimit -f 64;");
    expect(readFileSync(file).length).toBeGreaterThan(0);
    expect([status, stderr]).toEqual([69, expect.stringContaining('error files.disk-full')]);
  });

  test('an error keeps its own status, whatever becomes of the answer', async () => {
    expect((await into('/dev/full', TINY, ['frobnicate', '--json'])).status).toBe(64);
  });

  test('more than 1 MB arrives whole in a file', async () => {
    const file = join(emptyEnvironment().HOME, 'answer.json');
    expect((await into(file, TINY, ['big', '--json'])).status).toBe(1);
    expect(JSON.parse(readFileSync(file, 'utf8')).lines).toHaveLength(20_000);
  });

  test('what stderr does not take stops nothing', async () => {
    const { status } = await into('/dev/null', INFRA, ['completion', 'bash', '--debug'], 'exec 2>/dev/full;');
    expect(status).toBe(0);
  });

  test('text goes to stdout, errors to stderr, never both', async () => {
    const good = await run(INFRA, ['completion', 'fish']);
    expect([good.status, good.stderr]).toEqual([0, '']);
    const bad = await run(INFRA, ['completion', 'tcsh']);
    expect([bad.status, bad.stdout]).toEqual([64, '']);
  });

  test('no colour in a pipe, nor with NO_COLOR, nor with --no-color; FORCE_COLOR asks for it', async () => {
    const coloured = async (env: Record<string, string>, ...flags: string[]) =>
      (await run(INFRA, ['completion', 'tcsh', ...flags], { env })).stderr.includes('\u001B[');
    expect(await coloured({})).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true);
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' }, '--no-color')).toBe(false);
  });

  test('help has no colour in a pipe and ends with 0', async () => {
    for (const args of [[], ['--help'], ['completion', '-h']]) {
      const { status, stdout } = await run(INFRA, args);
      expect(status).toBe(0);
      expect(stdout).not.toContain('\u001B[');
      expect(stdout).toContain('USAGE');
    }
  });

  test('--quiet drops progress, not the answer', async () => {
    const { stdout, stderr } = await run(TINY, ['fail', '--how', 'text', '--quiet']);
    expect([stdout, stderr]).toEqual(['the token is \n', '']);
  });
});

describe('secrets', () => {
  const TOKEN = 'sesame-open-4711';
  const env = { VAULT_TOKEN: TOKEN, DEBUG: '*' };
  test.each(['expected', 'defect', 'misfit', 'rejection', 'exception', 'text'])(
    'no token leaves by either stream, even with --debug and DEBUG=*: %s',
    async (how) => {
      for (const flags of [['--debug'], ['--debug', '--json']]) {
        const { stdout, stderr } = await run(TINY, ['fail', '--how', how, ...flags], { env });
        expect(stdout + stderr).not.toContain(TOKEN);
        // DEBUG=* would make libraries print their requests, headers and all.
        expect(stderr).not.toMatch(/Z (oclif|node-vault|follow-redirects)/);
        expect(stderr).toContain('token [secret]');
      }
    },
  );

  test('--debug tells what went wrong, on stderr only', async () => {
    const ended = await run(TINY, ['fail', '--how', 'expected', '--debug', '--json'], { env });
    expect(JSON.parse(ended.stdout).status).toBe('denied');
    expect(ended.stderr).toMatch(/caused by: Error: 403 with \[secret\]/);
  });
});
