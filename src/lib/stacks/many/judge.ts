import { InfraError } from '../../errors.ts';
import type { RunRecord } from '../../operation/journal.ts';
import type { StackDeps } from '../deps.ts';
import type { Allowed } from '../guards/allowed.ts';
import { liveTraces } from '../guards/live.ts';
import { type Guarded, notAllowed, runRefusal } from '../guards/run-guard.ts';
import { appliedBefore, stateLost } from '../guards/state-lost.ts';
import type { ManyContext } from './context.ts';
import { withLiveGuards } from './live-guards.ts';
import type { Planned } from './report.ts';

/** What plans are judged with. `runs`: the journals of this machine, newest first. */
export type Judging = {
  readonly context: ManyContext;
  readonly deps: StackDeps;
  readonly runs: readonly RunRecord[];
  readonly allowed: Allowed;
};

/** Plans with everything that guards them, and the one refusal that stops the run. */
export type Judged = {
  readonly plans: readonly Planned[];
  readonly guarded: readonly Guarded[];
  readonly refusal: InfraError | undefined;
};

/**
 * The guards over all plans of a run at once: what destroys, what was an incident, what the cluster knows, states that
 * are lost, and refusals by the repository's own guards. Errors: those of `Kubernetes` and `Git`.
 */
export async function judgePlans(judging: Judging, given: readonly Planned[]): Promise<Judged> {
  const plans = await withLiveGuards(judging.context, given);
  const guarded = plans.flatMap(({ report }) => report.guarded);
  const lost = (await Promise.all(plans.map((planned) => lostState(judging, planned)))).filter(
    (error) => error !== undefined,
  );
  const own = plans.flatMap(({ report: { error } }) => (error?.status === 'refused' ? [error] : []));
  const listed = runRefusal(notAllowed(guarded, judging.allowed));
  return { plans, guarded, refusal: asOne([...lost, ...(listed === undefined ? [] : [listed]), ...own]) };
}

async function lostState({ context, deps, runs }: Judging, { report }: Planned): Promise<InfraError | undefined> {
  const { stack, summary } = report;
  if (summary === undefined || summary.priorResources > 0) return undefined;
  const [before, traces] = await Promise.all([appliedBefore(deps, stack, runs), liveTraces(context.clients, summary)]);
  return stateLost(stack.name, summary, [...before, ...traces]);
}

function asOne(errors: readonly InfraError[]): InfraError | undefined {
  const [first] = errors;
  if (first === undefined || errors.length === 1) return first;
  return new InfraError(first.code, 'refused', errors.map(({ message }) => message).join(' '), {
    violations: errors.flatMap((error) =>
      error.violations.length > 0 ? error.violations : [{ code: error.code, message: error.message }],
    ),
    hints: [...new Set(errors.flatMap(({ hints }) => hints))],
    nothingChanged: true,
  });
}
