import { type InfraError, isInfraError } from '../../errors.ts';
import type { StackDeps, StackRun } from '../deps.ts';
import { guardedChanges } from '../guards/run-guard.ts';
import { finishStack } from '../run/plan-stack.ts';
import type { PlanSummary, Stack, StackPlan } from '../stack.ts';
import { levelsOf, type Needs } from '../waves/needs.ts';
import type { Ended, Worked } from '../waves/schedule.ts';
import type { ManyContext } from './context.ts';
import type { Prepare } from './init-queue.ts';
import { planOne } from './plan-one.ts';
import type { Planned, PlannedReport, PlanState } from './report.ts';
import { runPhase } from './run-phase.ts';

/** What is planned and how. `keep`: the plan files stay until the caller ends them with `finishStack`. */
export type PlanAll = {
  readonly context: ManyContext;
  readonly deps: StackDeps;
  readonly prepare: Prepare;
  readonly stacks: readonly Stack[];
  readonly needs: Needs;
  readonly parallelism: number;
  /** Nothing is encrypted, committed or pushed. */
  readonly dryRun: boolean;
  /** Stacks that an earlier run may have left half applied. */
  readonly recover: ReadonlySet<string>;
  readonly note: StackRun['note'];
  /** False: plan without the states' locks. */
  readonly lock?: boolean;
  /** Takes the plan of a stack while its file exists; what it returns false for is removed at once. */
  readonly onPlan: (stack: Stack, plan: StackPlan) => Promise<boolean>;
};

type Value = { readonly plan: StackPlan } | { readonly error: InfraError };

/**
 * Plans every stack once all that it depends on could be planned, several at a time. Those whose state is in git take
 * turns: they share one working tree. A stack that is locked is tried again at the end of its wave. In the order given.
 */
export async function planAll(options: PlanAll): Promise<readonly Planned[]> {
  const { context, stacks, needs, parallelism } = options;
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const levels = levelsOf(needs);
  const done = new Map<string, Planned>();
  const tell = (name: string, ended: Ended<Value>, durationMs: number): void => {
    const stack = byName.get(name);
    if (stack === undefined) return;
    const planned = plannedOf(stack, levels.get(name) ?? 0, ended, durationMs, pending(needs, stack, done));
    done.set(name, planned);
    context.onEvent({ type: 'planned', report: planned.report });
  };
  const ended = await runPhase<Value>({
    ...{ context, phase: 'plan', total: stacks.length, needs, parallelism, tell },
    lane: laneOf(byName),
    work: (name, isLast) => {
      const stack = byName.get(name);
      if (stack === undefined) throw new TypeError(`${name} is not one of the stacks of this run`);
      return planned(options, stack, isLast);
    },
  });
  return stacks.map((stack) => {
    const how = ended.get(stack.name) ?? { state: 'not-begun' };
    const found = done.get(stack.name);
    if (found !== undefined && how.state !== 'blocked') return found;
    return plannedOf(stack, levels.get(stack.name) ?? 0, how, 0, []);
  });
}

/** Stacks whose state is in git take turns: fetch, decrypt, commit and push share one working tree. */
function laneOf(byName: ReadonlyMap<string, Stack>): (name: string) => string | undefined {
  return (name) => (byName.get(name)?.tier === 0 ? 'git' : undefined);
}

/** True when somebody else works on the stack, here or elsewhere. */
export function isLocked(error: InfraError): boolean {
  return error.code === 'stack.locked' || error.code === 'run.locked';
}

/** True for the end that a signal makes. */
export function isInterrupted(error: InfraError): boolean {
  return error.status === 'sigint' || error.status === 'sigterm';
}

/** Changes that are more than reads. */
export function pendingChanges(summary: PlanSummary | undefined): PlanSummary['changes'] {
  return (summary?.changes ?? []).filter((change) => change.class !== 'read');
}

async function planned(options: PlanAll, stack: Stack, isLast: boolean): Promise<Worked<Value>> {
  const { context, deps, prepare, recover, dryRun, note, onPlan, lock = true } = options;
  const run: StackRun = {
    note,
    dryRun,
    interrupt: context.interrupt,
    progress: (text) => context.onEvent({ type: 'stack-progress', stack: stack.name, text }),
  };
  try {
    const plan = await planOne(stack, run, { deps, prepare, recover: recover.has(stack.name), isLast, lock });
    let isKept = false;
    try {
      isKept = await onPlan(stack, plan);
    } finally {
      if (!isKept) await finishStack(deps, plan);
    }
    return { state: 'done', value: { plan } };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { state: isLocked(error) ? 'again' : 'failed', value: { error } };
  }
}

/** Stacks with pending changes that this one depends on. */
function pending(needs: Needs, stack: Stack, done: ReadonlyMap<string, Planned>): readonly string[] {
  return (needs.get(stack.name) ?? []).filter((name) => pendingChanges(done.get(name)?.report.summary).length > 0);
}

function plannedOf(
  stack: Stack,
  wave: number,
  ended: Ended<Value>,
  durationMs: number,
  provisional: readonly string[],
): Planned {
  const value = ended.state === 'done' || ended.state === 'failed' ? ended.value : undefined;
  const plan = value !== undefined && 'plan' in value ? value.plan : undefined;
  const error = value !== undefined && 'error' in value ? value.error : undefined;
  const report: PlannedReport = {
    stack,
    wave,
    state: stateOf(ended.state, plan, error),
    summary: plan?.summary,
    guarded: plan === undefined ? [] : guardedChanges(stack.name, plan.summary.changes),
    provisional,
    blockedBy: ended.state === 'blocked' ? ended.by : [],
    error,
    durationMs,
  };
  return { report, plan };
}

function stateOf(state: Ended<Value>['state'], plan: StackPlan | undefined, error: InfraError | undefined): PlanState {
  if (state === 'blocked') return 'blocked';
  if (state === 'not-begun') return 'not-planned';
  if (error !== undefined) return isLocked(error) ? 'locked' : isInterrupted(error) ? 'interrupted' : 'failed';
  return plan?.outcome === 'no-changes' ? 'no-changes' : 'changes';
}
