import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import { isInfraError } from '../../../../src/lib/errors.ts';
import { Secret } from '../../../../src/lib/secrets/secret.ts';
import { addProgram, makeBench, until } from './programs.ts';

let bench: Awaited<ReturnType<typeof makeBench>>;
beforeEach(async () => {
  bench = await makeBench();
  return bench.remove;
});
const processes = (maxOutput?: number) =>
  makeProcesses({ env: bench.env, cwd: bench.folder, ...(maxOutput === undefined ? {} : { maxOutput }) });

/** The error of a promise that must fail with a code. */
async function failure(promise: Promise<unknown>, code: string) {
  const error = await promise.then(
    (value) => new Error(`no error but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!isInfraError(error, code)) throw error;
  return error;
}

describe('run', () => {
  it('gives exit code and both streams as they were written', async () => {
    const ran = await processes().run({ program: 'sh', args: ['-c', 'echo out; echo err >&2; exit 3'] });
    expect(ran).toMatchObject({ exitCode: 3, signal: undefined, stdout: 'out\n', stderr: 'err\n' });
    expect(ran.durationMs).toBeGreaterThan(0);
  });

  it('tells a program that a signal ended from one that exited', async () => {
    const ran = await processes().run({ program: 'sh', args: ['-c', 'kill -9 $$'] });
    expect(ran).toMatchObject({ exitCode: undefined, signal: 'SIGKILL' });
  });

  it('never splits or expands an argument', async () => {
    await addProgram(bench.bin, 'show', '#!/bin/sh\nfor a in "$@"; do printf "<%s>" "$a"; done');
    const args = ['a b', '$HOME', '*', '', '"', '--x=y z'];
    expect((await processes().run({ program: 'show', args })).stdout).toBe(args.map((arg) => `<${arg}>`).join(''));
  });

  it('gives a program without stdin an end of file at once', async () => {
    expect((await processes().run({ program: 'cat', args: [] }, { timeoutMs: 5000 })).stdout).toBe('');
  });

  it('hands stdin over and survives a program that does not read it', async () => {
    expect((await processes().run({ program: 'cat', args: [], stdin: new Secret('hidden value') })).stdout).toBe(
      'hidden value',
    );
    const large = 'x'.repeat(1 << 20);
    expect((await processes().run({ program: 'true', args: [], stdin: large })).exitCode).toBe(0);
  });

  it('passes only the given environment and the secrets on top', async () => {
    const ran = await processes().run({
      program: 'env',
      args: [],
      env: { B: '2' },
      secretEnv: { C: new Secret('three') },
    });
    const names = ran.stdout.split('\n').map((line) => line.split('=')[0]);
    expect(names.filter((name) => name !== '' && name !== '_' && name !== 'PWD' && name !== 'SHLVL').sort()).toEqual([
      'B',
      'C',
      'HOME',
      'PATH',
    ]);
    expect(ran.stdout).toContain('C=three');
  });

  it('streams whole lines, also a last one without a line end', async () => {
    const lines: string[] = [];
    await processes().run({ program: 'printf', args: ['a\\r\\nb\\nüc'] }, { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['a', 'b', 'üc']);
  });

  it('ends the program when a line cannot be handled, and says why', async () => {
    const broken = new Error('cannot');
    const run = processes().run(
      { program: 'sh', args: ['-c', 'echo x; exec sleep 60'] },
      {
        onLine: () => {
          throw broken;
        },
      },
    );
    await expect(run).rejects.toBe(broken);
  });

  it('stops a whole family on a timeout, also a grandchild that holds stdout', async () => {
    const script = 'sleep 61 & echo $! > pid; wait';
    const error = await failure(
      processes().run({ program: 'sh', args: ['-c', script] }, { timeoutMs: 2000 }),
      'process.timeout',
    );
    expect(error.status).toBe('unavailable');
    expect(error.message).toContain('2 s');
    const pid = Number(await readFile(join(bench.folder, 'pid'), 'utf8'));
    await until('the grandchild to end', async () =>
      (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '(x) Z')).includes(') Z') ? true : undefined,
    );
  });

  it('is cancelled by its signal with 130, before and while it runs', async () => {
    const controller = new AbortController();
    const running = processes().run(
      { program: 'sh', args: ['-c', 'echo up; exec sleep 60'] },
      { signal: controller.signal, onLine: () => controller.abort() },
    );
    expect((await failure(running, 'process.cancelled')).status).toBe('sigint');
    await failure(processes().run({ program: 'true', args: [] }, { signal: controller.signal }), 'process.cancelled');
  });

  it('tells a missing program, a file that is no program and a missing folder apart', async () => {
    expect((await failure(processes().run({ program: 'no-such-program', args: [] }), 'process.not-found')).status).toBe(
      'config',
    );
    await failure(processes().run({ program: '/etc/passwd', args: [] }), 'process.not-found');
    const folder = join(bench.folder, 'gone');
    expect(
      (await failure(processes().run({ program: 'true', args: [], cwd: folder }), 'process.bad-cwd')).message,
    ).toContain(folder);
  });

  it('refuses to keep more output than its limit', async () => {
    await failure(
      processes(1000).run({ program: 'sh', args: ['-c', 'yes | head -c 100000'] }),
      'process.output-too-large',
    );
  });

  it('keeps secrets out of errors even where somebody put them into argv', async () => {
    const token = 'hvs.abcdefghijklmnopqrstuvwxyz';
    const command = {
      program: 'sleep',
      args: ['60', token, '--password=correct-horse', 'zebra-quartz'],
      secretEnv: { T: new Secret('zebra-quartz') },
    };
    await addProgram(bench.bin, 'sleep', '#!/bin/sh\nexec /usr/bin/sleep 60');
    const error = await failure(processes().run(command, { timeoutMs: 100 }), 'process.timeout');
    expect(error.message).toContain('sleep 60');
    for (const secret of [token, 'correct-horse', 'zebra-quartz'])
      expect(error.message + String(error.cause)).not.toContain(secret);
  });
});

describe('which', () => {
  it('finds the first program on PATH and ignores files that cannot be run', async () => {
    const tool = await addProgram(bench.bin, 'some-tool', '#!/bin/sh\n');
    expect(await processes().which('some-tool')).toBe(tool);
    expect(await processes().which('absent-tool')).toBeUndefined();
  });
});
