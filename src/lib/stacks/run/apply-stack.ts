import { dirname } from 'node:path';
import type { Unit } from '../../clients/terragrunt/client.ts';
import { beforeAnyChange, InfraError, isInfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { StackDeps, StackRun } from '../deps.ts';
import type { PlanSummary, Stack, StackPlan } from '../stack.ts';
import { closeState, openState } from '../tier0/open-state.ts';
import { markPending } from '../tier0/pending.ts';
import { saveState } from '../tier0/save-state.ts';
import type { StateFacts } from '../tier0/state-file.ts';
import { statePaths } from '../tier0/state-file.ts';
import { takeVaultLock } from '../tier0/vault-lock.ts';
import { unitOf } from './connection.ts';
import { failureOf } from './failure.ts';
import { fileDigest } from './plan-folder.ts';
import { lockTimeoutOf, withStackLock } from './plan-stack.ts';
import type { RunLock } from './run-lock.ts';
import { runnerOf } from './wrapper.ts';

/** What an apply did. `findings` holds warnings, e.g. that no lock in Vault could be taken. */
export type AppliedStack = {
  readonly counts: PlanSummary['counts'];
  readonly durationMs: number;
  /** What became of a Tier-0 state; undefined for Tier 1 and the wrapper. */
  readonly state: 'unchanged' | 'committed' | 'pushed' | undefined;
  readonly findings: readonly Finding[];
};

type Child = (unit: Unit) => Promise<{ readonly durationMs: number }>;

/**
 * Applies exactly the plan file that was shown and judged. The child gets one interrupt and then as long as it needs; a
 * Tier-0 state is saved whatever became of the apply.
 * Errors: `stack.plan-changed` (4), `stack.plan-stale` (75), `stack.locked` (75), `stack.apply-failed` (2),
 * `stack.apply-interrupted` (130, 143), those of `openState` and `saveState`. `nothingChanged` is set on every error that
 * comes before the child has started.
 */
export async function applyStack(deps: StackDeps, plan: StackPlan, stack: Stack, run: StackRun): Promise<AppliedStack> {
  return withStackLock(deps, stack, run, async (lock) => {
    const native = stack.tier === 0 && deps.site.stacks.run.value === 'native';
    const unit = await beforeChild(async () => {
      await assertSamePlan(deps, plan);
      return unitOf(deps, stack);
    });
    const apply: Child = () => runChild(deps, plan, stack, unit, run, lock);
    if (!native) {
      const { durationMs } = await apply(unit);
      return { counts: plan.summary.counts, durationMs, state: undefined, findings: [] };
    }
    return applyTier0(deps, plan, stack, run, lock, () => apply(unit));
  });
}

async function applyTier0(
  deps: StackDeps,
  plan: StackPlan,
  stack: Stack,
  run: StackRun,
  lock: RunLock,
  apply: () => Promise<{ readonly durationMs: number }>,
): Promise<AppliedStack> {
  const vaultLock = await beforeChild(() => takeVaultLock(deps, stack.name));
  const told: RunLock = {
    previous: lock.previous,
    release: lock.release,
    async setChild(child) {
      await lock.setChild(child);
      await vaultLock.setChild(child);
    },
  };
  try {
    const { facts } = await beforeChild(async () => {
      const opened = await openState(deps, stack, run, lock.previous?.child !== undefined);
      await markPending(deps, stack.name, opened.facts);
      return opened;
    });
    let failed: unknown;
    let durationMs = 0;
    try {
      ({ durationMs } = await apply());
    } catch (error) {
      failed = error;
    }
    const saved = await saveAfter(deps, stack, facts, run, told, failed);
    await closeState(deps, stack.name, saved.facts);
    if (failed !== undefined) throw failed;
    if (saved.facts === undefined) throw stateElsewhere(deps, stack);
    const findings = vaultLock.finding === undefined ? [] : [vaultLock.finding];
    return { counts: plan.summary.counts, durationMs, state: saved.outcome, findings };
  } finally {
    await vaultLock.release();
  }
}

/** Saves the state; when that fails too, its error is the graver one and says that the apply had failed. */
async function saveAfter(
  deps: StackDeps,
  stack: Stack,
  before: StateFacts | undefined,
  run: StackRun,
  lock: RunLock,
  failed: unknown,
) {
  try {
    return await saveState(deps, stack.name, before, run, (child) => lock.setChild(child));
  } catch (error) {
    if (!isInfraError(error) || !isInfraError(failed)) throw error;
    throw new InfraError(error.code, error.status, `${failed.message} ${error.message}`, {
      hints: error.hints,
      violations: failed.violations,
      cause: error,
    });
  } finally {
    await lock.setChild(undefined);
  }
}

async function runChild(
  deps: StackDeps,
  plan: StackPlan,
  stack: Stack,
  unit: Unit,
  run: StackRun,
  lock: RunLock,
): Promise<{ readonly durationMs: number }> {
  let started = false;
  try {
    const applied = await runnerOf(deps).apply(unit, plan.file, lockTimeoutOf(deps), {
      outputFolder: dirname(plan.file),
      interrupt: run.interrupt,
      async onStart(child) {
        await lock.setChild(child);
        await run.note('child-started', { stack: stack.name, child });
        started = true;
      },
      onProgress: (address, done) => run.progress(`${done ? 'done' : 'doing'} ${address}`),
    });
    await run.note('child-ended', { stack: stack.name, outcome: applied.outcome });
    if (applied.outcome === 'applied') return applied;
    if (run.interrupt.aborted) throw interrupted(stack, run.interrupt.reason);
    throw await failureOf(deps, stack, 'apply', applied);
  } catch (error) {
    throw started ? error : beforeAnyChange(error);
  } finally {
    await lock.setChild(undefined);
  }
}

async function assertSamePlan(deps: StackDeps, plan: StackPlan): Promise<void> {
  if ((await fileDigest(deps, plan.file)) === plan.fileDigest) return;
  throw new InfraError(
    'stack.plan-changed',
    'refused',
    `The plan file of ${plan.stack} is no longer the one that was shown. Nothing was applied.`,
    {
      hints: ['Run the same command again: it plans anew.'],
    },
  );
}

/** Marks the errors of what runs before the child: nothing has been changed by this stack. */
async function beforeChild<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw beforeAnyChange(error);
  }
}

function interrupted(stack: Stack, reason: unknown): InfraError {
  const status = isInfraError(reason) ? reason.status : 'sigint';
  return new InfraError(
    'stack.apply-interrupted',
    status,
    `Interrupted while ${stack.name} was applied: terraform stopped after what it was doing, and its state is saved.`,
    {
      hints: ['Run the same command again to go on.'],
    },
  );
}

/** The backend of the unit keeps its state somewhere else than `stacks.tier0.stateFolder` says. */
function stateElsewhere(deps: StackDeps, stack: Stack): InfraError {
  const path = statePaths(deps.site, stack.name).plain;
  return new InfraError(
    'stack.state-elsewhere',
    'incomplete',
    `Applied ${stack.name}, but its state did not appear at ${path}: it is not encrypted and not in git.`,
    {
      hints: [
        `Find it: find ${stack.folder} -name "*.tfstate"`,
        'and compare the path of the backend in the root terragrunt.hcl with stacks.tier0.stateFolder',
      ],
    },
  );
}
