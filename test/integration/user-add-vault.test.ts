import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { parsePolicy } from '../../src/sandbox/vault/policy.ts';
import { addToken } from '../../src/sandbox/vault/state.ts';
import { ADD_ALICE, addAlice, infra, infraJson } from './user-add/infra.ts';
import { everything, journals, lastWords, spans, usersSecret } from './user-add/platform.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

/** A token that may edit the users' secret and list its siblings, and nothing that a stack writes. */
function editorToken(): string {
  const { state } = sandbox.vault;
  const rules = [
    'path "secret/data/platform" { capabilities = ["read", "patch"] }',
    'path "secret/metadata/*" { capabilities = ["list", "read"] }',
    'path "identity/*" { capabilities = ["read", "list"] }',
    'path "sys/policies/acl" { capabilities = ["list"] }',
    'path "sys/policies/acl/*" { capabilities = ["read"] }',
  ];
  state.policies.set('editor', parsePolicy('editor', rules.join('\n')));
  addToken(state, { id: 'hvs.only-edits', policies: ['default', 'editor'], ttl: 3600 });
  return 'hvs.only-edits';
}

describe('a Vault that does not let the work be done', () => {
  const refusals = [
    ['does not answer', { VAULT_ADDR: 'http://127.0.0.1:1' }, 'unavailable', 69, /^vault\./],
    ['does not know the token', { VAULT_TOKEN: 'hvs.nobody-knows-this-one' }, 'denied', 77, /^vault\.denied$/],
  ] as const;
  it.each(refusals)('because it %s: nothing is written or journalled', async (_why, env, status, exitStatus, code) => {
    const before = everything(sandbox);
    const run = await addAlice(sandbox, [], { env });
    expect(run.document).toMatchObject({ status, exitStatus, error: { code: expect.stringMatching(code) } });
    expect(run.document.error?.hints).not.toEqual([]);
    expect(everything(sandbox)).toEqual(before);
    expect(journals(sandbox)).toEqual([]);
  });

  it('because it is sealed: nothing is written', async () => {
    sandbox.vault.state.sealed = true;
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({ status: 'unavailable', exitStatus: 69, error: { code: 'vault.sealed' } });
    sandbox.vault.state.sealed = false;
    expect(usersSecret(sandbox).version).toBe(1);
  });
});

describe('a token that may only edit the users', () => {
  it('is refused before anything, with the way that is open to it', async () => {
    const before = everything(sandbox);
    const run = await addAlice(sandbox, [], { env: { VAULT_TOKEN: editorToken() } });
    expect(run.document).toMatchObject({
      status: 'denied',
      exitStatus: 77,
      error: { code: 'vault.denied', hints: expect.arrayContaining([expect.stringContaining('--no-apply')]) },
    });
    expect(everything(sandbox)).toEqual(before);
  });

  it('adds the entry with --no-apply and names what is left', async () => {
    const run = await addAlice(sandbox, ['--no-apply'], { env: { VAULT_TOKEN: editorToken() } });
    expect(run.document).toMatchObject({ status: 'ok', result: 'edited', edit: { version: 2 } });
    expect(usersSecret(sandbox).users).toHaveProperty('alice');
  });
});

describe('--no-apply', () => {
  it('asks Vault only: with neither cluster nor stacks it edits, reads back and prints the commands that are left', async () => {
    const before = usersSecret(sandbox);
    const run = await addAlice(sandbox, ['--no-apply'], { env: { KUBECONFIG: '/nowhere' } });
    expect(run.document).toMatchObject({ status: 'ok', exitStatus: 0, result: 'edited', edit: { version: 2 } });
    expect(run.document.commandsLeft).toEqual([
      '(cd stacks/vault && ../../scripts/tg apply)',
      '(cd stacks/platform && ../../scripts/tg apply)',
      '(cd stacks/rbac && ../../scripts/tg apply)',
      '(cd stacks/k8s-dashboard && ../../scripts/tg apply)',
      '(cd stacks/woodpecker && ../../scripts/tg apply)',
      'infra user verify alice',
    ]);
    const { users, version, otherKeys } = usersSecret(sandbox);
    expect({ users, version, otherKeys }).toEqual({
      users: { ...before.users, alice: { role: 'namespace-owner', email: 'alice@example.com', namespaces: ['alice'] } },
      version: 2,
      otherKeys: before.otherKeys,
    });
    expect(spans(sandbox)).toEqual([]);
    expect(lastWords(sandbox)).toEqual({ lines: ['step-verified edit', 'run-end'], end: { status: 'ok' } });

    const again = await addAlice(sandbox, ['--no-apply'], { env: { KUBECONFIG: '/nowhere' } });
    expect(again.document).toMatchObject({
      result: 'edited',
      exitStatus: 0,
      edit: { version: 2, diff: [] },
      commandsLeft: run.document.commandsLeft,
    });
    const { stdout } = await infra(sandbox, [...ADD_ALICE, '--no-apply', '--yes']);
    expect(stdout).toContain('The entry is there already (version 2); the stacks were not looked at.');
    expect(stdout).not.toMatch(/complete|unfinished/);
    const look = await infraJson(sandbox, [...ADD_ALICE, '--no-apply', '--dry-run']);
    expect(look.document).toMatchObject({ result: 'planned', exitStatus: 0, edit: { version: 2, diff: [] } });
    expect(look.document.commandsLeft).toEqual(run.document.commandsLeft);
    expect(journals(sandbox)).toHaveLength(1);
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'completed' });
    expect(usersSecret(sandbox).version).toBe(2);
  });

  it('names the run that was left unfinished', async () => {
    const atLine = { event: 'step-applying', step: 'stack vault', do: 'kill' } as const;
    expect(await infra(sandbox, [...ADD_ALICE, '--yes'], { atLine })).toMatchObject({ signal: 'SIGKILL' });
    const [killed] = journals(sandbox);
    const run = await addAlice(sandbox, ['--no-apply']);
    expect(run.document).toMatchObject({ result: 'edited', exitStatus: 0 });
    expect(run.document.byHand).toContain(
      `run ${killed?.id} for alice is unfinished (infra run show ${killed?.id}): infra user add alice --email alice@example.com`,
    );
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'completed' });
  });
});

describe('--dry-run', () => {
  it('reads everything, says what would be done and why the plans wait, and changes nothing', async () => {
    const before = everything(sandbox);
    const run = await infraJson(sandbox, [...ADD_ALICE, '--dry-run']);
    expect(run.document).toMatchObject({
      status: 'ok',
      exitStatus: 0,
      result: 'planned',
      steps: [
        { step: 'edit', actions: [{ kind: 'vault-kv', diff: [expect.stringContaining('alice')] }] },
        { step: 'stack vault', state: 'deferred', detail: expect.stringContaining('planned after the edit') },
        { step: 'stack platform', state: 'deferred' },
        { step: 'stack rbac', state: 'deferred' },
        { step: 'stack k8s-dashboard', state: 'deferred' },
        { step: 'stack woodpecker', state: 'deferred' },
      ],
    });
    expect(everything(sandbox)).toEqual(before);
    expect(journals(sandbox)).toEqual([]);
    expect(spans(sandbox).filter(({ argv }) => argv.includes('apply'))).toEqual([]);
  });
});

describe('an entry of the same name with other values', () => {
  it('is shown as a diff and refused: 65', async () => {
    const before = everything(sandbox);
    const run = await infraJson(sandbox, ['user', 'add', 'bob', '--email', 'robert@sandbox.test', '--yes']);
    expect(run.document).toMatchObject({ status: 'data', exitStatus: 65, error: { code: 'users.entry-differs' } });
    const { message, violations } = run.document.error as {
      message: string;
      violations?: readonly { message: string }[];
    };
    const told = [message, ...(violations ?? []).map((each) => each.message)].join('\n');
    expect(told).toContain('bob@sandbox.test');
    expect(told).toContain('robert@sandbox.test');
    expect(everything(sandbox)).toEqual(before);
  });
});
