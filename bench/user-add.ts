import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../src/sandbox/start.ts';
import { putVersion } from '../src/sandbox/vault/kv.ts';
import { healthy } from '../src/sandbox/worlds/healthy.ts';
import { interleaved, type Timed, timeRun } from './measure.ts';
import { msText, type Row } from './row.ts';
import type { Program } from './start-up.ts';

/** The stacks that read the users in the world `healthy`, for a user without domains, in their order. */
const ORDER = ['vault', 'platform', 'rbac', 'k8s-dashboard', 'woodpecker'];
const TIER_0 = ['vault', 'platform'];
const ALICE = { role: 'namespace-owner', email: 'alice@example.com', namespaces: ['alice'] };

/**
 * What `infra user add` takes beyond the same terragrunt runs by hand, each in a new sandbox. By hand the entry is
 * written already, nothing is checked, saved, committed or proved. infra plans every stack a second time before the
 * edit; what that costs is told by a run without it.
 */
export async function userAddRow(infra: Program): Promise<Row> {
  const add = (...flags: readonly string[]): Timed => {
    const argv = infra('user', 'add', 'alice', '--email', ALICE.email, '--yes', ...flags);
    return () => inSandbox(({ env, repo }) => timeRun({ argv, env, cwd: repo }));
  };
  const times = await interleaved(3, {
    infra: add(),
    noBaseline: add('--no-baseline', '--allow-unrelated'),
    byHand: () => inSandbox(byHand),
  });
  return {
    measure: 'infra user add over the same terragrunt runs',
    value: (times.infra - times.byHand) / 1000,
    unit: 's',
    limit: 3,
    detail: `${msText(times.infra)} - ${msText(times.byHand)}, of it ${msText(times.infra - times.noBaseline)} for plans before the edit`,
  };
}

async function inSandbox(work: (sandbox: Sandbox) => Promise<number>): Promise<number> {
  const sandbox = await startSandbox();
  try {
    return await work(sandbox);
  } finally {
    await sandbox.stop();
  }
}

/** init, plan, show and apply of every stack, as an admin would type them. Only these are timed. */
async function byHand({ env, repo, vault, dir }: Sandbox): Promise<number> {
  const users = JSON.stringify({ ...healthy.users, alice: ALICE });
  putVersion(vault.state.secrets, 'platform', { ...healthy.vault.secrets.platform, k8s_users: users });
  const { username, password } = vault.state.staticCreds.get('pg-terraform-state') ?? {};
  const withState = { ...env, PG_CONN_STR: `postgres://${username}:${password}@127.0.0.1:5432/terraform_state` };
  let ms = 0;
  for (const stack of ORDER) {
    const cwd = join(repo, 'stacks', stack);
    if (TIER_0.includes(stack)) await timeRun({ argv: [join(repo, 'scripts/state-sync'), 'decrypt', stack], env, cwd });
    const file = join(dir, `${stack}.tfplan`);
    const terragrunt = async (statuses: readonly number[], ...args: readonly string[]): Promise<void> => {
      ms += await timeRun({ argv: [join(dir, 'bin/terragrunt'), ...args], env: withState, cwd, statuses });
    };
    await terragrunt([0], 'init', '-input=false');
    await terragrunt([0, 2], 'plan', '-json', '-detailed-exitcode', '-input=false', `-out=${file}`);
    await terragrunt([0], 'show', '-json', file);
    await terragrunt([0], 'exec', '--in-download-dir', '--', 'tofu', 'apply', '-json', '-input=false', file);
  }
  return ms;
}
