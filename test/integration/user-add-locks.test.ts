import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { putVersion } from '../../src/sandbox/vault/kv.ts';
import { addAlice } from './user-add/infra.ts';
import {
  heads,
  journals,
  lastWords,
  leftovers,
  plainState,
  stateInFile,
  stateOnRemote,
  usersSecret,
} from './user-add/platform.ts';
import { impatient, onceWritten, refusePushes } from './user-add/repository.ts';

// Each test runs the whole command, some of them several times.
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

describe('a lock that somebody else holds', () => {
  it('on a state, before anything: 75, and nothing is written', async () => {
    const before = { secret: usersSecret(sandbox), heads: heads(sandbox) };
    await sandbox.setFaults({ vault: { lockedBy: 'bob@laptop' } });
    const run = await addAlice(sandbox, [], { env: impatient(sandbox, '300ms') });
    expect(run.document).toMatchObject({
      status: 'busy',
      exitStatus: 75,
      result: 'failed',
      error: { code: 'stack.locked', message: expect.stringContaining('vault') },
      steps: [],
    });
    expect({ secret: usersSecret(sandbox), heads: heads(sandbox) }).toEqual(before);
    expect(leftovers(sandbox)).toEqual([]);
    expect(lastWords(sandbox, 1)).toEqual({ lines: ['run-end'], end: { status: 'busy', code: 'stack.locked' } });
  });

  it('on the first state, taken just after the edit: 75, and the edit is undone', async () => {
    const before = usersSecret(sandbox);
    const run = await addAlice(sandbox, [], {
      env: impatient(sandbox, '300ms'),
      atLine: onceWritten(sandbox, { vault: { lockedBy: 'bob@laptop' } }),
    });
    expect(run.document).toMatchObject({ status: 'busy', exitStatus: 75, error: { code: 'stack.locked' } });
    expect(usersSecret(sandbox)).toEqual({ ...before, version: before.version + 2 });
    expect(leftovers(sandbox)).toEqual([]);
    expect(lastWords(sandbox, 4)).toMatchObject({
      lines: ['rollback-starting edit', 'entry-removed edit', 'rolled-back edit', 'run-end'],
      end: { status: 'busy', code: 'stack.locked' },
    });
  });

  it('in Vault, by a living infra on another machine: 75 naming the holder, and the edit is undone', async () => {
    const before = usersSecret(sandbox);
    const { local } = heads(sandbox);
    const holder = {
      infra: { pid: 4711, startedAt: 'boot pid:[1] 99', host: 'another-machine' },
      user: 'carol',
      run: 'c0ffee00',
      renewedAt: new Date().toISOString(),
    };
    putVersion(sandbox.vault.state.secrets, 'locks/vault', { holder });
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'busy',
      exitStatus: 75,
      error: { code: 'stack.locked', message: expect.stringContaining('carol on another-machine') },
    });
    expect(usersSecret(sandbox)).toEqual({ ...before, version: before.version + 2 });
    expect(heads(sandbox)).toEqual({ local, remote: local });
    // What is left is the other's lock, and only that.
    expect(leftovers(sandbox)).toEqual(['Vault locks/vault']);
  });
});

describe('an apply that fails', () => {
  it('in rbac, half-way: 5, its state is kept, and the same command completes when the cause is gone', async () => {
    await sandbox.setFaults({ rbac: { applyFailsAfter: 3 } });
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'incomplete',
      exitStatus: 5,
      result: 'incomplete',
      error: {
        code: 'stack.apply-failed',
        message: expect.stringContaining('the server is currently unable to handle the request'),
        hints: expect.arrayContaining([expect.stringContaining('infra user add alice')]),
      },
    });
    expect(usersSecret(sandbox)).toMatchObject({ version: 2, users: { alice: {} } });
    expect(leftovers(sandbox)).toEqual([]);
    expect(lastWords(sandbox, 3)).toMatchObject({
      lines: ['child-ended stack rbac', 'step-failed stack rbac', 'run-end'],
      end: { status: 'incomplete', code: 'stack.apply-failed' },
    });
    const first = journals(sandbox).at(-1)?.id;

    await sandbox.setFaults({});
    const second = await addAlice(sandbox);
    expect(second.document).toMatchObject({ status: 'ok', result: 'completed' });
    expect(journals(sandbox).at(-1)?.lines).toContainEqual(
      expect.objectContaining({ event: 'run-resumed', data: expect.objectContaining({ run: first }) }),
    );
    expect(usersSecret(sandbox).version).toBe(2);
  });

  it('in vault, half-way: 5, what was made is in the state that was pushed, and the same command completes', async () => {
    await sandbox.setFaults({ vault: { applyFailsAfter: 2 } });
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({ status: 'incomplete', exitStatus: 5, error: { code: 'stack.apply-failed' } });
    const saved = await stateOnRemote(sandbox, 'vault');
    expect(saved.serial).toBe(2);
    expect(saved.addresses).toContain('kubernetes_namespace.user_namespace["alice"]');
    expect(saved.addresses).not.toContain('vault_identity_entity.namespace_owner["alice"]');
    expect(usersSecret(sandbox)).toMatchObject({ version: 2, users: { alice: {} } });
    expect(leftovers(sandbox)).toEqual([]);

    await sandbox.setFaults({});
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'completed' });
    expect((await stateOnRemote(sandbox, 'vault')).serial).toBe(3);
  });
});

describe('a state that cannot be put away', () => {
  it('because the apply itself sealed Vault: 5, the readable state stays (0600), and is saved once Vault is open', async () => {
    await sandbox.setFaults({ vault: { sealVaultDuringApply: true } });
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'incomplete',
      exitStatus: 5,
      result: 'incomplete',
      error: { code: 'stack.state-not-encrypted', message: expect.stringContaining(plainState(sandbox, 'vault')) },
    });
    expect(statSync(plainState(sandbox, 'vault')).mode & 0o777).toBe(0o600);
    expect(stateInFile(plainState(sandbox, 'vault'))).toMatchObject({ serial: 2 });
    expect(heads(sandbox).local).toBe(heads(sandbox).remote);
    expect(await stateOnRemote(sandbox, 'vault')).toMatchObject({ serial: 1 });
    expect(lastWords(sandbox)).toMatchObject({
      lines: ['step-failed stack vault', 'run-end'],
      end: { status: 'incomplete', code: 'stack.state-not-encrypted' },
    });

    sandbox.vault.state.sealed = false;
    await sandbox.setFaults({});
    expect(usersSecret(sandbox)).toMatchObject({ version: 2, users: { alice: {} } });
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'completed' });
    expect(await stateOnRemote(sandbox, 'vault')).toMatchObject({ serial: 3 });
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('because the remote rejects the push: 5, the state is committed here, and pushed once the remote takes it', async () => {
    const admit = refusePushes(sandbox);
    const { remote } = heads(sandbox);
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'incomplete',
      exitStatus: 5,
      error: { code: 'stack.state-not-pushed', hints: expect.arrayContaining([expect.stringContaining('git push')]) },
    });
    expect(heads(sandbox).remote).toBe(remote);
    expect(heads(sandbox).local).not.toBe(remote);
    expect(lastWords(sandbox, 3)).toMatchObject({
      lines: ['state-committed stack vault', 'step-failed stack vault', 'run-end'],
      end: { status: 'incomplete', code: 'stack.state-not-pushed' },
    });

    admit();
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'completed' });
    expect(heads(sandbox).local).toBe(heads(sandbox).remote);
    expect(await stateOnRemote(sandbox, 'vault')).toMatchObject({ serial: 2 });
    expect(leftovers(sandbox)).toEqual([]);
  });
});
