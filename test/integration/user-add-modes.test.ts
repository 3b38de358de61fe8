import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { at } from '../../src/sandbox/kubernetes/object.ts';
import { find } from '../../src/sandbox/kubernetes/state.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start.ts';
import { ADD_ALICE, addAlice, infraJson } from './user-add/infra.ts';
import {
  appliesOf,
  everything,
  journals,
  lastWords,
  leftovers,
  stateOnRemote,
  usersSecret,
} from './user-add/platform.ts';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.stop()));
});

async function started(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  running.push(sandbox);
  return sandbox;
}

describe('changes that stood before and are not about the user', () => {
  const STANDING = { vault: { drift: 'vault_policy.ci' } };

  it('are listed apart and need a yes of their own: 4 without one, and the edit is undone', async () => {
    const sandbox = await started();
    const before = usersSecret(sandbox);
    await sandbox.setFaults(STANDING);
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'refused',
      exitStatus: 4,
      standingDrift: [{ stack: 'vault', address: 'vault_policy.ci', class: 'update' }],
      error: {
        code: 'stack.unrelated-changes',
        violations: [{ message: 'update vault_policy.ci' }],
        hints: expect.arrayContaining([expect.stringContaining('--allow-unrelated')]),
      },
    });
    expect(usersSecret(sandbox)).toEqual({ ...before, version: before.version + 2 });
    expect(appliesOf(sandbox, 'vault')).toEqual([]);
    expect(lastWords(sandbox)).toMatchObject({
      lines: ['rolled-back edit', 'run-end'],
      end: { status: 'refused', code: 'stack.unrelated-changes' },
    });
  });

  it('are applied with --allow-unrelated', async () => {
    const sandbox = await started();
    await sandbox.setFaults(STANDING);
    const run = await addAlice(sandbox, ['--allow-unrelated']);
    expect(run.document).toMatchObject({
      status: 'ok',
      result: 'added',
      standingDrift: [{ stack: 'vault', address: 'vault_policy.ci', class: 'update' }],
    });
    expect(leftovers(sandbox)).toEqual([]);
  });
});

describe('stacks that talk to another platform than infra', () => {
  it('by the cluster of their kubeconfig: 78, and nothing is written', async () => {
    const [sandbox, other] = [await started(), await started()];
    const system = find(other.kubernetes.state, '', 'namespaces', undefined, 'kube-system');
    Object.assign(system?.metadata ?? {}, { uid: '00000000-0000-4000-8000-00000000beef' });
    writeFileSync(join(sandbox.repo, 'config'), readFileSync(join(other.repo, 'config')));
    const before = everything(sandbox);
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'config',
      exitStatus: 78,
      error: { code: 'site.different-cluster', message: expect.stringContaining(other.kubernetes.tlsUrl) },
    });
    expect(everything(sandbox)).toEqual(before);
    expect(journals(sandbox)).toEqual([]);
  });

  it('by the Vault of their providers: 78, and nothing is written', async () => {
    const [sandbox, other] = [await started(), await started()];
    Object.assign(other.vault.state, { clusterId: '00000000-0000-4000-8000-00000000beef' });
    for (const name of ['terragrunt.hcl', '.sops.yaml']) {
      const file = join(sandbox.repo, name);
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(sandbox.vault.url, other.vault.url));
    }
    const before = everything(sandbox);
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'config',
      exitStatus: 78,
      error: { code: 'site.different-vault', message: expect.stringContaining(other.vault.url) },
    });
    expect(everything(sandbox)).toEqual(before);
    expect(usersSecret(other).version).toBe(1);
    expect(journals(sandbox)).toEqual([]);
  });
});

describe('roles', () => {
  it.each([
    ['power-user', [], ['rbac'], ['vault']],
    ['admin', ['--confirm', 'erin@example.com'], ['rbac'], ['vault']],
  ])('%s ends with every object proved', async (role, flags, applied, untouched) => {
    const sandbox = await started();
    const serial = (await stateOnRemote(sandbox, 'vault')).serial;
    const args = ['user', 'add', 'erin', '--role', role, '--email', 'erin@example.com', '--yes', ...flags];
    const run = await infraJson(sandbox, args);
    expect(run.document).toMatchObject({ status: 'ok', result: 'added', entry: { role } });
    expect(usersSecret(sandbox).users).toMatchObject({ erin: { role, email: 'erin@example.com' } });
    for (const stack of applied) expect(appliesOf(sandbox, stack)).toHaveLength(1);
    for (const stack of untouched) expect(appliesOf(sandbox, stack)).toHaveLength(0);
    expect((await stateOnRemote(sandbox, 'vault')).serial).toBe(serial);
    const verified = await infraJson(sandbox, ['user', 'verify', 'erin']);
    expect(verified.document).toMatchObject({ status: 'ok', counts: { FAIL: 0, UNKNOWN: 0, WARN: 0 } });
    expect((await infraJson(sandbox, args)).document).toMatchObject({ result: 'nothing-to-change', exitStatus: 0 });
  });

  it.each([
    ['without the e-mail typed twice', [], 'was not confirmed'],
    ['with another e-mail', ['--confirm', 'frank@example.com'], 'does not match'],
  ])('admin %s is refused: 4, although --yes was given', async (_how, flags, said) => {
    const sandbox = await started();
    const before = everything(sandbox);
    const args = ['user', 'add', 'erin', '--role', 'admin', '--email', 'erin@example.com', '--yes', ...flags];
    expect((await infraJson(sandbox, args)).document).toMatchObject({
      status: 'refused',
      exitStatus: 4,
      error: { code: 'users.admin-not-confirmed', message: expect.stringContaining(said) },
    });
    expect(everything(sandbox)).toEqual(before);
  });
});

describe('a name that nobody has claimed in Forgejo', () => {
  it('is refused: whoever registers it would be a Woodpecker admin', async () => {
    const sandbox = await started();
    const before = everything(sandbox);
    const run = await infraJson(sandbox, ['user', 'add', 'zoe', '--email', 'zoe@example.com', '--yes']);
    expect(run.document).toMatchObject({
      status: 'refused',
      exitStatus: 4,
      error: { code: 'users.forgejo-unclaimed' },
    });
    expect(everything(sandbox)).toEqual(before);
  });
});

describe('--restart-portal for somebody who has everything', () => {
  const restartedAt = (sandbox: Sandbox): unknown => {
    const portal = find(sandbox.kubernetes.state, 'apps', 'deployments', 'k8s-portal', 'k8s-portal');
    const annotations = at(portal, 'spec', 'template', 'metadata', 'annotations');
    return at(annotations, 'kubectl.kubernetes.io/restartedAt');
  };

  it('restarts it, after the question that is asked otherwise too, and leaves the stacks alone', async () => {
    const sandbox = await started();
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'added' });
    const [before, applies] = [everything(sandbox), appliesOf(sandbox, 'vault').length];
    const noAnswer = await infraJson(sandbox, [...ADD_ALICE, '--restart-portal']);
    expect(noAnswer.document).toMatchObject({ exitStatus: 4, error: { code: 'users.not-confirmed' } });
    expect((await addAlice(sandbox, ['--restart-portal', '--dry-run'])).document).toMatchObject({
      exitStatus: 0,
      result: 'planned',
      steps: [{ step: 'portal', state: 'planned' }],
    });
    expect(everything(sandbox)).toEqual(before);
    expect(restartedAt(sandbox)).toBeUndefined();

    const run = await addAlice(sandbox, ['--restart-portal']);
    expect(run.document).toMatchObject({
      exitStatus: 0,
      result: 'completed',
      steps: [{ step: 'portal', state: 'applied' }],
    });
    expect(run.stderr).toMatch(/What is left is the restart of\s+k8s-portal\/k8s-portal/);
    expect(String(run.document.byHand)).not.toContain('rollout restart');
    expect(restartedAt(sandbox)).toEqual(expect.any(String));
    expect(appliesOf(sandbox, 'vault')).toHaveLength(applies);
    expect(lastWords(sandbox)).toEqual({ lines: ['step-verified portal', 'run-end'], end: { status: 'ok' } });
    expect((await addAlice(sandbox)).document).toMatchObject({ result: 'nothing-to-change' });
  });

  it('is among the commands that are left with --no-apply', async () => {
    const sandbox = await started();
    for (const _ of ['the first time', 'the second']) {
      const { document } = await addAlice(sandbox, ['--no-apply', '--restart-portal']);
      expect((document.commandsLeft as readonly string[]).slice(-2)).toEqual([
        'kubectl -n k8s-portal rollout restart deployment k8s-portal',
        'infra user verify alice',
      ]);
    }
    expect(restartedAt(sandbox)).toBeUndefined();
  });
});

describe('with a token for Authentik', () => {
  const groupsOf = (sandbox: Sandbox, email: string): readonly string[] =>
    [...sandbox.authentik.state.users.values()].find((user) => user.email === email)?.groups ?? [];

  it('the groups of the role are joined and verified', async () => {
    const sandbox = await started({ authentik: true });
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'ok',
      result: 'added',
      findings: expect.arrayContaining([
        expect.objectContaining({ id: 'users.authentik-groups/alice', verdict: 'PASS' }),
      ]),
    });
    expect(groupsOf(sandbox, 'alice@example.com')).toEqual(
      expect.arrayContaining(['kubernetes-namespace-owners', 'sops-alice']),
    );
    expect(groupsOf(sandbox, 'bob@sandbox.test')).not.toContain('sops-alice');
    expect((await addAlice(sandbox)).document).toMatchObject({ result: 'nothing-to-change' });
  });

  it('an e-mail that it does not know is refused before anything: 65', async () => {
    const sandbox = await started({ authentik: true });
    const before = everything(sandbox);
    const run = await infraJson(sandbox, ['user', 'add', 'erin', '--email', 'nobody@example.com', '--yes']);
    expect(run.document).toMatchObject({
      status: 'data',
      exitStatus: 65,
      error: { code: 'users.authentik-no-account' },
    });
    expect(everything(sandbox)).toEqual(before);
  });
});

describe('the documented shape', () => {
  it('ends with every object proved, through vault, platform and woodpecker', async () => {
    const sandbox = await started({ world: 'healthy-documented' });
    const run = await addAlice(sandbox);
    expect(run.document).toMatchObject({
      status: 'ok',
      result: 'added',
      shape: 'documented',
      order: [{ stack: 'vault' }, { stack: 'platform' }, { stack: 'woodpecker' }],
    });
    expect(await stateOnRemote(sandbox, 'platform')).toMatchObject({ serial: 2 });
    expect(leftovers(sandbox)).toEqual([]);
    expect((await addAlice(sandbox)).document).toMatchObject({ result: 'nothing-to-change' });
  });
});
