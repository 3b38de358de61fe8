import { type InfraError, isInfraError } from '../../errors.ts';
import type { Journal } from '../../operation/journal.ts';
import type { StackDeps, StackRun } from '../deps.ts';
import { finishStack } from '../run/plan-stack.ts';
import type { PlanSummary } from '../stack.ts';
import { levelsOf, type Needs } from '../waves/needs.ts';
import type { Ended, Worked } from '../waves/schedule.ts';
import { type AppliedOne, type ApplyOne, applyOne } from './apply-one.ts';
import type { ManyContext } from './context.ts';
import { isInterrupted, isLocked } from './plan-all.ts';
import type { AppliedReport, ApplyState, Planned } from './report.ts';
import { runPhase } from './run-phase.ts';

/** What is applied and how; the rest is what every stack needs. */
export type ApplyAll = {
  readonly context: ManyContext;
  readonly deps: StackDeps;
  readonly journal: Journal;
  readonly needs: Needs;
  readonly parallelism: number;
  readonly plans: readonly Planned[];
  readonly recover: ReadonlySet<string>;
  readonly one: Omit<ApplyOne, 'deps' | 'journal' | 'recover' | 'isLast'>;
};

type Value = { readonly done: AppliedOne } | { readonly error: InfraError };

/**
 * Applies plans over the DAG: a stack when all that it needs has ended well. One whose dependency was just changed is
 * planned again first. What fails blocks its dependants only; what is locked is tried once more at the end of its wave.
 * Stacks whose state is in git take turns, and so do first applies: a new state locks the whole state database.
 */
export async function applyAll(options: ApplyAll): Promise<readonly AppliedReport[]> {
  const { context, needs, parallelism, plans } = options;
  const byName = new Map(plans.map((planned) => [planned.report.stack.name, planned]));
  const levels = levelsOf(needs);
  const reports = new Map<string, AppliedReport>();
  const tell = (name: string, ended: Ended<Value>, durationMs: number): void => {
    const planned = byName.get(name);
    if (planned === undefined) return;
    const report = reportOf(planned, levels.get(name) ?? 0, ended, durationMs);
    reports.set(name, report);
    context.onEvent({ type: 'applied', report });
  };
  const ended = await runPhase<Value>({
    ...{ context, phase: 'apply', total: plans.length, needs, parallelism, tell },
    lane: (name) => laneOf(byName.get(name)),
    work: (name, isLast) => {
      const planned = byName.get(name);
      if (planned === undefined) throw new TypeError(`${name} is not one of the stacks of this run`);
      const isBehind = (needs.get(name) ?? []).some((on) => reports.get(on)?.state === 'applied');
      return work(options, planned, isBehind, isLast);
    },
  });
  return plans.map((planned) => {
    const { name } = planned.report.stack;
    const how = ended.get(name) ?? { state: 'not-begun' };
    const found = reports.get(name);
    if (found !== undefined && how.state !== 'blocked') return found;
    return reportOf(planned, levels.get(name) ?? 0, how, 0);
  });
}

function laneOf(planned: Planned | undefined): string | undefined {
  if (planned?.report.stack.tier === 0) return 'git';
  return planned?.report.summary?.priorResources === 0 ? 'first apply' : undefined;
}

async function work(options: ApplyAll, planned: Planned, isBehind: boolean, isLast: boolean): Promise<Worked<Value>> {
  const { context, deps, journal, recover, one } = options;
  const { stack, error, provisional } = planned.report;
  // A plan that failed while its dependency had changes pending may have failed for the want of them.
  if (error !== undefined && !(isBehind && provisional.length > 0 && !isLocked(error))) {
    return { state: 'failed', value: { error } };
  }
  const run: StackRun = {
    note: (event, data) => journal.write('note', `stack ${stack.name}`, { event, ...data }),
    interrupt: context.interrupt,
    progress: (text) => context.onEvent({ type: 'stack-progress', stack: stack.name, text }),
  };
  const isFresh = !isBehind && !isLast;
  try {
    if (!isFresh && planned.plan !== undefined) await finishStack(deps, planned.plan);
    const first = isFresh ? planned.plan : undefined;
    const done = await applyOne(stack, first, run, { ...one, deps, journal, recover: recover.has(stack.name), isLast });
    return { state: 'done', value: { done } };
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    const isUntouched = caught.code === 'run.locked' || caught.nothingChanged;
    return { state: isLocked(caught) && isUntouched ? 'again' : 'failed', value: { error: caught } };
  }
}

function reportOf({ report }: Planned, wave: number, ended: Ended<Value>, durationMs: number): AppliedReport {
  const value = ended.state === 'done' || ended.state === 'failed' ? ended.value : undefined;
  const done = value !== undefined && 'done' in value ? value.done : undefined;
  const error = value !== undefined && 'error' in value ? value.error : undefined;
  const state = stateOf(ended, done, error);
  const planned = report.error !== undefined && report.error === error;
  return {
    stack: report.stack.name,
    tier: report.stack.tier,
    wave,
    state,
    detail: detailOf(state, done, error, ended.state === 'blocked' ? ended.by : [], planned),
    replanned: done?.replanned === true,
    blockedBy: ended.state === 'blocked' ? ended.by : [],
    error,
    changed: done?.wrote === true || (error !== undefined && !planned && mayHaveChanged(error)),
    durationMs,
  };
}

/** An apply that was begun may have changed something, unless its error promises that it did not. */
function mayHaveChanged(error: InfraError): boolean {
  return (
    !error.nothingChanged && error.status !== 'refused' && error.status !== 'busy' && error.code !== 'stack.plan-failed'
  );
}

function stateOf(ended: Ended<Value>, done: AppliedOne | undefined, error: InfraError | undefined): ApplyState {
  if (ended.state === 'blocked') return 'blocked';
  if (ended.state === 'not-begun') return 'not-begun';
  if (error !== undefined) {
    if (isLocked(error)) return 'not-applied';
    if (error.status === 'refused') return 'refused';
    return isInterrupted(error) ? 'interrupted' : 'failed';
  }
  return done?.wrote === true ? 'applied' : 'unchanged';
}

function detailOf(
  state: ApplyState,
  done: AppliedOne | undefined,
  error: InfraError | undefined,
  by: readonly string[],
  planFailed: boolean,
): string {
  switch (state) {
    case 'applied':
      return [
        countsText(done?.plan.summary.counts),
        ...(done?.replanned === true ? ['planned again'] : []),
        ...(done?.notes ?? []),
      ].join(' · ');
    case 'unchanged':
      return 'no changes';
    case 'blocked':
      return `blocked: ${by.join(', ')} did not end well`;
    case 'not-applied':
      return 'not applied: somebody else works on it';
    case 'not-begun':
      return 'not begun';
    case 'failed':
      return planFailed ? 'could not plan' : error?.code === 'stack.plan-failed' ? 'could not plan it again' : 'failed';
    default:
      return state;
  }
}

/** `9 created, 1 updated`. */
function countsText(counts: PlanSummary['counts'] | undefined): string {
  const words = {
    create: 'created',
    update: 'updated',
    replace: 'replaced',
    delete: 'deleted',
    forget: 'forgotten',
    import: 'imported',
    move: 'moved',
    output: 'outputs changed',
  } as const;
  const parts = Object.entries(words).flatMap(([kind, word]) => {
    const count = counts?.[kind as keyof typeof words] ?? 0;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return parts.length === 0 ? 'applied' : parts.join(', ');
}
