import type { Unit } from '../../clients/terragrunt/client.ts';
import { InfraError } from '../../errors.ts';
import type { User } from '../../users/entry.ts';
import type { StackDeps, StackRun } from '../deps.ts';
import { countChanges, summarisePlan } from '../plan/plan-summary.ts';
import type { PlanSummary, Stack, StackPlan } from '../stack.ts';
import { closeState, openState } from '../tier0/open-state.ts';
import { unitOf } from './connection.ts';
import { failureOf } from './failure.ts';
import { fileDigest, makePlanFolder, removePlan, sweepPlanFolders } from './plan-folder.ts';
import type { RunLock } from './run-lock.ts';
import { takeRunLock } from './run-lock.ts';
import { scrubUnit } from './scrub.ts';
import { runnerOf } from './wrapper.ts';

/** How long terraform waits for a state lock, in its duration syntax: TG_LOCK_TIMEOUT as in the repository's wrapper, else 5 minutes. */
export function lockTimeoutOf({ env }: Pick<StackDeps, 'env'>): string {
  return env.TG_LOCK_TIMEOUT || '5m';
}

/** How long infra waits for another infra. */
const LOCK_WAIT_MS = 5 * 60_000;

/** The summary of a plan that was not read back. */
const NO_CHANGES: PlanSummary = {
  changes: [],
  counts: countChanges([]),
  priorResources: 0,
  plannedResources: 0,
  applyable: false,
};

/** What a plan is made for. */
export type PlanStackOptions = {
  /** Whom the run is about; decides what counts as unrelated. */
  readonly user?: User;
  /** A journal knows of an apply of this stack that did not end: see `openState`. */
  readonly recover?: boolean;
  readonly lockTimeout?: string;
  /** False: the state is read without its lock, so that nobody is held up by a plan that is never applied. */
  readonly lock?: boolean;
  /** Where terraform says "no changes" the plan is not read back: that saves a start of terraform and all its providers. */
  readonly trustNoChanges?: boolean;
  /** Runs right before the plan, with the unit's environment: an `init` that must not run beside another one. */
  readonly prepare?: (unit: Unit) => Promise<void>;
};

/**
 * Plans one stack into a file in a 0700 folder, reads it back as JSON and summarises it. The stack's lock on this machine
 * is held meanwhile; a Tier-0 state is readable only as long. The caller ends with `finishStack`.
 * Errors: `stack.plan-failed` (2), `stack.locked` (75), `run.locked` (75), those of `openState` and `unitOf`.
 */
export async function planStack(
  deps: StackDeps,
  stack: Stack,
  run: StackRun,
  options: PlanStackOptions = {},
): Promise<StackPlan> {
  return withStackLock(deps, stack, run, async (lock) => {
    await sweepPlanFolders(deps, stack.name);
    return withState(deps, stack, run, options.recover === true || lock.previous?.child !== undefined, async () => {
      const unit = await unitOf(deps, stack);
      await options.prepare?.(unit);
      const folder = await makePlanFolder(deps, stack.name);
      const file = `${folder}/plan.tfplan`;
      try {
        const runner = runnerOf(deps);
        const planned = await runner.plan(unit, {
          out: file,
          lockTimeout: options.lockTimeout ?? lockTimeoutOf(deps),
          lock: options.lock ?? true,
          signal: run.interrupt,
        });
        if (planned.outcome === 'failed') throw await failureOf(deps, stack, 'plan', planned);
        const isEmpty = planned.outcome === 'no-changes' && options.trustNoChanges === true;
        const summary = isEmpty ? NO_CHANGES : summarisePlan(await runner.show(unit, file), options.user);
        if (planned.outcome === 'changes' && !summary.applyable) throw notApplyable(stack);
        const digest = await fileDigest(deps, file);
        return {
          stack: stack.name,
          outcome: planned.outcome,
          file,
          fileDigest: digest,
          summary,
          durationMs: planned.durationMs,
        };
      } catch (error) {
        await finishStack(deps, { file, stack: stack.name });
        throw error;
      }
    });
  });
}

/** Removes what planning left: the plan file and all beside it, and files with the database's password. Safe to call twice. */
export async function finishStack(
  deps: Pick<StackDeps, 'clients' | 'site'>,
  plan: Pick<StackPlan, 'file' | 'stack'>,
): Promise<void> {
  await removePlan(deps, plan.file);
  await scrubUnit(deps, plan.stack);
}

/** Runs `work` while this process alone works on the stack, on this machine and from this checkout. */
export async function withStackLock<T>(
  deps: StackDeps,
  stack: Stack,
  run: StackRun,
  work: (lock: RunLock) => Promise<T>,
): Promise<T> {
  const lock = await takeRunLock(deps.clients, {
    stateFolder: deps.stateFolder,
    siteRoot: deps.site.root.value,
    target: `stack-${stack.name}`,
    run: deps.runId,
    waitMs: LOCK_WAIT_MS,
    interrupt: run.interrupt,
    onWait: run.progress,
  });
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

/** Runs `work` while a Tier-0 state is readable, and removes it afterwards if it is still the one in git. */
async function withState<T>(
  deps: StackDeps,
  stack: Stack,
  run: StackRun,
  recover: boolean,
  work: () => Promise<T>,
): Promise<T> {
  if (stack.tier === 1 || deps.site.stacks.run.value === 'wrapper') return work();
  const state = await openState(deps, stack, run, recover);
  try {
    return await work();
  } finally {
    await closeState(deps, stack.name, state.facts);
  }
}

function notApplyable(stack: Stack): InfraError {
  return new InfraError(
    'stack.plan-failed',
    'fail',
    `Planned ${stack.name}: the plan is incomplete and cannot be applied.`,
    {
      hints: [`cd ${stack.folder} && terragrunt plan`],
      nothingChanged: true,
    },
  );
}
