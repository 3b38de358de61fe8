import { InfraError, isInfraError, type StatusName, worstStatus } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Journal } from '../../operation/journal.ts';
import type { ApplyOverview, ApplyRequest, ApplyResult, ApplyVerdict } from './apply-request.ts';
import type { ByHand } from './by-hand.ts';
import type { ManyContext } from './context.ts';
import type { EarlierApply } from './earlier-apply.ts';
import type { AppliedReport, Planned, PlannedReport } from './report.ts';

/** What is known so far; every way out builds its result from it. */
export type Progress = {
  readonly context: ManyContext;
  readonly request: ApplyRequest;
  readonly startedMs: number;
  preflight: readonly Finding[];
  byHand: readonly ByHand[];
  parallelism: number;
  plans: readonly Planned[];
  overview?: ApplyOverview;
  earlier?: EarlierApply | undefined;
  journal?: Journal;
};

/** Ends that keep their status whatever was changed. */
const KEPT: readonly StatusName[] = ['ok', 'warn', 'incomplete', 'sigint', 'sigterm', 'deadline', 'bug'];

/** The result of what was applied; empty in a dry run, and when every stack is left to a person. */
export function conclude(progress: Progress, applied: readonly AppliedReport[]): ApplyResult {
  const { request, context, byHand } = progress;
  const reports = progress.overview?.reports ?? [];
  const changed = applied.some((report) => report.changed);
  const problems = [...applied.flatMap(problemOf), ...(request.dryRun ? reports.flatMap(planProblem) : [])];
  if (context.interrupt.aborted) {
    const reason: unknown = context.interrupt.reason;
    const error = isInfraError(reason) ? reason : problems[0]?.error;
    return finish(progress, changed ? 'incomplete' : 'failed', error?.status ?? 'sigint', error, applied);
  }
  if (problems.length > 0) {
    const worst = worstStatus(problems.map(({ error }) => error.status));
    const status: StatusName = changed ? 'incomplete' : worst;
    const verdict: ApplyVerdict = changed ? 'incomplete' : status === 'refused' ? 'refused' : 'failed';
    return finish(progress, verdict, status, problemError(problems, applied, status), applied);
  }
  const status: StatusName = byHand.length > 0 ? 'warn' : 'ok';
  if (request.dryRun) return finish(progress, 'planned', status, undefined, applied);
  return finish(progress, changed ? 'applied' : 'nothing-to-change', status, undefined, applied);
}

/** A result from what is known so far. */
export function finish(
  progress: Progress,
  verdict: ApplyVerdict,
  status: StatusName,
  error: InfraError | undefined,
  applied: readonly AppliedReport[] = [],
): ApplyResult {
  const { context, request, earlier, journal } = progress;
  // What an earlier run has changed and left open stands, however this one ends.
  const stands = earlier !== undefined && !request.dryRun && error !== undefined && !KEPT.includes(status);
  const ended: StatusName = stands ? 'incomplete' : status;
  return {
    verdict: stands ? 'incomplete' : verdict,
    how: request.chosen.how,
    run: journal?.header.id,
    preflight: progress.preflight,
    parallelism: progress.parallelism,
    overview: progress.overview,
    byHand: progress.byHand,
    applied,
    skipped: undefined,
    status: ended,
    error: error === undefined ? undefined : told(error, ended, journal?.header.id),
    durationMs: context.clients.clock.monotonic() - progress.startedMs,
  };
}

type Problem = { readonly stack: string; readonly error: InfraError };

function problemOf({ stack, error }: AppliedReport): readonly Problem[] {
  return error === undefined ? [] : [{ stack, error }];
}

function planProblem({ stack, error }: PlannedReport): readonly Problem[] {
  return error === undefined ? [] : [{ stack: stack.name, error }];
}

/** One error for all stacks that did not get where they should, each with its reason. */
function problemError(problems: readonly Problem[], applied: readonly AppliedReport[], status: StatusName): InfraError {
  const [first] = problems;
  if (first === undefined) throw new TypeError('no problem to tell');
  const blocked = applied.filter(({ state }) => state === 'blocked').map(({ stack }) => stack);
  const behind = blocked.length === 0 ? '' : ` Not tried for it: ${blocked.join(', ')}.`;
  const { error } = first;
  if (problems.length === 1) {
    return new InfraError(error.code, status, `${error.message}${behind}`, {
      hints: error.hints,
      violations: error.violations,
      cause: error,
      nothingChanged: error.nothingChanged,
    });
  }
  const codes = new Set(problems.map((problem) => problem.error.code));
  return new InfraError(
    codes.size === 1 ? error.code : 'stack.not-all-applied',
    status,
    `${problems.length} stacks did not get where they should: ${problems.map(({ stack }) => stack).join(', ')}.${behind}`,
    {
      violations: problems.map(({ error: { code, message } }) => ({ code, message })),
      hints: [...new Set(problems.flatMap((problem) => problem.error.hints.slice(0, 1)))].slice(0, 5),
    },
  );
}

/** The error with the status of the whole, and how to go on. */
function told(error: InfraError, status: StatusName, run: string | undefined): InfraError {
  const { code, message, hints, docs, violations, nothingChanged } = error;
  const more = status === 'incomplete' && run !== undefined ? [`To go on from here: infra run resume ${run}`] : [];
  return new InfraError(code, status, message, {
    hints: [...new Set([...hints, ...more, ...(run === undefined ? [] : [`infra run show ${run}`])])],
    violations,
    cause: error,
    nothingChanged,
    ...(docs === undefined ? {} : { docs }),
  });
}
