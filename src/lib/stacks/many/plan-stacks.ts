import { InfraError, isInfraError, type StatusName, worstStatus } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Chosen, ManyContext } from './context.ts';
import { stackDepsOf } from './context.ts';
import { makeInitQueue } from './init-queue.ts';
import { withLiveGuards } from './live-guards.ts';
import { needsOf } from './order.ts';
import { pendingChanges, planAll } from './plan-all.ts';
import { preflightMany } from './preflight.ts';
import type { Planned, PlannedReport } from './report.ts';
import { prepareSave, savePlan } from './save-plans.ts';
import { widthOf } from './width.ts';

/** What `stack plan` was asked for. `save`: absolute folder for the plan files; `exitCode`: changes are status warn. */
export type PlanRequest = {
  readonly chosen: Chosen;
  readonly parallelism: number | undefined;
  readonly save: string | undefined;
  readonly exitCode: boolean;
};

/** Everything there is to tell about one `stack plan`. With `error` the status is the error's. */
export type PlanResult = {
  readonly chosen: Chosen;
  readonly preflight: readonly Finding[];
  readonly parallelism: number;
  readonly reports: readonly PlannedReport[];
  /** Kept plan files by stack. */
  readonly saved: ReadonlyMap<string, string>;
  readonly status: StatusName;
  readonly error: InfraError | undefined;
  readonly durationMs: number;
};

/**
 * Plans stacks in the order of their dependencies and changes nothing; no plan file is left but those that --save keeps.
 * Throws InfraErrors of what comes before the first plan: those of `needsAmong`, `preflightMany`, `prepareSave`.
 */
export async function planStacks(context: ManyContext, request: PlanRequest): Promise<PlanResult> {
  const { chosen, save } = request;
  const started = context.clients.clock.monotonic();
  const deps = await stackDepsOf(context);
  const needs = await needsOf(context, chosen.stacks, chosen.known);
  if (save !== undefined) await prepareSave(deps, save);
  const preflight = chosen.stacks.length === 0 ? [] : await preflightMany(context, deps, chosen.stacks, false);
  const parallelism = widthOf(deps, request.parallelism);
  const saved = new Map<string, string>();
  const plans = await planAll({
    context,
    deps,
    prepare: makeInitQueue(deps),
    stacks: chosen.stacks,
    needs,
    parallelism,
    dryRun: true,
    recover: new Set(),
    note: async () => {},
    onPlan: async (stack, plan) => {
      if (save !== undefined) saved.set(stack.name, await savePlan(deps, save, plan));
      return false;
    },
  });
  const { judged, unknown } = await judgedByCluster(context, plans);
  const reports = judged.map(({ report }) => report);
  const error = errorOf(reports);
  return {
    chosen,
    preflight: [...preflight, ...unknown],
    parallelism,
    reports,
    saved,
    status: error?.status ?? statusOf(reports, unknown, request.exitCode),
    error,
    durationMs: context.clients.clock.monotonic() - started,
  };
}

/** A cluster that cannot be asked does not undo the plans: that its part of the guards is unknown is said. */
async function judgedByCluster(
  context: ManyContext,
  plans: readonly Planned[],
): Promise<{ readonly judged: readonly Planned[]; readonly unknown: readonly Finding[] }> {
  try {
    return { judged: await withLiveGuards(context, plans), unknown: [] };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    const finding: Finding = {
      id: 'stack.live-images',
      title: 'what runs now',
      verdict: 'UNKNOWN',
      reason: error.status === 'denied' ? 'forbidden' : 'unreachable',
      detail: `whether an image would go back is not known: ${error.message}`,
    };
    context.onEvent({ type: 'check', finding });
    return { judged: plans, unknown: [finding] };
  }
}

function statusOf(reports: readonly PlannedReport[], unknown: readonly Finding[], exitCode: boolean): StatusName {
  const changes = reports.some(({ summary, state }) => state === 'changes' || pendingChanges(summary).length > 0);
  return worstStatus([
    ...(unknown.length > 0 ? ['unknown' as const] : []),
    ...(exitCode && changes ? ['warn' as const] : []),
  ]);
}

/** One error for all that could not be planned; the gravest status, and each stack with its reason. */
function errorOf(reports: readonly PlannedReport[]): InfraError | undefined {
  const failed = reports.flatMap(({ stack, error }) => (error === undefined ? [] : [{ name: stack.name, error }]));
  const [first] = failed;
  if (first === undefined) return undefined;
  const blocked = reports.filter(({ state }) => state === 'blocked').length;
  const behind =
    blocked === 0 ? '' : ` ${blocked} that depend on ${failed.length === 1 ? 'it' : 'them'} were not tried.`;
  if (failed.length === 1) {
    const { error } = first;
    return new InfraError(error.code, error.status, `${error.message}${behind}`, {
      hints: error.hints,
      violations: error.violations,
      cause: error,
      nothingChanged: true,
    });
  }
  const codes = new Set(failed.map(({ error }) => error.code));
  return new InfraError(
    codes.size === 1 ? first.error.code : 'stack.plans-failed',
    worstStatus(failed.map(({ error }) => error.status)),
    `${failed.length} of ${reports.length} stacks could not be planned: ${failed.map(({ name }) => name).join(', ')}.${behind}`,
    {
      violations: failed.map(({ error: { code, message } }) => ({ code, message })),
      hints: [...new Set(failed.flatMap(({ error }) => error.hints.slice(0, 1)))].slice(0, 5),
      nothingChanged: true,
    },
  );
}
