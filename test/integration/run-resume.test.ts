import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { ADD_ALICE, type AtLine, addAlice, infra, infraJson } from './user-add/infra.ts';
import {
  appliesOf,
  entriesOf,
  git,
  heads,
  hold,
  journals,
  leftovers,
  letGo,
  onRequest,
  shortLines,
  usersSecret,
} from './user-add/platform.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

const VAULT_APPLIED: AtLine = { event: 'step-applied', step: 'stack vault', do: 'kill' };

/** `user add alice`, killed at one moment. Returns the id of its run. */
async function killed(atLine: AtLine, args: readonly string[] = [...ADD_ALICE, '--yes']): Promise<string> {
  const known = new Set(journals(sandbox).map(({ id }) => id));
  expect(await infra(sandbox, args, { atLine })).toMatchObject({ signal: 'SIGKILL' });
  const made = journals(sandbox).filter(({ id }) => !known.has(id));
  expect(made).toHaveLength(1);
  return made[0]?.id ?? '';
}

const run = (...args: readonly string[]) => infraJson(sandbox, ['run', ...args]);

describe('infra run list and show', () => {
  it('tell a killed run from one that ended, newest first, and how to go on', async () => {
    const id = await killed(VAULT_APPLIED);
    expect((await run('list')).document).toMatchObject({
      status: 'ok',
      runs: [{ id, operation: 'user add', target: 'alice', state: 'killed', lastStep: 'stack vault' }],
    });
    const shown = await run('show', id.slice(0, 5));
    expect(shown.document).toMatchObject({
      status: 'ok',
      run: { id, state: 'killed' },
      journal: journals(sandbox)[0]?.path,
      damaged: 0,
      next: `infra run resume ${id}`,
    });
    const { events } = shown.document as unknown as { events: readonly { event: string; step?: string }[] };
    expect(events.map(({ event }) => event)).toEqual(journals(sandbox)[0]?.lines.map(({ event }) => event));
    const text = await infra(sandbox, ['run', 'show', id]);
    expect(text.stdout).toContain(`infra run resume ${id}`);

    expect((await addAlice(sandbox)).document).toMatchObject({ result: 'completed' });
    const second = journals(sandbox).at(-1)?.id;
    expect((await run('list')).document).toMatchObject({
      runs: [
        { id: second, state: 'ok' },
        { id, state: 'killed' },
      ],
    });
    expect((await run('list', '--limit', '1')).document.runs).toHaveLength(1);
    expect((await run('show', String(second))).document).not.toHaveProperty('next');
  });

  it('say that a run is running while its process lives', async () => {
    const seen: { list?: ReturnType<typeof run> } = {};
    onRequest(sandbox.kubernetes, 'POST /api/v1/namespaces', () => {
      hold(sandbox, 'vault');
      seen.list = run('list').finally(() => letGo(sandbox));
    });
    const added = await addAlice(sandbox);
    expect((await seen.list)?.document).toMatchObject({ runs: [{ id: added.document.run, state: 'running' }] });
  });

  it('count lines that cannot be read, and show the others', async () => {
    const id = await killed(VAULT_APPLIED);
    const path = journals(sandbox)[0]?.path ?? '';
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [...lines.slice(0, 3), '{"at": 7}', 'rubbish', ...lines.slice(3)].join('\n'));
    const { document } = await run('show', id);
    expect(document).toMatchObject({ damaged: 2 });
    expect(document.events).toHaveLength(lines.length - 1);
    expect((await run('resume', id)).document).toMatchObject({ status: 'ok', result: 'completed' });
  });

  it('know nothing of a run that does not exist: 64', async () => {
    expect((await run('list')).document).toMatchObject({ status: 'ok', runs: [] });
    for (const verb of ['show', 'resume']) {
      expect((await run(verb, 'f00d')).document).toMatchObject({
        status: 'usage',
        exitStatus: 64,
        error: { code: 'run.unknown', hints: ['infra run list'] },
      });
    }
  });
});

describe('infra run resume', () => {
  it('completes a killed run without asking again: nothing has changed since it was confirmed', async () => {
    const id = await killed(VAULT_APPLIED);
    const resumed = await run('resume', id);
    expect(resumed.document).toMatchObject({
      command: 'run resume',
      status: 'ok',
      exitStatus: 0,
      resumed: id,
      user: 'alice',
      result: 'completed',
    });
    expect(shortLines(journals(sandbox).at(-1))).toContain('run-resumed');
    expect(appliesOf(sandbox, 'vault')).toHaveLength(1);
    expect(entriesOf(usersSecret(sandbox), 'alice')).toBe(1);
    expect(heads(sandbox).local).toBe(heads(sandbox).remote);
    expect(leftovers(sandbox)).toEqual([]);
    expect((await addAlice(sandbox)).document).toMatchObject({ result: 'nothing-to-change' });
  });

  it('keeps what the run was asked for: name, role, namespaces, quota', async () => {
    const flags = ['--namespace', 'erin-prod', '--namespace', 'erin-dev', '--quota', 'pods=30'];
    const id = await killed({ event: 'confirmed', do: 'kill' }, [
      ...['user', 'add', 'erin', '--email', 'erin@example.com', '--yes'],
      ...flags,
    ]);
    expect((await run('resume', id)).document).toMatchObject({ exitStatus: 64, error: { code: 'run.finished' } });
    const again = await killed({ event: 'note', note: 'entry-written', do: 'kill' }, [
      ...['user', 'add', 'erin', '--email', 'erin@example.com', '--yes'],
      ...flags,
    ]);
    expect((await run('resume', again)).document).toMatchObject({ status: 'ok', user: 'erin', result: 'completed' });
    expect(usersSecret(sandbox).users.erin).toEqual({
      role: 'namespace-owner',
      email: 'erin@example.com',
      namespaces: ['erin-prod', 'erin-dev'],
      quota: { pods: '30' },
    });
  });

  it('goes on after a run that was killed twice, whichever of the two is named', async () => {
    const first = await killed(VAULT_APPLIED);
    const second = await killed({ event: 'confirmed', do: 'kill' }, ['run', 'resume', first]);
    expect((await run('list')).document).toMatchObject({
      runs: [
        { id: second, state: 'killed' },
        { id: first, state: 'killed' },
      ],
    });
    expect((await run('resume', second)).document).toMatchObject({ status: 'ok', result: 'completed' });
    expect(appliesOf(sandbox, 'vault')).toHaveLength(1);
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('asks when the stacks have changed since: 4 without a terminal, and goes on with --yes', async () => {
    const id = await killed(VAULT_APPLIED);
    appendFileSync(join(sandbox.repo, 'stacks/rbac/main.tf'), '\n# Another comment.\n');
    git(sandbox, ['commit', '-q', '-a', '-m', 'Change rbac']);
    git(sandbox, ['push', '-q']);
    const refused = await run('resume', id);
    expect(refused.document).toMatchObject({ error: { code: 'users.not-confirmed' } });
    expect([4, 5]).toContain(refused.status);
    expect(appliesOf(sandbox, 'rbac')).toEqual([]);
    expect(usersSecret(sandbox).users).toHaveProperty('alice');
    expect((await run('resume', id, '--yes')).document).toMatchObject({ status: 'ok', result: 'completed' });
  });

  it('has nothing to do for a run that ended well, and for one that changed nothing: 64', async () => {
    const added = await addAlice(sandbox);
    for (const id of [String(added.document.run), await killed({ line: 1, do: 'kill' }, [...ADD_ERIN, '--yes'])]) {
      expect((await run('resume', id)).document).toMatchObject({
        status: 'usage',
        exitStatus: 64,
        error: { code: 'run.finished' },
      });
    }
    expect(usersSecret(sandbox).users).not.toHaveProperty('erin');
  });

  it('does not run beside a run that is still working: 75', async () => {
    const seen: { refused?: ReturnType<typeof run> } = {};
    onRequest(sandbox.kubernetes, 'POST /api/v1/namespaces', () => {
      hold(sandbox, 'vault');
      seen.refused = run('resume', journals(sandbox)[0]?.id ?? '').finally(() => letGo(sandbox));
    });
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'added' });
    expect((await seen.refused)?.document).toMatchObject({ exitStatus: 75, error: { code: 'run.locked' } });
  });
});

const ADD_ERIN = ['user', 'add', 'erin', '--email', 'erin@example.com'];
