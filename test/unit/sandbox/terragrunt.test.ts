import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts';
import { CANARIES } from '../../../src/sandbox/worlds/canaries.ts';
import { healthy } from '../../../src/sandbox/worlds/healthy.ts';
import { ask, messages, run, start } from './asking.ts';

const PG = { PG_CONN_STR: `postgres://terraform_state:${CANARIES.postgresPassword}@127.0.0.1:5432/terraform_state` };
const ALICE = { role: 'namespace-owner', email: 'alice@example.com', namespaces: ['alice'], domains: ['alices-app'] };

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  for (const stack of ['vault', 'platform', 'infra']) {
    await run(sandbox, '', 'scripts/state-sync', ['decrypt', stack]);
  }
});
afterAll(() => sandbox.stop());
afterEach(() => sandbox.setFaults({}));

const terragrunt = (stack: string, ...argv: readonly string[]) =>
  run(sandbox, `stacks/${stack}`, 'terragrunt', argv, PG);
const planFile = (stack: string) => join(sandbox.dir, `${stack}.tfplan`);
const plan = (stack: string, ...more: readonly string[]) =>
  terragrunt(stack, 'plan', '-json', '-detailed-exitcode', `-out=${planFile(stack)}`, ...more);
const apply = (stack: string) => terragrunt(stack, 'apply', '-json', planFile(stack));
const summary = (out: string) => messages(out).findLast((message) => message.type === 'change_summary')?.changes;
const diagnostics = (out: string) =>
  messages(out)
    .filter((message) => message.type === 'diagnostic')
    .map((message) => message.diagnostic);

/** Edits k8s_users as an administrator would. */
async function editUsers(change: (users: Record<string, unknown>) => void): Promise<void> {
  const url = `${sandbox.vault.url}/v1/secret/data/platform`;
  const token = { 'x-vault-token': CANARIES.adminToken };
  const known = (await ask(url, 'GET', undefined, token)).json as { data: { data: { k8s_users: string } } };
  const users = JSON.parse(known.data.data.k8s_users) as Record<string, unknown>;
  change(users);
  const headers = { ...token, 'content-type': 'application/merge-patch+json' };
  await ask(url, 'PATCH', { data: { k8s_users: JSON.stringify(users) } }, headers);
}

describe('a new namespace-owner', () => {
  beforeAll(() => editUsers((users) => Object.assign(users, { alice: ALICE })));

  test('k8s-dashboard cannot be planned before rbac', async () => {
    const early = await plan('k8s-dashboard');
    expect(early.status).toBe(1);
    expect(diagnostics(early.out)).toMatchObject([{ severity: 'error', summary: 'Attempt to index null value' }]);
  });

  test.each([
    ['vault', { add: 10, change: 0, remove: 0 }],
    ['platform', { add: 0, change: 0, remove: 0 }],
    ['rbac', { add: 8, change: 1, remove: 0 }],
    ['cloudflared', { add: 1, change: 0, remove: 0 }],
    ['k8s-dashboard', { add: 0, change: 2, remove: 0 }],
    ['woodpecker', { add: 0, change: 1, remove: 0 }],
  ])('%s is planned, applied, and clean afterwards', async (stack, counts) => {
    const planned = await plan(stack);
    expect(planned.status).toBe(counts.add + counts.change > 0 ? 2 : 0);
    expect(summary(planned.out)).toMatchObject(counts);
    const applied = await apply(stack);
    expect(applied.status).toBe(0);
    expect(summary(applied.out)).toMatchObject({ ...counts, operation: 'apply' });
    expect((await plan(stack)).status).toBe(0);
  });

  test('everything that the entry stands for exists', async () => {
    const admin = { authorization: `Bearer ${CANARIES.kubernetesAdminToken}` };
    const found = async (path: string) =>
      (await ask(`${sandbox.kubernetes.url}${path}`, 'GET', undefined, admin)).status;
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const paths = [
      '/api/v1/namespaces/alice',
      `${rbac}/namespaces/alice/rolebindings/namespace-owner-alice`,
      `${rbac}/namespaces/alice/rolebindings/dashboard-owner-alice`,
      `${rbac}/namespaces/alice/roles/alice-deployer`,
      `${rbac}/clusterrolebindings/oidc-ns-owner-readonly-alice`,
      `${rbac}/clusterrolebindings/dashboard-readonly-alice-alice`,
      '/api/v1/namespaces/alice/resourcequotas/user-quota',
      '/api/v1/namespaces/alice/secrets/tls-secret',
      '/api/v1/namespaces/alice/serviceaccounts/dashboard-alice',
      '/api/v1/namespaces/alice/secrets/dashboard-alice-token',
    ];
    for (const path of paths) expect([path, await found(path)]).toEqual([path, 200]);
    expect([...sandbox.cloudflare.state.values()].map((record) => record.name)).toContain('alices-app');
    expect(
      JSON.stringify(sandbox.kubernetes.state.objects.get('apps/statefulsets')?.get('woodpecker/woodpecker-server')),
    ).toContain('"WOODPECKER_ADMIN","value":"root-admin,alice,bob,dave"');
  });
});

describe('plan files', () => {
  test('show prints what tofu prints, secrets included', async () => {
    await sandbox.setFaults({
      rbac: { planReplace: ['module.rbac.module.user_namespace_tls["bob"].kubernetes_secret.tls_secret'] },
    });
    expect((await plan('rbac')).status).toBe(2);
    const shown = JSON.parse((await terragrunt('rbac', 'show', '-json', planFile('rbac'))).out);
    expect(shown).toMatchObject({ format_version: '1.2', errored: false });
    const replaced = shown.resource_changes.find(
      (each: { change: { actions: string[] } }) => each.change.actions.length === 2,
    );
    expect(replaced).toMatchObject({
      module_address: 'module.rbac.module.user_namespace_tls["bob"]',
      change: { actions: ['delete', 'create'], replace_paths: [['metadata']], before_sensitive: { data: true } },
      action_reason: 'replace_because_cannot_update',
    });
    expect(JSON.stringify(shown)).toContain(CANARIES.tlsPrivateKey);
    expect(JSON.stringify(shown.prior_state)).toContain(CANARIES.homepageCredentials);
  });

  test('a plan from before another apply is stale', async () => {
    await editUsers((users) => Object.assign(users, { erin: { role: 'power-user', email: 'erin@sandbox.test' } }));
    await plan('rbac');
    await writeFile(`${planFile('rbac')}.old`, await readFile(planFile('rbac')));
    expect((await apply('rbac')).status).toBe(0);
    const stale = await terragrunt('rbac', 'apply', '-json', `${planFile('rbac')}.old`);
    expect(stale.status).toBe(1);
    expect(diagnostics(stale.out)).toMatchObject([{ summary: 'Saved plan is stale' }]);
  });

  test('unknown flags are refused', async () => {
    expect(diagnostics((await terragrunt('rbac', 'plan', '-json', '-nonsense')).out)).toMatchObject([
      { summary: 'Failed to parse command-line flags', detail: 'flag provided but not defined: -nonsense' },
    ]);
  });
});

test('a removal deletes the namespace and fails at the transit key', async () => {
  const other = await startSandbox();
  try {
    await run(other, '', 'scripts/state-sync', ['decrypt', 'vault']);
    const { bob: _bob, ...left } = healthy.users;
    const headers = { 'x-vault-token': CANARIES.adminToken, 'content-type': 'application/merge-patch+json' };
    await ask(
      `${other.vault.url}/v1/secret/data/platform`,
      'PATCH',
      { data: { k8s_users: JSON.stringify(left) } },
      headers,
    );
    const file = join(other.dir, 'vault.tfplan');
    const planned = await run(other, 'stacks/vault', 'terragrunt', ['plan', '-json', `-out=${file}`]);
    expect(summary(planned.out)).toMatchObject({ add: 0, change: 0, remove: 10 });
    const applied = await run(other, 'stacks/vault', 'terragrunt', ['apply', '-json', file]);
    expect(applied.status).toBe(1);
    expect(applied.out).toContain('deletion is not allowed for this key');
    await expect.poll(() => other.kubernetes.state.objects.get('/namespaces')?.has('/bob')).toBe(false);
    expect(other.vault.state.transit.has('sops-state-bob')).toBe(true);
    expect(other.vault.state.policies.has('namespace-owner-bob')).toBe(false);
  } finally {
    await other.stop();
  }
});

describe('things that go wrong', () => {
  test('no connection string, a wrong password', async () => {
    const without = await run(sandbox, 'stacks/rbac', 'terragrunt', ['plan', '-json']);
    expect(without.out).toContain('connection refused (localhost:5432)');
    const wrong = await run(sandbox, 'stacks/rbac', 'terragrunt', ['plan', '-json'], {
      PG_CONN_STR: 'postgres://terraform_state:old@127.0.0.1:5432/terraform_state',
    });
    expect(wrong.out).toContain('password authentication failed');
  });

  test('a token that Vault does not take fails every plan', async () => {
    const refused = await run(sandbox, 'stacks/infra', 'terragrunt', ['plan', '-json'], { VAULT_TOKEN: 'nonsense' });
    expect(refused.status).toBe(1);
    expect(refused.out).toContain('Code: 403');
  });

  test.each([
    ['rbac', 'Workspace is already locked: default'],
    ['vault', 'resource temporarily unavailable'],
  ])('%s is locked by somebody else', async (stack, reason) => {
    await sandbox.setFaults({ [stack]: { lockedBy: 'erin@elsewhere' } });
    const refused = await plan(stack, '-lock-timeout=200ms');
    expect(refused.status).toBe(1);
    const [diagnostic] = diagnostics(refused.out) as { summary: string; detail: string }[];
    expect(diagnostic?.summary).toBe('Error acquiring the state lock');
    expect(diagnostic?.detail).toContain(reason);
    expect(diagnostic?.detail.includes('erin@elsewhere')).toBe(stack === 'vault');
    expect((await plan(stack, '-lock=false')).status).toBe(0);
  });

  test('a holder that was killed holds nothing', async () => {
    await sandbox.setFaults({ infra: { slowApplyMs: 10_000, drift: true } });
    await plan('infra');
    const running = start(sandbox, 'stacks/infra', 'terragrunt', ['apply', '-json', planFile('infra')]);
    await running.seen('Modifying');
    expect((await plan('infra')).status).toBe(1);
    running.child.kill('SIGKILL');
    await running.done;
    await sandbox.setFaults({});
    expect((await plan('infra')).status).toBe(0);
  });

  test('one interrupt: the resource in hand is finished, the state saved, the rest left', async () => {
    const frank = { role: 'namespace-owner', email: 'frank@sandbox.test', namespaces: ['frank'] };
    await editUsers((users) => Object.assign(users, { frank }));
    await sandbox.setFaults({ vault: { slowApplyMs: 3_600_000 } });
    await plan('vault');
    const running = start(sandbox, 'stacks/vault', 'terragrunt', ['apply', '-json', planFile('vault')]);
    await running.seen('Creating...');
    running.child.kill('SIGINT');
    await running.seen('Interrupt received');
    await sandbox.setFaults({});
    const ended = await running.done;
    expect(ended.status).toBe(1);
    expect(ended.out).toContain('Interrupt received');
    expect(ended.out).toContain('execution halted');
    const rest = await plan('vault');
    expect(summary(rest.out)).toMatchObject({ add: 9, change: 0, remove: 0 });
    expect((await apply('vault')).status).toBe(0);
  });

  test('a second interrupt ends it at once', async () => {
    await sandbox.setFaults({ infra: { slowApplyMs: 10_000, drift: true } });
    await plan('infra');
    const running = start(sandbox, 'stacks/infra', 'terragrunt', ['apply', '-json', planFile('infra')]);
    await running.seen('Modifying');
    running.child.kill('SIGINT');
    await running.seen('Interrupt received');
    running.child.kill('SIGINT');
    expect(await running.done).toMatchObject({ status: 1, out: expect.stringContaining('Two interrupts received') });
  });

  test('an apply that fails half-way keeps what it did', async () => {
    const grace = { role: 'namespace-owner', email: 'grace@sandbox.test', namespaces: ['grace'] };
    await editUsers((users) => Object.assign(users, { grace }));
    await sandbox.setFaults({ vault: { applyFailsAfter: 3 } });
    await plan('vault');
    expect((await apply('vault')).status).toBe(1);
    await sandbox.setFaults({});
    expect(summary((await plan('vault')).out)).toMatchObject({ add: 7 });
    expect((await apply('vault')).status).toBe(0);
  });

  test('Vault is sealed in the middle', async () => {
    const heidi = { role: 'namespace-owner', email: 'heidi@sandbox.test', namespaces: ['heidi'] };
    await editUsers((users) => Object.assign(users, { heidi }));
    await sandbox.setFaults({ vault: { sealVaultDuringApply: true } });
    await plan('vault');
    const failed = await apply('vault');
    expect(failed.status).toBe(1);
    expect(failed.out).toContain('* Vault is sealed');
    sandbox.vault.state.sealed = false;
  });

  test('drift, lost state, forgetting, a plan that fails', async () => {
    await sandbox.setFaults({ infra: { drift: 'terraform_data.machine["k8s-node1"]' } });
    expect(summary((await plan('infra')).out)).toMatchObject({ change: 1 });
    await sandbox.setFaults({ infra: { stateLost: true } });
    expect(summary((await plan('infra')).out)).toMatchObject({ add: 3 });
    await sandbox.setFaults({ infra: { planForget: ['terraform_data.machine["k8s-node1"]'] } });
    expect(messages((await plan('infra')).out)).toContainEqual(
      expect.objectContaining({ change: expect.objectContaining({ action: 'remove' }) }),
    );
    await sandbox.setFaults({ infra: { planFails: 'Unsupported argument' } });
    expect(diagnostics((await plan('infra')).out)).toMatchObject([{ summary: 'Unsupported argument' }]);
  });
});

test('find prints the declared edges; calls are recorded with names of variables only', async () => {
  const found = await run(sandbox, 'stacks', 'terragrunt', ['find', '--json', '--dag', '--dependencies', '--no-color']);
  expect(JSON.parse(found.out)).toContainEqual({
    type: 'unit',
    path: 'woodpecker',
    dependencies: ['platform', 'vault'],
  });
  const last = sandbox.calls().at(-1);
  expect(last).toMatchObject({ tool: 'terragrunt', argv: ['find', '--json', '--dag', '--dependencies', '--no-color'] });
  expect(last?.env).toContain('VAULT_TOKEN');
  expect(JSON.stringify(sandbox.calls())).not.toContain(CANARIES.adminToken);
});
