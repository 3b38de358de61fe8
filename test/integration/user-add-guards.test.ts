import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { addAlice } from './user-add/infra.ts';
import {
  heads,
  journals,
  lastWords,
  leftovers,
  onRequest,
  stateInFile,
  stateOnRemote,
  usersSecret,
} from './user-add/platform.ts';
import { onceWritten, pushFromElsewhere } from './user-add/repository.ts';

// Each test runs the whole command, some of them several times.
/** One resource of bob's in the stack vault, which is applied first, and one in rbac, which is applied later. */
const IN_VAULT = 'vault_policy.namespace_owner["bob"]';
const IN_RBAC = 'module.rbac.kubernetes_cluster_role_binding.oidc_ns_owner_readonly["bob"]';

const DESTRUCTIONS = [
  ['delete', 'planDelete'],
  ['replace', 'planReplace'],
  ['forget', 'planForget'],
] as const;

describe('a plan that would lose something', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.stop());

  const destroyRefused = (kind: string, stack: string, address: string) => ({
    code: 'stack.destroy-refused',
    message: expect.stringContaining(`The plan of ${stack} would ${kind} ${address}`),
    violations: [{ code: `stack.${kind}`, message: expect.stringContaining(address) }],
  });

  describe.each(DESTRUCTIONS)('a %s', (kind, fault) => {
    it('that was there before: nothing is written at all', async () => {
      const before = { secret: usersSecret(sandbox), heads: heads(sandbox), cluster: sandbox.kubernetes.state.version };
      await sandbox.setFaults({ rbac: { [fault]: [IN_RBAC] } });
      const run = await addAlice(sandbox);
      expect(run.document).toMatchObject({
        status: 'refused',
        exitStatus: 4,
        result: 'refused',
        error: destroyRefused(kind, 'rbac', IN_RBAC),
        steps: [],
      });
      expect({
        secret: usersSecret(sandbox),
        heads: heads(sandbox),
        cluster: sandbox.kubernetes.state.version,
      }).toEqual(before);
      expect(leftovers(sandbox)).toEqual([]);
      expect(lastWords(sandbox)).toMatchObject({
        lines: ['baseline', 'run-end'],
        end: { status: 'refused', code: 'stack.destroy-refused' },
      });
    });

    it('that appears with the entry, in the first stack: the edit is undone', async () => {
      const before = usersSecret(sandbox);
      const { local } = heads(sandbox);
      const run = await addAlice(sandbox, [], { atLine: onceWritten(sandbox, { vault: { [fault]: [IN_VAULT] } }) });
      expect(run.document).toMatchObject({
        status: 'refused',
        exitStatus: 4,
        result: 'undone',
        error: destroyRefused(kind, 'vault', IN_VAULT),
        steps: expect.arrayContaining([
          expect.objectContaining({ step: 'edit', state: 'rolled-back' }),
          expect.objectContaining({ step: 'stack vault', state: 'refused' }),
          expect.objectContaining({ step: 'stack rbac', state: 'blocked' }),
        ]),
      });
      const after = usersSecret(sandbox);
      expect(after).toEqual({ ...before, version: before.version + 2 });
      expect(heads(sandbox)).toEqual({ local, remote: local });
      expect(leftovers(sandbox)).toEqual([]);
      expect(lastWords(sandbox, 5)).toMatchObject({
        lines: [
          'step-failed stack vault',
          'rollback-starting edit',
          'entry-removed edit',
          'rolled-back edit',
          'run-end',
        ],
        end: { status: 'refused', code: 'stack.destroy-refused' },
      });
    });
  });

  it('that appears when vault has been applied: the entry stays, and the same command completes', async () => {
    const faults = { rbac: { planDelete: [IN_RBAC] } };
    const run = await addAlice(sandbox, [], { atLine: onceWritten(sandbox, faults) });
    expect(run.document).toMatchObject({
      status: 'incomplete',
      exitStatus: 5,
      result: 'incomplete',
      error: {
        ...destroyRefused('delete', 'rbac', IN_RBAC),
        hints: expect.arrayContaining([expect.stringContaining('infra user add alice --email alice@example.com')]),
      },
      steps: [
        { step: 'edit', state: 'applied' },
        { step: 'stack vault', state: 'applied' },
        { step: 'stack platform', state: 'done' },
        { step: 'stack rbac', state: 'refused' },
        { step: 'stack k8s-dashboard', state: 'blocked' },
        { step: 'stack woodpecker', state: 'blocked' },
      ],
    });
    expect(usersSecret(sandbox)).toMatchObject({ version: 2, users: { alice: { email: 'alice@example.com' } } });
    expect(await stateOnRemote(sandbox, 'vault')).toMatchObject({ serial: 2 });
    expect(heads(sandbox).local).toBe(heads(sandbox).remote);
    expect(leftovers(sandbox)).toEqual([]);
    expect(lastWords(sandbox)).toMatchObject({
      lines: ['step-failed stack rbac', 'run-end'],
      end: { status: 'incomplete', code: 'stack.destroy-refused' },
    });

    const second = await addAlice(sandbox);
    expect(second.document.error).toMatchObject({ code: 'stack.destroy-refused' });
    expect(second.status).toBe(5);
    expect(usersSecret(sandbox)).toMatchObject({ version: 2, users: { alice: {} } });

    await sandbox.setFaults({});
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'completed' });
    expect(usersSecret(sandbox).version).toBe(2);
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('that appears with the entry, while the cluster cannot say whether its objects exist: the entry stays', async () => {
    onRequest(sandbox.vault, 'PATCH /v1/secret/data/platform', () => {
      sandbox.kubernetes.inject({ path: '/api/v1/namespaces/alice', status: 503 });
    });
    const atLine = onceWritten(sandbox, { vault: { planDelete: [IN_VAULT] } });
    const run = await addAlice(sandbox, [], { atLine });
    expect(run.document).toMatchObject({
      status: 'incomplete',
      exitStatus: 5,
      result: 'incomplete',
      error: { code: 'stack.destroy-refused' },
    });
    expect(usersSecret(sandbox)).toMatchObject({ version: 2, users: { alice: {} } });
    expect(lastWords(sandbox, 3)).toMatchObject({
      lines: ['rollback-starting edit', 'rolled-back edit', 'run-end'],
      end: { status: 'incomplete', code: 'stack.destroy-refused' },
    });
    expect(journals(sandbox).at(-1)?.lines.at(-2)?.data).toMatchObject({ outcome: 'kept' });
  });

  it('with a state that is lost: refused before anything is built a second time', async () => {
    const run = await addAlice(sandbox, [], { atLine: onceWritten(sandbox, { vault: { stateLost: true } }) });
    expect(run.document).toMatchObject({ status: 'refused', result: 'undone', error: { code: 'stack.state-lost' } });
    expect(usersSecret(sandbox)).toMatchObject({ version: 3 });
    expect(usersSecret(sandbox).users).not.toHaveProperty('alice');
  });
});

describe('a plan that is no longer true', () => {
  it('is not applied when its state has moved on: 75, and the same command plans anew', async () => {
    const sandbox = await startSandbox();
    try {
      const file = join(sandbox.dir, 'pg/rbac.tfstate');
      const { serial } = stateInFile(file);
      const moved = readFileSync(file, 'utf8').replace(`"serial": ${serial}`, `"serial": ${serial + 1}`);
      const run = await addAlice(sandbox, [], {
        atLine: { event: 'step-applying', step: 'stack rbac', do: { write: { [file]: moved } } },
      });
      expect(run.document).toMatchObject({ status: 'incomplete', exitStatus: 5, error: { code: 'stack.plan-stale' } });
      expect(stateInFile(file).serial).toBe(serial + 1);
      expect(leftovers(sandbox)).toEqual([]);
      expect(lastWords(sandbox)).toMatchObject({
        lines: ['step-failed stack rbac', 'run-end'],
        end: { status: 'incomplete', code: 'stack.plan-stale' },
      });
      expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'completed' });
      expect(stateInFile(file).serial).toBe(serial + 2);
    } finally {
      await sandbox.stop();
    }
  });

  it.each([
    ['stacks/vault/main.tf', 'changed stacks/vault of vault'],
    ['state/stacks/vault/terraform.tfstate.enc', 'changed state/stacks/vault/terraform.tfstate.enc of vault'],
  ])('is never made in a clone that is behind in %s', async (file, said) => {
    const sandbox = await startSandbox();
    try {
      pushFromElsewhere(sandbox, file, '\n');
      const before = { secret: usersSecret(sandbox), heads: heads(sandbox) };
      const run = await addAlice(sandbox);
      expect(run.document).toMatchObject({
        status: 'refused',
        exitStatus: 4,
        error: {
          code: 'stack.behind-upstream',
          message: expect.stringContaining(said),
          hints: expect.arrayContaining(['git pull --rebase']),
        },
      });
      expect({ secret: usersSecret(sandbox), heads: heads(sandbox) }).toEqual(before);
      expect(journals(sandbox)).toEqual([]);
    } finally {
      await sandbox.stop();
    }
  });
});
