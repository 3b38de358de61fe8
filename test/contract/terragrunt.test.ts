import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, onTestFinished, test } from 'vitest';
import { makeProcesses } from '../../src/lib/clients/process/live.ts';
import { makeTerragrunt } from '../../src/lib/clients/terragrunt/live.ts';
import { Secret } from '../../src/lib/secrets/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { localStateCases, type TerragruntCaseEnv, terragruntCases } from './terragrunt-cases.ts';

const STACK = 'rbac';
/** Its state is a file. */
const TIER_0 = 'vault';

describe('terragrunt contract, on the stand-in of the sandbox', () => {
  let sandbox: Sandbox;
  let users = 0;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.setFaults({}));
  afterAll(() => sandbox.stop());

  /** The configuration follows `k8s_users`: one more user is eight more resources. */
  async function addUser(): Promise<void> {
    users += 1;
    const name = `user-${users}`;
    const url = `${sandbox.vault.url}/v1/secret/data/platform`;
    const token = { 'x-vault-token': CANARIES.adminToken };
    const known = (await (await fetch(url, { headers: token })).json()) as { data: { data: { k8s_users: string } } };
    const entry = { role: 'namespace-owner', email: `${name}@sandbox.test`, namespaces: [name] };
    const k8s_users = JSON.stringify({ ...JSON.parse(known.data.data.k8s_users), [name]: entry });
    const headers = { ...token, 'content-type': 'application/merge-patch+json' };
    const answer = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ data: { k8s_users } }) });
    if (!answer.ok) throw new Error(`could not add a user: ${answer.status}`);
    const kubernetes = { authorization: `Bearer ${CANARIES.kubernetesAdminToken}`, 'content-type': 'application/json' };
    const namespace = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await fetch(`${sandbox.kubernetes.url}/api/v1/namespaces`, {
      method: 'POST',
      headers: kubernetes,
      body: namespace,
    });
  }

  async function stage(stack = STACK): Promise<TerragruntCaseEnv> {
    const folder = await mkdtemp(join(tmpdir(), 'infra-contract-terragrunt-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, 'private'), { mode: 0o700 });
    const connection = `postgres://terraform_state:${CANARIES.postgresPassword}@127.0.0.1:5432/terraform_state`;
    return {
      terragrunt: makeTerragrunt({ processes: makeProcesses({ env: sandbox.env }), env: sandbox.env }),
      unit: {
        folder: join(sandbox.repo, 'stacks', stack),
        env: {},
        secretEnv: { PG_CONN_STR: new Secret(connection) },
      },
      folder,
      lockInfo: join(sandbox.repo, 'state/stacks', stack, '.terraform.tfstate.lock.info'),
      version: /^1\.\d+\.\d+/,
      interruptTakesMs: 0,
      async wantMore(ms = 0) {
        await addUser();
        await sandbox.setFaults(ms === 0 ? {} : { [stack]: { slowApplyMs: ms / 4 } });
      },
      break: (what) => sandbox.setFaults({ [stack]: what === 'plan' ? { planFails: true } : { applyFailsAfter: 1 } }),
      heal: () => sandbox.setFaults({}),
    };
  }

  /** A case leaves its wishes behind: they are carried out before the next one. */
  async function settle(env: TerragruntCaseEnv): Promise<void> {
    await sandbox.setFaults({});
    const out = join(env.folder, 'private', 'settle');
    const { outcome } = await env.terragrunt.plan(env.unit, { out, lockTimeout: '5s', lock: true });
    if (outcome !== 'changes') return;
    const hold = { outputFolder: env.folder, onStart: async () => undefined, interrupt: new AbortController().signal };
    await env.terragrunt.apply(env.unit, out, '5s', hold);
  }

  for (const one of terragruntCases) {
    test(one.name, async () => {
      const env = await stage();
      await settle(env);
      await one.run(env);
    });
  }

  for (const one of localStateCases) test(one.name, async () => one.run(await stage(TIER_0)));
});
