import { InfraError, isInfraError } from '../../errors.ts';
import type { Journal } from '../../operation/journal.ts';
import type { StackDeps, StackRun } from '../deps.ts';
import { guardedChanges } from '../guards/run-guard.ts';
import { applyStack } from '../run/apply-stack.ts';
import { mayPass } from '../run/failure.ts';
import { finishStack } from '../run/plan-stack.ts';
import type { Stack, StackPlan } from '../stack.ts';
import type { Confirmed } from './confirmed.ts';
import { beyond } from './confirmed.ts';
import type { Prepare } from './init-queue.ts';
import { type Judging, judgePlans } from './judge.ts';
import { lockTimeout, planOne } from './plan-one.ts';
import type { PlannedReport } from './report.ts';

/** Tries of an apply whose failures may pass by themselves; each plans anew. */
const TRIES = 3;
const PAUSE_MS = 15_000;

/** What applying one stack of a run needs. `agree` asks whether changes beyond what was confirmed may be applied too. */
export type ApplyOne = {
  readonly deps: StackDeps;
  readonly judging: Judging;
  readonly journal: Journal;
  readonly prepare: Prepare;
  readonly confirmed: Confirmed;
  readonly agree: (stack: string, more: readonly string[]) => Promise<boolean>;
  readonly recover: boolean;
  readonly isLast: boolean;
};

/** What became of a stack. `wrote`: an apply was begun that was not refused before it could write. */
export type AppliedOne = {
  readonly plan: StackPlan;
  readonly replanned: boolean;
  readonly wrote: boolean;
  readonly notes: readonly string[];
};

/**
 * Applies exactly the plan that was confirmed. Where there is none, where it is stale, or after a failure that may pass
 * by itself, the stack is planned again, judged again, and applied only if the plan holds no more than was agreed to.
 * Every way out removes the plan file. Errors: those of `planOne`, `judgePlans`, `applyStack`; `stack.plan-grew` (4).
 */
export async function applyOne(
  stack: Stack,
  first: StackPlan | undefined,
  run: StackRun,
  options: ApplyOne,
): Promise<AppliedOne> {
  let plan = first;
  let replanned = false;
  let wrote = false;
  for (let tried = 1; ; tried += 1) {
    if (plan === undefined) {
      try {
        plan = await planAgain(stack, run, options);
      } catch (error) {
        throw wrote ? afterWriting(error) : error;
      }
      replanned = true;
    }
    if (plan.outcome === 'no-changes') {
      await finishStack(options.deps, plan);
      return { plan, replanned, wrote, notes: [] };
    }
    try {
      const notes = await applyThis(stack, plan, run, options);
      return { plan, replanned, wrote: true, notes };
    } catch (error) {
      if (!isInfraError(error) || tried === TRIES) throw error;
      const isStale = error.code === 'stack.plan-stale';
      if (!isStale && !(error.code === 'stack.apply-failed' && mayPass(error))) throw error;
      run.progress(
        isStale
          ? 'its state has changed meanwhile'
          : `waiting 15 s, then try ${tried + 1} of ${TRIES}: ${error.message}`,
      );
      wrote ||= !isStale;
      if (!isStale) await options.deps.clients.clock.sleep(PAUSE_MS, run.interrupt);
      plan = undefined;
    }
  }
}

/** What stops a stack that was refused a second plan, when its first apply may have written: nothing promises that nothing changed. */
function afterWriting(error: unknown): unknown {
  if (!isInfraError(error) || !(error.nothingChanged || error.status === 'refused' || error.status === 'busy'))
    return error;
  const { code, message, hints, violations, cause } = error;
  return new InfraError(code, 'incomplete', `${message} An apply of it was begun before.`, {
    hints,
    violations,
    cause,
  });
}

async function planAgain(stack: Stack, run: StackRun, options: ApplyOne): Promise<StackPlan> {
  const { deps, judging, prepare, recover, isLast, confirmed, agree } = options;
  run.progress('planning again');
  const plan = await planOne(stack, run, { deps, prepare, recover, isLast });
  try {
    const { refusal } = await judgePlans(judging, [{ plan, report: reportOf(stack, plan) }]);
    if (refusal !== undefined) throw refusal;
    const more = beyond(confirmed.get(stack.name), plan.summary.changes);
    const lines = more.map((change) => `${change.class} ${change.address}`);
    if (lines.length > 0 && !(await agree(stack.name, lines))) throw grew(stack.name, lines);
    return plan;
  } catch (error) {
    await finishStack(deps, plan);
    throw error;
  }
}

async function applyThis(stack: Stack, plan: StackPlan, run: StackRun, options: ApplyOne): Promise<readonly string[]> {
  const { deps, journal, isLast } = options;
  const step = `stack ${stack.name}`;
  // The lock is waited for only as long as the other stacks of the wave can spare.
  const patient: StackDeps = { ...deps, env: { ...deps.env, TG_LOCK_TIMEOUT: lockTimeout(deps, isLast) } };
  try {
    await journal.write('step-applying', step);
    const applied = await applyStack(patient, plan, stack, run);
    if (applied.state !== undefined) await run.note('state-saved', { stack: stack.name, state: applied.state });
    await journal.write('step-applied', step);
    return applied.findings.map(({ verdict, detail }) => `${verdict} ${detail}`);
  } catch (error) {
    if (isInfraError(error)) await journal.write('step-failed', step, { code: error.code, message: error.message });
    throw error;
  } finally {
    await finishStack(deps, plan);
  }
}

function grew(stack: string, lines: readonly string[]): InfraError {
  return new InfraError(
    'stack.plan-grew',
    'refused',
    `Planned ${stack} again: its plan holds ${lines.length === 1 ? 'a change' : `${lines.length} changes`} that nobody has agreed to (${lines.slice(0, 3).join(', ')}${lines.length > 3 ? ', …' : ''}). It was not applied.`,
    {
      violations: lines.map((line) => ({ code: 'stack.plan-grew', message: `${stack}: ${line}` })),
      hints: ['Run the same command again: it shows the new plan.', 'Or add --accept-replans: guards still refuse.'],
      nothingChanged: true,
    },
  );
}

/** The report of a plan that is judged on its own. */
function reportOf(stack: Stack, plan: StackPlan): PlannedReport {
  return {
    stack,
    wave: 0,
    state: plan.outcome,
    summary: plan.summary,
    guarded: guardedChanges(stack.name, plan.summary.changes),
    provisional: [],
    blockedBy: [],
    error: undefined,
    durationMs: plan.durationMs,
  };
}
