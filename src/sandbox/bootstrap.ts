import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Send } from './http/exchange.ts';
import { encryptDocument, parseVaultUri } from './sops/document.ts';
import { applyPlan } from './terragrunt/apply.ts';
import type { Outside } from './terragrunt/drivers.ts';
import { TIER_0 } from './terragrunt/models/catalogue.ts';
import { computePlan } from './terragrunt/plan.ts';
import { evaluate } from './terragrunt/run-plan.ts';
import { formatState, newState, type State } from './terragrunt/state.ts';
import type { View } from './terragrunt/view.ts';
import type { SandboxFile } from './terragrunt/workspace.ts';

const QUIET: View = {
  version: () => undefined,
  refreshed: () => undefined,
  planned: () => undefined,
  planSummary: () => undefined,
  applyStart: () => undefined,
  applyDone: () => undefined,
  applyErrored: () => undefined,
  applySummary: () => undefined,
  log: () => undefined,
  lockWait: () => undefined,
  diagnostic: () => undefined,
};

/** Order in which the stacks are first applied: every one after what it reads. */
const ORDER = ['infra', 'vault', 'platform', 'rbac', 'cloudflared', 'k8s-dashboard', 'woodpecker'];

/**
 * Applies every stack of the world once, in this process, so that a plan of an untouched world is clean. Tier-0 state
 * is left encrypted only, as after a clone. Errors: Error when a world's own users cannot be applied.
 */
export async function applyAll(
  sandboxDir: string,
  sandbox: SandboxFile,
  stacks: readonly string[],
  outside: Outside,
  ageRecipients: readonly string[],
): Promise<void> {
  for (const stack of ORDER.filter((each) => stacks.includes(each))) {
    const wanted = await evaluate({ stack, repo: sandbox.repo, sandbox }, outside);
    const prior = newState();
    const plan = await computePlan(wanted, prior, outside, {}, () => undefined);
    let last: State = prior;
    const failures = await applyPlan(plan, prior, {
      outside,
      view: QUIET,
      save: (state) => {
        last = state;
      },
      stopped: () => false,
      faults: () => ({}),
      sealVault: async () => undefined,
    });
    if (failures[0] !== undefined)
      throw new Error(`the world's users do not fit stack ${stack}: ${failures[0].message}`);
    const text = formatState({ ...last, serial: Math.max(1, last.serial) });
    if (TIER_0.includes(stack)) await writeEncrypted(sandbox, stack, text, outside.vault, ageRecipients);
    else await write(join(sandboxDir, 'pg', `${stack}.tfstate`), text);
  }
}

async function writeEncrypted(
  sandbox: SandboxFile,
  stack: string,
  text: string,
  vault: Send,
  age: readonly string[],
): Promise<void> {
  const key = parseVaultUri(`${sandbox.vault.url}/v1/transit/keys/sops-state-${stack}`);
  const encrypted = await encryptDocument(text, { vault: [key], age }, () => vault);
  await write(join(sandbox.repo, 'state', 'stacks', stack, 'terraform.tfstate.enc'), encrypted);
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { mode: 0o600 });
}
