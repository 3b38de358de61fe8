/** Everything that may go wrong while a user is added, on real servers: statuses, Vault, states and journal afterwards. */
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hooks, hookPrograms } from './harness/hooks.ts';
import { type Line, makeInfra } from './harness/infra.ts';
import { holdStateLock } from './harness/intruder.ts';
import { startKubernetes } from './harness/kubernetes.ts';
import { type Entry, missingObjects } from './harness/objects.ts';
import { type Stand, startStand } from './harness/stand.ts';
import { leftBehind, type PushedState, pushedState } from './harness/tier0.ts';
import { skipReason } from './harness/tools.ts';
import { type Platform, readPlatform } from './harness/users.ts';
import { startVault } from './harness/vault.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`user-add-incidents.test.ts is skipped: ${reason}`);

/** One more resource of the vault stack, applied before the first test. Tests change what its file says. */
const extra = 'stacks/vault/extra.tf';
const kept = (body: string) => `resource "terraform_data" "kept" {\n${body}\n}\n`;
const standing = kept('  count = 1');
const whenAdded = (name: string) => `contains(keys(local.k8s_users), "${name}")`;

describe.skipIf(reason !== undefined)('infra user add, when things go wrong', () => {
  let stand: Stand;
  let hooks: Hooks;

  beforeAll(async () => {
    stand = await startStand({ shape: 'documented', terragrunt: '1.1.0' });
    const { site } = stand;
    await writeFile(join(site.dir, extra), standing);
    expect((await site.run('git', ['add', extra])).status).toBe(0);
    expect((await site.run('git', ['commit', '-qm', 'Keep something'])).status).toBe(0);
    const applied = await site.tg('vault', 'apply', '-auto-approve', '-input=false');
    expect(applied.status, applied.stderr).toBe(0);
    expect((await site.run('git', ['push', '-q'])).status).toBe(0);
    // The repository's wrapper leaves them; a fresh clone has none.
    await site.run('bash', ['-c', 'rm -f state/stacks/*/terraform.tfstate']);
    hooks = await hookPrograms(site);
  }, 180_000);

  afterAll(async () => {
    await stand?.stop();
  });

  interface Snapshot {
    platform: Platform;
    vault: PushedState;
    stacks: PushedState;
  }

  async function snapshot(): Promise<Snapshot> {
    const { site, vault } = stand;
    const [platform, vaultState, stacks] = await Promise.all([
      readPlatform(vault),
      pushedState(site, 'vault'),
      pushedState(site, 'platform'),
    ]);
    return { platform, vault: vaultState, stacks };
  }

  const entryOf = (name: string): Entry => ({
    role: 'namespace-owner',
    email: `${name}@example.test`,
    namespaces: [name],
  });
  const command = (name: string) => ['user', 'add', name, '--email', `${name}@example.test`, '--yes'];
  const add = (name: string) => stand.infra.json(...command(name));
  const lastJournal = async (): Promise<Line[]> => (await stand.infra.journals()).at(-1) ?? [];
  const noteOf = (lines: Line[], event: string) => lines.find((line) => line.data?.event === event);

  /** Runs `work` while the file of the extra resource says something else. */
  async function whileExtraSays<T>(text: string, work: () => Promise<T>): Promise<T> {
    await writeFile(join(stand.site.dir, extra), text);
    try {
      return await work();
    } finally {
      await writeFile(join(stand.site.dir, extra), standing);
    }
  }

  /** Nothing was written at all: the very same version. */
  async function expectUntouched(before: Snapshot): Promise<void> {
    expect(await snapshot()).toEqual(before);
    expect(await leftBehind(stand.site, ['vault', 'platform'])).toEqual([]);
  }

  /** Written and taken back: two versions later everything reads as before. */
  async function expectUndone(before: Snapshot): Promise<void> {
    const after = await snapshot();
    expect(after.platform).toEqual({ ...before.platform, version: before.platform.version + 2 });
    expect([after.vault, after.stacks]).toEqual([before.vault, before.stacks]);
    expect(await leftBehind(stand.site, ['vault', 'platform'])).toEqual([]);
    const journal = await lastJournal();
    expect(noteOf(journal, 'entry-written')).toBeDefined();
    expect(journal.find((line) => line.event === 'rolled-back')).toMatchObject({ data: { outcome: 'undone' } });
  }

  async function expectComplete(name: string, before: Snapshot): Promise<void> {
    expect(await missingObjects(stand, name, entryOf(name))).toEqual([]);
    const after = await snapshot();
    expect(after.platform.users).toEqual({ ...before.platform.users, [name]: { ...entryOf(name) } });
    expect(after.platform.others).toBe(before.platform.others);
    expect(after.vault.lineage).toBe(before.vault.lineage);
    expect(after.vault.addresses).toContain(`kubernetes_namespace.user_namespace["${name}"]`);
    expect(after.vault.addresses).toContain('terraform_data.kept["0"]');
    expect(await leftBehind(stand.site, ['vault', 'platform'])).toEqual([]);
    expect((await lastJournal()).at(-1)).toMatchObject({ event: 'run-end', data: { status: 'ok' } });
  }

  test.each([
    ['delete', ''],
    ['replace', kept('  count            = 1\n  triggers_replace = "other"')],
    ['forget', 'removed {\n  from = terraform_data.kept\n  lifecycle {\n    destroy = false\n  }\n}\n'],
  ])('a plan that would %s before anything is written: nothing is written', async (verb, text) => {
    const before = await snapshot();
    const document = await whileExtraSays(text, () => add('ned'));
    expect(document).toMatchObject({
      exitStatus: 4,
      result: 'refused',
      error: { code: 'stack.destroy-refused', message: expect.stringContaining(`${verb} terraform_data.kept`) },
    });
    await expectUntouched(before);
    const journal = await lastJournal();
    expect(noteOf(journal, 'entry-written')).toBeUndefined();
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
    const before = await snapshot();
    const document = await whileExtraSays(text, () => add('ned'));
    expect(document).toMatchObject({
      exitStatus: 4,
      result: 'undone',
      error: { code: 'stack.destroy-refused', message: expect.stringContaining(`${verb} terraform_data.kept`) },
    });
    await expectUndone(before);
    expect((await lastJournal()).at(-1)).toMatchObject({ data: { status: 'refused', code: 'stack.destroy-refused' } });
  });

  test('an apply that fails after vault, then a refusal: the entry stays, and the same command completes', async () => {
    const before = await snapshot();
    const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
    await stand.kubernetes.must('POST', bindings, { metadata: { name: 'oidc-ns-owner-readonly-pam' }, roleRef });

    const failed = await add('pam');
    expect(failed).toMatchObject({ exitStatus: 5, result: 'incomplete', error: { code: 'stack.apply-failed' } });
    const half = await snapshot();
    expect(half.platform.users).toEqual({ ...before.platform.users, pam: entryOf('pam') });
    expect(half.vault.addresses).toContain('kubernetes_namespace.user_namespace["pam"]');
    // What the failing apply did make is in the state, and that state is at the origin.
    expect(half.stacks.serial).toBeGreaterThan(before.stacks.serial);
    expect(half.stacks.addresses).toContain('kubernetes_resource_quota.user_quota["pam-pam"]');
    expect(half.stacks.addresses).not.toContain('kubernetes_cluster_role_binding.oidc_ns_owner_readonly["pam"]');
    expect(await leftBehind(stand.site, ['vault', 'platform'])).toEqual([]);
    expect((await lastJournal()).at(-1)).toMatchObject({ data: { status: 'incomplete', code: 'stack.apply-failed' } });
    expect(failed.error?.hints.join('\n')).toContain('infra user add pam');

    await stand.kubernetes.must('DELETE', `${bindings}/oidc-ns-owner-readonly-pam`);
    const text = kept(`  count            = 1\n  triggers_replace = ${whenAdded('pam')} ? "added" : null`);
    const refused = await whileExtraSays(text, () => add('pam'));
    expect(refused).toMatchObject({ exitStatus: 5, result: 'incomplete', error: { code: 'stack.destroy-refused' } });
    expect(await snapshot()).toEqual(half);

    const done = await add('pam');
    expect(done).toMatchObject({ exitStatus: 0, result: 'completed' });
    await expectComplete('pam', before);
  });

  test('a plan that became stale: nothing of it is applied, and the same command completes', async () => {
    const before = await snapshot();
    const other = await stand.site.another({ terragrunt: '1.1.0' });
    const inOther = `cd '${join(other.dir, 'stacks/woodpecker')}' && bash ../../scripts/tg apply -auto-approve -input=false`;
    await hooks.once('before', 'tofu-apply-woodpecker', inOther);

    const stale = await add('sam');
    expect(stale).toMatchObject({ exitStatus: 5, result: 'incomplete', error: { code: 'stack.plan-stale' } });
    expect((await readPlatform(stand.vault)).users).toHaveProperty('sam');
    expect((await lastJournal()).at(-1)).toMatchObject({ data: { status: 'incomplete', code: 'stack.plan-stale' } });

    expect(await add('sam')).toMatchObject({ exitStatus: 0, result: 'completed' });
    await expectComplete('sam', before);
  });

  test('a state that somebody else has locked: nothing is written', async () => {
    const before = await snapshot();
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
    await expectUntouched(before);
  });

  test('the lock of the vault stack, held by somebody on another machine: the entry is taken back', async () => {
    const before = await snapshot();
    const infra = { pid: 4711, startedAt: 'long ago', host: 'elsewhere' };
    const holder = { infra, user: 'eve', run: 'beef', renewedAt: new Date().toISOString() };
    const { data } = await stand.vault.must('POST', 'secret/data/locks/vault', { data: { holder } });
    const document = await add('lea');
    expect(document).toMatchObject({ exitStatus: 75, error: { code: 'stack.locked' } });
    expect(document.error?.message).toContain('eve on elsewhere');
    const lock = (await stand.vault.must('GET', 'secret/data/locks/vault')).data;
    expect([lock.metadata.version, lock.data]).toEqual([data.version, { holder }]);
    await stand.vault.must('DELETE', 'secret/metadata/locks/vault');
    await expectUndone(before);
    expect((await lastJournal()).at(-1)).toMatchObject({ data: { status: 'busy', code: 'stack.locked' } });
  });

  test('a second run for the same user: it is told who is first, and the first completes', async () => {
    const before = await snapshot();
    const gate = await hooks.gate('tofu-plan-vault');
    const first = add('kim');
    await gate.reached();
    const second = await add('kim');
    expect(second).toMatchObject({ exitStatus: 75, error: { code: 'run.locked' } });
    expect((await readPlatform(stand.vault)).version).toBe(before.platform.version);
    await gate.open();
    expect(await first).toMatchObject({ exitStatus: 0, result: 'added' });
    await expectComplete('kim', before);
  });

  test('a clone behind its upstream: nothing is written', async () => {
    const before = await snapshot();
    const other = await stand.site.another({ terragrunt: '1.1.0' });
    await writeFile(join(other.dir, extra), `# reviewed\n${standing}`);
    expect((await other.run('git', ['commit', '-qam', 'Review'])).status).toBe(0);
    expect((await other.run('git', ['push', '-q'])).status).toBe(0);

    const runs = (await stand.infra.journals()).length;
    const document = await add('ned');
    expect(document).toMatchObject({ exitStatus: 4, result: 'refused', error: { code: 'stack.behind-upstream' } });
    expect(await snapshot()).toEqual(before);
    expect(await stand.infra.journals()).toHaveLength(runs); // it did not get as far as a run
    expect((await stand.site.run('git', ['pull', '-q', '--ff-only'])).status).toBe(0);
    await expectUntouched(before);
  });

  test('another Vault, another cluster than the stacks have: nothing is written to either', async () => {
    const before = await snapshot();
    const [vault, kubernetes] = await Promise.all([startVault(), startKubernetes()]);
    try {
      const data = { k8s_users: JSON.stringify(before.platform.users) };
      await vault.must('POST', 'secret/data/platform', { data });
      await vault.must('POST', 'sys/auth/oidc', { type: 'oidc' });
      const elsewhere = await makeInfra(stand.site, { VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token });
      const otherVault = await elsewhere.json(...command('ned'));
      expect(otherVault).toMatchObject({ exitStatus: 78, error: { code: 'site.different-vault' } });
      expect(await readPlatform(vault)).toMatchObject({ version: 1, users: before.platform.users });

      const abroad = await makeInfra(stand.site, { KUBECONFIG: kubernetes.kubeconfig });
      const otherCluster = await abroad.json(...command('ned'));
      expect(otherCluster).toMatchObject({ exitStatus: 78, error: { code: 'site.different-cluster' } });
      expect([...(await elsewhere.journals()), ...(await abroad.journals())]).toEqual([]);
    } finally {
      await Promise.all([vault.stop(), kubernetes.stop()]);
    }
    await expectUntouched(before);
  });

  test('a Vault that is sealed by the apply itself: the readable state stays, and the same command saves it', async () => {
    const before = await snapshot();
    const { site, vault } = stand;
    const seal = `curl -fsS -X PUT -H 'X-Vault-Token: ${vault.token}' '${vault.address}/v1/sys/seal'`;
    await hooks.once('after', 'tofu-apply-vault', seal);

    const sealed = await add('zoe');
    expect(sealed).toMatchObject({ exitStatus: 5, result: 'incomplete', error: { code: 'stack.state-not-encrypted' } });
    const readable = join(site.dir, 'state/stacks/vault/terraform.tfstate');
    expect(existsSync(readable)).toBe(true);
    expect((await stat(readable)).mode & 0o777).toBe(0o600);
    expect(await readFile(readable, 'utf8')).toContain('"index_key": "zoe"');
    expect((await lastJournal()).at(-1)).toMatchObject({ data: { status: 'incomplete' } });

    await vault.unseal();
    expect(await pushedState(site, 'vault')).toEqual(before.vault);
    expect((await readPlatform(vault)).users).toHaveProperty('zoe');
    expect(await add('zoe')).toMatchObject({ exitStatus: 0, result: 'completed' });
    await expectComplete('zoe', before);
  });
});
