import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { type Journal, startJournal } from '../../../../src/lib/operation/journal.ts';
import { ADD_OPERATION, entryText, findEarlierRun } from '../../../../src/lib/users/add/earlier-run.ts';
import type { User } from '../../../../src/lib/users/entry.ts';
import { fakeSite } from '../../../fakes/site.ts';

const alice: User = {
  name: 'alice',
  entry: { role: 'namespace-owner', email: 'alice@example.com', namespaces: ['alice'], domains: [], quota: {} },
};
const site = fakeSite();
const inputs = { entry: entryText(alice), tree: 'one' };
const files = makeFiles();
let folder: string;
let minute = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infra-earlier-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A journal that starts a minute after the one before. */
function journal(id: string, more: { target?: string; inputs?: Record<string, unknown> } = {}): Promise<Journal> {
  minute += 1;
  const at = new Date(Date.UTC(2026, 0, 1, 0, minute));
  const clock = { now: () => at, monotonic: () => 0, sleep: async () => {} };
  return startJournal({ files, clock }, folder, {
    id,
    operation: ADD_OPERATION,
    target: more.target ?? 'alice',
    site: site.root.value,
    inputs: more.inputs ?? { ...inputs, user: alice },
    process: { pid: 1, startedAt: '0', host: 'h' },
    version: '0',
  });
}

const find = () => findEarlierRun({ files }, folder, site, alice, inputs);

test('a run that was killed after its edit is gone on with, and asks no second time', async () => {
  const killed = await journal('aaaa');
  await killed.write('baseline', undefined, {
    stack: 'vault',
    changes: [{ stack: 'vault', address: 'x.y', type: 'x', class: 'update', digest: 'd' }],
  });
  await killed.write('confirmed');
  await killed.write('step-applying', 'edit');
  await killed.write('step-applying', 'stack vault');
  const earlier = await find();
  expect(earlier?.record.header.id).toBe('aaaa');
  expect(earlier?.sameInputs).toBe(true);
  expect(earlier?.applying).toEqual(['vault']);
  expect(earlier?.baseline?.get('vault')?.[0]?.address).toBe('x.y');
});

test('a changed tree asks again', async () => {
  const killed = await journal('aaaa', { inputs: { ...inputs, tree: 'other', user: alice } });
  await killed.write('confirmed');
  await killed.write('step-applying', 'edit');
  expect((await find())?.sameInputs).toBe(false);
});

test('a run that ended well, was undone, or never wrote, leaves nothing to go on with', async () => {
  const ok = await journal('aaaa');
  await ok.write('step-applying', 'edit');
  await ok.write('run-end', undefined, { status: 'ok' });
  expect(await find()).toBeUndefined();

  const undone = await journal('bbbb');
  await undone.write('step-applying', 'edit');
  await undone.write('rolled-back', 'edit', { outcome: 'undone', detail: '' });
  await undone.write('run-end', undefined, { status: 'refused' });
  expect(await find()).toBeUndefined();

  const refused = await journal('cccc');
  await refused.write('run-end', undefined, { status: 'refused' });
  expect(await find()).toBeUndefined();
});

test('what a resumed run inherited is not lost when it is refused before it writes anything', async () => {
  const killed = await journal('aaaa');
  await killed.write('step-applying', 'edit');
  await killed.write('step-applying', 'stack vault');
  const resumed = await journal('bbbb');
  await resumed.write('run-resumed', undefined, { run: 'aaaa', applying: ['vault'] });
  await resumed.write('run-end', undefined, { status: 'refused' });
  const earlier = await find();
  expect(earlier?.record.header.id).toBe('bbbb');
  expect(earlier?.applying).toEqual(['vault']);
});

test('other users’ runs do not count', async () => {
  const other = await journal('aaaa', { target: 'bob' });
  await other.write('step-applying', 'edit');
  expect(await find()).toBeUndefined();
});
