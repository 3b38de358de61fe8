/** Everything that may go wrong while a user is added, on real servers: statuses, Vault, states and journal afterwards. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectComplete, expectUndone, expectUntouched, lastJournal, takeSnapshot } from './harness/aftermath.ts';
import { type Hooks, hookPrograms } from './harness/hooks.ts';
import { makeInfra } from './harness/infra.ts';
import { holdStateLock } from './harness/intruder.ts';
import { startKubernetes } from './harness/kubernetes.ts';
import type { Entry } from './harness/objects.ts';
import { type Stand, startStand } from './harness/stand.ts';
import { leftBehind, pushedState } from './harness/tier0.ts';
import { skipReason } from './harness/tools.ts';
import { readPlatform } from './harness/users.ts';
import { startVault } from './harness/vault.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`user-add-incidents.test.ts is skipped: ${reason}`);

/** One more resource of the vault stack, applied before the first test; tests change what its file says. */
const extra = 'stacks/vault/extra.tf';
const kept = (body: string) => `resource "terraform_data" "kept" {\n${body}\n}\n`;
const standing = kept('  count = 1');
const whenAdded = (name: string) => `contains(keys(local.k8s_users), "${name}")`;

describe.skipIf(reason !== undefined)('infra user add, when things go wrong', () => {
  let stand: Stand;
  let hooks: Hooks;

  beforeAll(async () => {
    stand = await startStand({ shape: 'documented', terragrunt: '1.1.0' });
    await writeFile(join(stand.site.dir, extra), standing);
    // The wrapper commits the states and leaves them readable; a fresh clone has no such files.
    const applied = await stand.site.run('bash', [
      '-ec',
      `git add ${extra}; git commit -qm 'Keep something'
      (cd stacks/vault; bash ../../scripts/tg apply -auto-approve -input=false); git push -q; rm -f state/stacks/*/*.tfstate`,
    ]);
    expect(applied.status, applied.stderr).toBe(0);
    hooks = await hookPrograms(stand.site);
  }, 600_000);

  afterAll(async () => {
    await stand?.stop();
  });

  const role = 'namespace-owner';
  const entryOf = (name: string): Entry => ({ role, email: `${name}@example.test`, namespaces: [name] });
  const command = (name: string) => ['user', 'add', name, '--email', `${name}@example.test`, '--yes'];
  const add = (name: string) => stand.infra.json(...command(name));

  /** Runs `work` while the file of the extra resource says something else. */
  async function whileExtraSays<T>(text: string, work: () => Promise<T>): Promise<T> {
    await writeFile(join(stand.site.dir, extra), text);
    try {
      return await work();
    } finally {
      await writeFile(join(stand.site.dir, extra), standing);
    }
  }

  test.each([
    ['delete', ''],
    ['replace', kept('  count            = 1\n  triggers_replace = "other"')],
    ['forget', 'removed {\n  from = terraform_data.kept\n  lifecycle {\n    destroy = false\n  }\n}\n'],
  ])('a plan that would %s before anything is written: nothing is written', async (verb, text) => {
    const before = await takeSnapshot(stand);
    const document = await whileExtraSays(text, () => add('ned'));
    expect(document).toMatchObject({
      exitStatus: 4,
      result: 'refused',
      error: { code: 'stack.destroy-refused', message: expect.stringContaining(`${verb} terraform_data.kept`) },
    });
    await expectUntouched(stand, before);
    const journal = await lastJournal(stand);
    expect(journal.some((line) => line.data?.event === 'entry-written')).toBe(false);
    expect(journal.at(-1)).toMatchObject({
      event: 'run-end',
      data: { status: 'refused', code: 'stack.destroy-refused' },
    });
  });

  test.each([
    ['delete', kept(`  count = ${whenAdded('ned')} ? 0 : 1`)],
    ['replace', kept(`  count            = 1\n  triggers_replace = ${whenAdded('ned')} ? "added" : null`)],
    ['forget', kept(`  count = ${whenAdded('ned')} ? 0 : 1\n  lifecycle {\n    destroy = false\n  }`)],
  ])('a plan that would %s because of the entry: the entry is taken back', async (verb, text) => {
    const before = await takeSnapshot(stand);
    const document = await whileExtraSays(text, () => add('ned'));
    expect(document).toMatchObject({
      exitStatus: 4,
      result: 'undone',
      error: { code: 'stack.destroy-refused', message: expect.stringContaining(`${verb} terraform_data.kept`) },
    });
    await expectUndone(stand, before);
    expect((await lastJournal(stand)).at(-1)).toMatchObject({
      data: { status: 'refused', code: 'stack.destroy-refused' },
    });
  });

  test('an apply that fails after vault, then a refusal: the entry stays, and the same command completes', async () => {
    const before = await takeSnapshot(stand);
    const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
    await stand.kubernetes.must('POST', bindings, { metadata: { name: 'oidc-ns-owner-readonly-pam' }, roleRef });

    const failed = await add('pam');
    expect(failed).toMatchObject({ exitStatus: 5, result: 'incomplete', error: { code: 'stack.apply-failed' } });
    const half = await takeSnapshot(stand);
    expect(half.platform.users).toEqual({ ...before.platform.users, pam: entryOf('pam') });
    expect(half.vault.addresses).toContain('kubernetes_namespace.user_namespace["pam"]');
    // What the failing apply did make is in the state, and that state is at the origin.
    expect(half.stacks.serial).toBeGreaterThan(before.stacks.serial);
    expect(half.stacks.addresses).toContain('kubernetes_resource_quota.user_quota["pam-pam"]');
    expect(half.stacks.addresses).not.toContain('kubernetes_cluster_role_binding.oidc_ns_owner_readonly["pam"]');
    expect(await leftBehind(stand.site, ['vault', 'platform'])).toEqual([]);
    expect((await lastJournal(stand)).at(-1)).toMatchObject({
      data: { status: 'incomplete', code: 'stack.apply-failed' },
    });
    expect(failed.error?.hints.join('\n')).toContain('infra user add pam');

    await stand.kubernetes.must('DELETE', `${bindings}/oidc-ns-owner-readonly-pam`);
    const text = kept(`  count            = 1\n  triggers_replace = ${whenAdded('pam')} ? "added" : null`);
    const refused = await whileExtraSays(text, () => add('pam'));
    expect(refused).toMatchObject({ exitStatus: 5, result: 'incomplete', error: { code: 'stack.destroy-refused' } });
    expect(await takeSnapshot(stand)).toEqual(half);

    expect(await add('pam')).toMatchObject({ exitStatus: 0, result: 'completed' });
    await expectComplete(stand, 'pam', entryOf('pam'), before);
  });

  test('a plan that became stale: nothing of it is applied, and the same command completes', async () => {
    const before = await takeSnapshot(stand);
    const other = await stand.site.another({ terragrunt: '1.1.0' });
    const inOther = `cd '${join(other.dir, 'stacks/woodpecker')}' && bash ../../scripts/tg apply -auto-approve -input=false`;
    await hooks.once('before', 'tofu-apply-woodpecker', inOther);

    const stale = await add('sam');
    expect(stale).toMatchObject({ exitStatus: 5, result: 'incomplete', error: { code: 'stack.plan-stale' } });
    expect((await readPlatform(stand.vault)).users).toHaveProperty('sam');
    expect((await lastJournal(stand)).at(-1)).toMatchObject({
      data: { status: 'incomplete', code: 'stack.plan-stale' },
    });

    expect(await add('sam')).toMatchObject({ exitStatus: 0, result: 'completed' });
    await expectComplete(stand, 'sam', entryOf('sam'), before);
  });

  test('a state that somebody else has locked: nothing is written', async () => {
    const before = await takeSnapshot(stand);
    const release = await holdStateLock(stand.postgres, 'woodpecker');
    try {
      const infra = await makeInfra(stand.site, { TG_LOCK_TIMEOUT: '1s' });
      const document = await infra.json(...command('lea'));
      expect(document).toMatchObject({ exitStatus: 75, error: { code: 'stack.locked' } });
      const journal = (await infra.journals()).at(-1) ?? [];
      expect(journal.at(-1)).toMatchObject({ event: 'run-end', data: { status: 'busy', code: 'stack.locked' } });
    } finally {
      await release();
    }
    await expectUntouched(stand, before);
  });

  test('the lock of the vault stack, held by somebody on another machine: the entry is taken back', async () => {
    const before = await takeSnapshot(stand);
    const infra = { pid: 4711, startedAt: 'long ago', host: 'elsewhere' };
    const holder = { infra, user: 'eve', run: 'beef', renewedAt: new Date().toISOString() };
    const { data } = await stand.vault.must('POST', 'secret/data/locks/vault', { data: { holder } });
    const document = await add('lea');
    expect(document).toMatchObject({ exitStatus: 75, error: { code: 'stack.locked' } });
    expect(document.error?.message).toContain('eve on elsewhere');
    const { data: lock } = await stand.vault.must('GET', 'secret/data/locks/vault');
    expect([lock.metadata.version, lock.data]).toEqual([data.version, { holder }]);
    await stand.vault.must('DELETE', 'secret/metadata/locks/vault');
    await expectUndone(stand, before);
    expect((await lastJournal(stand)).at(-1)).toMatchObject({ data: { status: 'busy', code: 'stack.locked' } });
  });

  test('a second run for the same user: it is told who is first, and the first completes', async () => {
    const before = await takeSnapshot(stand);
    const gate = await hooks.gate('tofu-plan-vault');
    const first = add('kim');
    await gate.reached();
    const second = await add('kim');
    expect(second).toMatchObject({ exitStatus: 75, error: { code: 'run.locked' } });
    expect((await readPlatform(stand.vault)).version).toBe(before.platform.version);
    await gate.open();
    expect(await first).toMatchObject({ exitStatus: 0, result: 'added' });
    await expectComplete(stand, 'kim', entryOf('kim'), before);
  });

  test('a clone behind its upstream: nothing is written', async () => {
    const before = await takeSnapshot(stand);
    const other = await stand.site.another({ terragrunt: '1.1.0' });
    await writeFile(join(other.dir, extra), `# reviewed\n${standing}`);
    expect((await other.run('git', ['commit', '-qam', 'Review'])).status).toBe(0);
    expect((await other.run('git', ['push', '-q'])).status).toBe(0);

    const runs = (await stand.infra.journals()).length;
    const document = await add('ned');
    expect(document).toMatchObject({ exitStatus: 4, result: 'refused', error: { code: 'stack.behind-upstream' } });
    expect(await takeSnapshot(stand)).toEqual(before);
    expect(await stand.infra.journals()).toHaveLength(runs); // it did not get as far as a run
    expect((await stand.site.run('git', ['pull', '-q', '--ff-only'])).status).toBe(0);
    await expectUntouched(stand, before);
  });

  test('another Vault, another cluster than the stacks have: nothing is written to either', async () => {
    const before = await takeSnapshot(stand);
    const [vault, kubernetes] = await Promise.all([startVault(), startKubernetes()]);
    try {
      const data = { k8s_users: JSON.stringify(before.platform.users) };
      await vault.must('POST', 'secret/data/platform', { data });
      await vault.must('POST', 'sys/auth/oidc', { type: 'oidc' });
      const elsewhere = await makeInfra(stand.site, { VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token });
      const wrongVault = { exitStatus: 78, error: { code: 'site.different-vault' } };
      expect(await elsewhere.json(...command('ned'))).toMatchObject(wrongVault);
      expect(await readPlatform(vault)).toMatchObject({ version: 1, users: before.platform.users });

      const abroad = await makeInfra(stand.site, { KUBECONFIG: kubernetes.kubeconfig });
      const wrongCluster = { exitStatus: 78, error: { code: 'site.different-cluster' } };
      expect(await abroad.json(...command('ned'))).toMatchObject(wrongCluster);
      expect([...(await elsewhere.journals()), ...(await abroad.journals())]).toEqual([]);
    } finally {
      await Promise.all([vault.stop(), kubernetes.stop()]);
    }
    await expectUntouched(stand, before);
  });

  test('a Vault that is sealed by the apply itself: the readable state stays, and the same command saves it', async () => {
    const before = await takeSnapshot(stand);
    const { site, vault } = stand;
    const seal = `curl -fsS -X PUT -H 'X-Vault-Token: ${vault.token}' '${vault.address}/v1/sys/seal'`;
    await hooks.once('after', 'tofu-apply-vault', seal);

    const sealed = await add('zoe');
    expect(sealed).toMatchObject({ exitStatus: 5, result: 'incomplete', error: { code: 'stack.state-not-encrypted' } });
    const readable = join(site.dir, 'state/stacks/vault/terraform.tfstate');
    expect((await stat(readable)).mode & 0o777).toBe(0o600);
    expect(await readFile(readable, 'utf8')).toContain('"index_key": "zoe"');
    expect((await lastJournal(stand)).at(-1)).toMatchObject({ data: { status: 'incomplete' } });

    await vault.unseal();
    expect(await pushedState(site, 'vault')).toEqual(before.vault);
    expect((await readPlatform(vault)).users).toHaveProperty('zoe');
    expect(await add('zoe')).toMatchObject({ exitStatus: 0, result: 'completed' });
    await expectComplete(stand, 'zoe', entryOf('zoe'), before);
  });
});
