import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { readRun, startJournal } from '../../../src/lib/operation/journal.ts';

const files = makeFiles();
const clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infra-journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a journal keeps no secret that a program has put into its error, and every line stays readable', async () => {
  const journal = await startJournal({ files, clock }, folder, {
    id: 'aaaa',
    operation: 'user add',
    target: 'alice',
    site: '/s',
    inputs: { entry: '{"role":"admin"}' },
    process: { pid: 1, startedAt: '0', host: 'h' },
    version: '0',
  });
  const message = [
    'parse "postgres://terraform:pg-canary-1%zz@10.0.0.1/state": invalid URL escape',
    'token hvs.CAESIcanary1canary1canary1',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIcanary1',
  ].join('\n');
  await journal.write('step-failed', 'stack rbac', { code: 'stack.plan-failed', message, nested: [{ message }] });
  await journal.write('run-end', undefined, { status: 'fail' });
  expect(await readFile(journal.path, 'utf8')).not.toContain('canary');
  const record = await readRun({ files }, journal.path);
  expect(record).toMatchObject({
    damaged: 0,
    end: { status: 'fail' },
    header: { inputs: { entry: '{"role":"admin"}' } },
  });
  expect(record?.lines).toHaveLength(3);
});
