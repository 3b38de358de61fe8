import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeClock } from '../../src/lib/clients/clock/live.ts';
import type { Files } from '../../src/lib/clients/files/client.ts';
import { makeFiles } from '../../src/lib/clients/files/live.ts';
import { makeProcesses } from '../../src/lib/clients/process/live.ts';
import { takeRunLock } from '../../src/lib/stacks/run/run-lock.ts';

const processes = makeProcesses({ env: { PATH: process.env.PATH } });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infra-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const take = (run: string, files: Files = makeFiles()) =>
  takeRunLock(
    { files, processes, clock: makeClock() },
    {
      stateFolder: folder,
      siteRoot: '/repository',
      target: 'stack-vault',
      run,
      waitMs: 0,
      interrupt: new AbortController().signal,
    },
  );

it('is not taken twice when its holder lets go while two others look', async () => {
  const files = makeFiles();
  const first = await take('first');
  let third: Promise<unknown> | undefined;
  // The second run finds the lock held; the first lets go before it is read, and a third run takes it right then.
  const second = take('second', {
    ...files,
    async createExclusive(path, content, mode) {
      const created = await files.createExclusive(path, content, mode);
      if (!created && path.endsWith('stack-vault.json')) await first.release();
      return created;
    },
    async writeAtomic(path, content, mode) {
      third ??= take('third');
      await third;
      await files.writeAtomic(path, content, mode);
    },
  });
  const [how] = await Promise.allSettled([second]);
  third ??= take('third');
  const [other] = await Promise.allSettled([third]);
  expect([how?.status, other?.status].sort()).toEqual(['fulfilled', 'rejected']);
  const [name = ''] = (await files.list(join(folder, 'locks')))?.map((entry) => entry.name) ?? [];
  const holder = JSON.parse(await readFile(join(folder, 'locks', name), 'utf8')) as { run: string };
  expect(holder.run).toBe(how?.status === 'fulfilled' ? 'second' : 'third');
});
