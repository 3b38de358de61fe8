import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { makeGit } from '../../../../src/lib/clients/git/live.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import { type Journal, startJournal } from '../../../../src/lib/operation/journal.ts';
import { ADD_OPERATION, entryText, findEarlierRun, treeDigest } from '../../../../src/lib/users/add/earlier-run.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { alice } from '../facts-for-tests.ts';

const user = alice();
const site = fakeSite();
const inputs = { entry: entryText(user), tree: 'one' };
const files = makeFiles();
const change = { stack: 'vault', address: 'x.y', type: 'x', class: 'update', digest: 'd' };
let folder: string;
let minute = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infra-earlier-'));
});
afterEach(() => rm(folder, { recursive: true }));

function journal(id: string): Promise<Journal> {
  minute += 1;
  const at = new Date(Date.UTC(2026, 0, 1, 0, minute));
  const clock = { now: () => at, monotonic: () => 0, sleep: async () => {} };
  const process = { pid: 1, startedAt: '0', host: 'h' };
  const header = { id, operation: ADD_OPERATION, target: 'alice', site: site.root.value, process, version: '0' };
  return startJournal({ files, clock }, folder, { ...header, inputs: { ...inputs, user } });
}

/** A run that was killed while it applied vault. */
async function killedInVault(): Promise<void> {
  const killed = await journal('aaaa');
  await killed.write('baseline', undefined, { stack: 'vault', changes: [change] });
  await killed.write('baseline', undefined, { stack: 'rbac', changes: [] });
  await killed.write('confirmed');
  await killed.write('step-applying', 'edit');
  await killed.write('step-applying', 'stack vault');
}

const find = () => findEarlierRun({ files }, folder, site, user, inputs);

test('nothing is forgotten when the run that goes on is killed at its very first line', async () => {
  await killedInVault();
  await journal('bbbb');
  const earlier = await find();
  expect(earlier).toMatchObject({ sameInputs: true, applying: ['vault'] });
  expect([...(earlier?.baseline?.keys() ?? [])]).toEqual(['vault', 'rbac']);
});

test('nothing is forgotten when the run that goes on is killed while it copies the baseline', async () => {
  await killedInVault();
  const second = await journal('bbbb');
  await second.write('run-resumed', undefined, { run: 'aaaa', applying: ['vault'] });
  await second.write('baseline', undefined, { stack: 'vault', changes: [change] });
  const earlier = await find();
  expect(earlier).toMatchObject({ sameInputs: true, applying: ['vault'] });
  expect([...(earlier?.baseline?.keys() ?? [])]).toEqual(['vault', 'rbac']);
});

test('a run that goes on and ends well settles what came before it, although it had nothing left to write', async () => {
  await killedInVault();
  const second = await journal('bbbb');
  await second.write('run-resumed', undefined, { run: 'aaaa', applying: ['vault'] });
  await second.write('run-end', undefined, { status: 'ok' });
  expect(await find()).toBeUndefined();
  await journal('cccc');
  expect(await find()).toBeUndefined();
});

test('a change of a file that was changed already is another tree', async () => {
  const env = { PATH: process.env.PATH ?? '', HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: folder, env });
  const processes = makeProcesses({ env });
  const clients = { files, git: makeGit({ processes, files }) };
  const file = join(folder, 'terragrunt.hcl');
  await writeFile(file, '1');
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '-q', '-m', 'x');
  const digest = () => treeDigest(clients, fakeSite(folder), ['vault']);
  const seen = [await digest()];
  for (const text of ['2', '3', '1']) {
    await writeFile(file, text);
    seen.push(await digest());
  }
  expect(new Set(seen).size).toBe(3);
  expect(seen[3]).toBe(seen[0]);
});
