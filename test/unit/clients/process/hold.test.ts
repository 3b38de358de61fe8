import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HoldOptions, ProcessIdentity } from '../../../../src/lib/clients/process/client.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import { Secret } from '../../../../src/lib/secrets/secret.ts';
import { addProgram, makeBench, until } from './programs.ts';

let bench: Awaited<ReturnType<typeof makeBench>>;
beforeEach(async () => {
  bench = await makeBench();
  return bench.remove;
});
const processes = () => makeProcesses({ env: bench.env, cwd: bench.folder });
const file = (name: string): string => join(bench.folder, name);
const readOr = (name: string): Promise<string | undefined> => readFile(file(name), 'utf8').catch(() => undefined);
function options(more: Partial<HoldOptions> = {}): HoldOptions {
  return {
    outputFolder: bench.folder,
    onStart: async () => undefined,
    interrupt: new AbortController().signal,
    ...more,
  };
}

/** Notes each SIGINT it gets, as does its child, which is in the same group; ends a while after the first one. */
const COUNTER = `#!${process.execPath}
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
const role = process.argv[2];
process.on('SIGINT', () => {
  appendFileSync(role, 'x');
  setTimeout(() => process.exit(0), 300);
});
setInterval(() => undefined, 1000);
if (role === 'parent') spawn(process.argv[1], ['grandchild'], { stdio: 'inherit' });
else console.log('ready');
`;

describe('hold', () => {
  it('lets nothing run before onStart has resolved', async () => {
    let existed: boolean | undefined;
    let journalled: ProcessIdentity | undefined;
    const ran = await processes().hold(
      { program: 'sh', args: ['-c', 'echo $$ > started'] },
      options({
        onStart: async (child) => {
          await new Promise((resolve) => setTimeout(resolve, 200)); // Time in which an ungated child would have run.
          existed = (await readOr('started')) !== undefined;
          journalled = child;
        },
      }),
    );
    expect(existed).toBe(false);
    expect(ran.exitCode).toBe(0);
    expect(Number(await readOr('started'))).toBe(journalled?.pid);
  });

  it('runs nothing when the journal cannot be written', async () => {
    const full = new Error('disk full');
    await expect(
      processes().hold({ program: 'touch', args: ['ran'] }, options({ onStart: () => Promise.reject(full) })),
    ).rejects.toBe(full);
    expect(await readOr('ran')).toBeUndefined();
  });

  it('runs nothing when the interrupt came before or during the journal line', async () => {
    const early = new AbortController();
    early.abort();
    await expect(
      processes().hold({ program: 'touch', args: ['ran'] }, options({ interrupt: early.signal })),
    ).rejects.toMatchObject({ code: 'process.cancelled' });
    const during = new AbortController();
    const hold = processes().hold(
      { program: 'touch', args: ['ran'] },
      options({ interrupt: during.signal, onStart: async () => during.abort() }),
    );
    await expect(hold).rejects.toMatchObject({ code: 'process.cancelled' });
    expect(await readOr('ran')).toBeUndefined();
  });

  it('keeps the identity across the gate: alive while it runs, dead afterwards', async () => {
    const own = processes();
    let identity: ProcessIdentity | undefined;
    let during: string | undefined;
    await addProgram(bench.bin, 'wait-for-file', '#!/bin/sh\necho up\nwhile [ ! -e go ]; do sleep 0.02; done\n');
    await own.hold(
      { program: 'wait-for-file', args: [] },
      options({
        onStart: async (child) => {
          identity = child;
        },
        onLine: () => {
          void (identity === undefined ? Promise.resolve('none') : own.liveness(identity)).then((alive) => {
            during = alive;
            return writeFile(file('go'), '');
          });
        },
      }),
    );
    expect(during).toBe('alive');
    expect(identity && (await own.liveness(identity))).toBe('dead');
  });

  it('sends exactly one SIGINT, to the child alone, and waits for as long as it takes', async () => {
    await addProgram(bench.bin, 'counter.mjs', COUNTER);
    const controller = new AbortController();
    const holding = processes().hold(
      { program: 'counter.mjs', args: ['parent'] },
      options({
        interrupt: controller.signal,
        onLine: () => {
          controller.abort();
          controller.abort();
        },
      }),
    );
    expect((await holding).exitCode).toBe(0);
    expect(await readOr('parent')).toBe('x');
    expect(await readOr('grandchild')).toBeUndefined();
    // Not asked to end: still there, in the session of its parent.
    const group = Number(
      (await spawnText('ps', ['-eo', 'pid=,args=']))
        .split('\n')
        .find((row) => row.includes(`${bench.bin}/counter.mjs grandchild`))
        ?.trim()
        .split(' ')[0],
    );
    process.kill(group, 'SIGKILL');
  });

  it('does not count a program as ended by a signal while a part of its session still runs', async () => {
    await addProgram(bench.bin, 'leaves-child', '#!/bin/sh\n(sleep 0.4; echo late >> trace) &\nkill -9 $$\n');
    const ran = await processes().hold({ program: 'leaves-child', args: [] }, options());
    expect(ran).toMatchObject({ exitCode: undefined, signal: 'SIGKILL' });
    expect(await readOr('trace')).toBe('late\n');
  });

  it('streams the lines of stdout and returns both streams, in files that only the owner reads', async () => {
    const lines: string[] = [];
    const ran = await processes().hold(
      { program: 'sh', args: ['-c', 'cat; echo err >&2; printf tail'], stdin: new Secret('from stdin\n') },
      options({ onLine: (line) => lines.push(line) }),
    );
    expect(lines).toEqual(['from stdin', 'tail']);
    expect(ran).toMatchObject({ exitCode: 0, stdout: 'from stdin\ntail', stderr: 'err\n' });
    expect((await stat(file('stdout'))).mode & 0o777).toBe(0o600);
  });

  it('neither loses nor repeats what an earlier child left in the folder', async () => {
    await processes().hold({ program: 'echo', args: ['first'] }, options());
    const lines: string[] = [];
    const ran = await processes().hold(
      { program: 'echo', args: ['second'] },
      options({ onLine: (line) => lines.push(line) }),
    );
    expect([ran.stdout, lines]).toEqual(['second\n', ['second']]);
    expect(await readOr('stdout')).toBe('first\nsecond\n');
  });

  it('reports a failing line handler only after the child has ended', async () => {
    const broken = new Error('cannot');
    const hold = processes().hold(
      { program: 'sh', args: ['-c', 'echo x; sleep 0.3; touch finished'] },
      options({
        onLine: () => {
          throw broken;
        },
      }),
    );
    await expect(hold).rejects.toBe(broken);
    expect(await readOr('finished')).toBe('');
  });
});

describe('a child whose infra is killed', () => {
  /** Starts a second infra-like process that holds a child, and gives it with the child's identity. */
  async function startHolder(
    gateClosed: boolean,
  ): Promise<{ readonly holder: ChildProcess; readonly identity: ProcessIdentity }> {
    const live = new URL('../../../../src/lib/clients/process/live.ts', import.meta.url).href;
    await writeFile(
      file('holder.mjs'),
      `import { writeFileSync } from 'node:fs';
import { makeProcesses } from '${live}';
await makeProcesses({ env: process.env }).hold(
  { program: 'sh', args: ['-c', 'echo ran > ran; while [ ! -e go ]; do sleep 0.02; echo line; done; echo done > done'] },
  { outputFolder: '.', interrupt: new AbortController().signal, onStart: async (child) => {
    writeFileSync('identity.part', JSON.stringify(child));
    (await import('node:fs')).renameSync('identity.part', 'identity');
    ${gateClosed ? 'setInterval(() => undefined, 1000); await new Promise(() => undefined);' : ''}
  } });`,
    );
    const holder = spawn(process.execPath, ['holder.mjs'], { cwd: bench.folder, env: bench.env, stdio: 'inherit' });
    return { holder, identity: JSON.parse(await until('the identity', () => readOr('identity'))) };
  }

  it('lives on, keeps writing without a broken pipe, and is seen as alive until it ends', async () => {
    const { holder, identity } = await startHolder(false);
    await until('the child to run', () => readOr('ran'));
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.once('exit', resolve));
    const size = (await stat(file('stdout'))).size;
    await until('more output', async () => ((await stat(file('stdout'))).size > size + 20 ? true : undefined));
    expect(await processes().liveness(identity)).toBe('alive');
    await writeFile(file('go'), '');
    await until('the child to end', async () => ((await processes().liveness(identity)) === 'dead' ? true : undefined));
    expect(await readOr('done')).toBe('done\n');
  });

  it('never runs when infra died before its journal line was written', async () => {
    const { holder, identity } = await startHolder(true);
    holder.kill('SIGKILL');
    await until('the gate to close', async () =>
      (await processes().liveness(identity)) === 'dead' ? true : undefined,
    );
    expect(await readOr('ran')).toBeUndefined();
  });
});

function spawnText(program: string, args: readonly string[]): Promise<string> {
  return processes()
    .run({ program, args })
    .then((ran) => ran.stdout);
}
