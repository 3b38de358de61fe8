import { expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { makeMachine } from '../../../../src/lib/clients/machine/live.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import type { RunRecord } from '../../../../src/lib/operation/journal.ts';
import { makeRedactor } from '../../../../src/lib/secrets/redaction.ts';
import { ciClasses } from '../../../../src/lib/stacks/listing/ci-class.ts';
import { lastRuns } from '../../../../src/lib/stacks/listing/last-run.ts';
import { type LockDeps, lockReader } from '../../../../src/lib/stacks/listing/lock.ts';
import type { Stack, Tier } from '../../../../src/lib/stacks/stack.ts';
import { siteHash } from '../../../../src/lib/stacks/tier0/pending.ts';
import { makeSite } from '../support/site.ts';
import { temporaryFolder, writeTree } from '../support/tree.ts';

const stack = (name: string, tier: Tier): Stack => ({
  name,
  tier,
  folder: `/x/${name}`,
  dependencies: [],
  readsUsers: false,
  empty: false,
});

async function lockOf(of: Stack, files: Readonly<Record<string, string>>, more: Partial<LockDeps> = {}) {
  const root = await temporaryFolder();
  const state = await temporaryFolder();
  const processes = makeProcesses({ env: {}, cwd: root, redactor: makeRedactor() });
  const self = JSON.stringify({ infra: await processes.self(), run: 'r1' });
  await writeTree(root, files);
  if (more.stateFolder === 'held') {
    await writeTree(state, { [`locks/${siteHash(root)}-stack-${of.name}.json`]: self });
  }
  return lockReader({
    clients: { files: makeFiles(), machine: makeMachine(), processes },
    site: makeSite({ root }),
    vault: { kvRead: async () => ({ state: 'absent' }) },
    postgres: { reason: 'not asked' },
    ...more,
    stateFolder: state,
  })(of);
}

test('a lock is free only when every place was looked at', async () => {
  expect(await lockOf(stack('vault', 0), {})).toEqual({ state: 'free' });
  expect(await lockOf(stack('blog', 1), {})).toEqual({ state: 'unknown', reason: 'not asked' });
  expect(await lockOf(stack('blog', 1), {}, { postgres: async () => ({ state: 'free' }) })).toEqual({ state: 'free' });
});

test('a Vault that does not answer makes the lock unknown, not free', async () => {
  const kvRead = async (path: string) => {
    throw new InfraError('vault.unreachable', 'unavailable', `Vault: read ${path} got no answer.`);
  };
  expect(await lockOf(stack('vault', 0), {}, { vault: { kvRead } })).toEqual({
    state: 'unknown',
    reason: 'Vault: read secret/locks/STACK got no answer.',
  });
});

test('a holder is named wherever it is found, even when another place cannot be asked', async () => {
  const info = { ID: 'i-1', Who: 'ada@desk', Operation: 'OperationTypeApply', Created: '2026-01-05T09:00:00Z' };
  const files = { 'state/stacks/vault/.terraform.tfstate.lock.info': JSON.stringify(info) };
  expect(await lockOf(stack('vault', 0), files, { vault: { reason: 'no address' } })).toEqual({
    state: 'held',
    by: 'ada@desk (apply)',
    since: '2026-01-05T09:00:00.000Z',
  });
  expect(await lockOf(stack('blog', 1), {}, { stateFolder: 'held' })).toMatchObject({
    state: 'held',
    by: expect.stringMatching(/^run r1 on .* \(pid \d+\)$/),
  });
});

test('the lock info that a killed tofu of this machine left behind holds nothing', async () => {
  const info = { ID: 'i-1', Who: `ada@${makeMachine().host}`, Operation: 'OperationTypeApply' };
  const files = { 'state/stacks/vault/.terraform.tfstate.lock.info': JSON.stringify(info) };
  expect(await lockOf(stack('vault', 0), files)).toEqual({ state: 'free' });
});

test('the advisory lock in Vault names user, host and run; an emptied one is free', async () => {
  const infra = { pid: 7, startedAt: 'x', host: 'desk' };
  const holder = { infra, user: 'ada', run: 'r2', renewedAt: '2026-01-05T09:00:00Z' };
  const reads = (data: Readonly<Record<string, unknown>>): Partial<LockDeps> => ({
    vault: { kvRead: async () => ({ state: 'present', version: 1, data, text: '' }) },
  });
  expect(await lockOf(stack('vault', 0), {}, reads({ holder }))).toMatchObject({ by: 'ada on desk (pid 7, run r2)' });
  expect(await lockOf(stack('vault', 0), {}, reads({ by: 'tg' }))).toMatchObject({ state: 'held' });
  expect(await lockOf(stack('vault', 0), {}, reads({}))).toEqual({ state: 'free' });
});

const record = (id: string, site: string, lines: RunRecord['lines']): RunRecord => ({
  header: {
    id,
    site,
    operation: 'user add',
    target: 'alice',
    inputs: {},
    process: { pid: 1, startedAt: '', host: '' },
    version: '1',
  },
  path: '',
  startedAt: '',
  lines,
  damaged: 0,
  end: undefined,
});

test('the last run of a stack is the newest that worked on it here, with what became of it', () => {
  const at = (second: number): string => `2026-01-05T09:00:0${second}Z`;
  const records = [
    record('new', '/elsewhere', [{ at: at(9), event: 'step-applied', step: 'stack vault' }]),
    record('mid', '/here', [
      { at: at(3), event: 'step-applying', step: 'stack vault' },
      { at: at(4), event: 'note', step: 'stack blog' },
    ]),
    record('old', '/here', [
      { at: at(1), event: 'step-applying', step: 'stack vault' },
      { at: at(2), event: 'step-applied', step: 'stack vault' },
      { at: at(2), event: 'step-failed', step: 'stack blog' },
    ]),
  ];
  expect(Object.fromEntries(lastRuns(records, '/here'))).toEqual({
    vault: { run: 'mid', operation: 'user add', at: at(3), outcome: 'unfinished' },
    blog: { run: 'old', operation: 'user add', at: at(2), outcome: 'failed' },
  });
});

test('the class of a stack is its exact name in the list of the pipeline', async () => {
  const root = await temporaryFolder();
  await writeTree(root, {
    '.woodpecker/default.yml': [
      'commands:',
      '  - |',
      '    PLATFORM_STACKS="dbaas reverse-proxy vault"',
      '    for stack in $PLATFORM_STACKS; do',
      '      if [ "$stack" = "vault" ]; then',
      '        echo "needs a person"; continue',
      '      fi',
      '    done',
    ].join('\n'),
  });
  const classOf = await ciClasses({ files: makeFiles() }, root);
  expect(['dbaas', 'proxy', 'vault', 'blog'].map(classOf)).toEqual(['platform', 'app', 'by-hand', 'app']);
  expect((await ciClasses({ files: makeFiles() }, `${root}/none`))('dbaas')).toBe('none');
});
