import { InfraError, isInfraError, type StatusName, worstStatus } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { ManyContext } from '../many/context.ts';
import { stackDepsOf } from '../many/context.ts';
import { isInterrupted, pendingChanges } from '../many/plan-all.ts';
import { preflightMany } from '../many/preflight.ts';
import type { Planned } from '../many/report.ts';
import { widthOf } from '../many/width.ts';
import type { Stack } from '../stack.ts';
import { explainGroups } from './explain.ts';
import { sweepTrees } from './fresh-tree.ts';
import { groupDrift } from './groups.ts';
import { expiredIgnores, partIgnored } from './ignores.ts';
import { type Memory, readMemory, remember, writeMemory } from './memory.ts';
import { planUnlocked } from './plan-unlocked.ts';
import type { DriftReport, DriftResult, DriftState } from './result.ts';
import { lookAgain, type SecondLook } from './second-look.ts';

/** What `stack drift` was asked for. `seenBefore`: moments of the first sighting that are known from elsewhere, ISO 8601. */
export type DriftRequest = {
  readonly stacks: readonly Stack[];
  readonly parallelism: number | undefined;
  readonly exitCode: boolean;
  readonly seenBefore: ReadonlyMap<string, string>;
};

/**
 * Compares what the stacks say with what there is: plans without locks, and what drifted once more on the newest commit.
 * Changes nothing but infra's own memory of when a drift was seen first. A stack that could not be planned is `failed`,
 * never clean. Throws InfraErrors of what comes before the first plan: those of `preflightMany`.
 */
export async function findDrift(context: ManyContext, request: DriftRequest): Promise<DriftResult> {
  const { clock } = context.clients;
  const { stacks } = request;
  const started = clock.monotonic();
  const deps = await stackDepsOf(context);
  const now = clock.now();
  await sweepTrees(deps);
  const preflight = stacks.length === 0 ? [] : await preflightMany(context, deps, stacks, false);
  const parallelism = widthOf(deps, request.parallelism);
  const first = await planUnlocked(context, deps, stacks, parallelism);
  const counted = (planned: Planned) =>
    partIgnored(context.site, planned.report.stack.name, pendingChanges(planned.report.summary), now);
  const drifted = first
    // A Tier-0 state that somebody else has pushed meanwhile can be planned from the newest commit only.
    .filter(
      (planned) => counted(planned).changes.length > 0 || isInfraError(planned.report.error, 'stack.behind-upstream'),
    )
    .map(({ report }) => report.stack);
  const second =
    drifted.length === 0 || context.interrupt.aborted
      ? undefined
      : await lookAgain(context, deps, drifted, parallelism);
  const memory = merged(await readMemory(deps), request.seenBefore);
  const reports = first.map((planned): DriftReport => {
    const { stack } = planned.report;
    const last = second?.planned.get(stack.name) ?? planned;
    const parted = counted(last);
    const state = stateOf(planned, last, parted.changes.length, second);
    // What newer commits no longer have need not be planned.
    const error = second?.gone.has(stack.name) === true ? undefined : last.report.error;
    return {
      stack: stack.name,
      tier: stack.tier,
      state,
      changes: state === 'drift' || state === 'unconfirmed' ? parted.changes : [],
      ignored: state === 'settled' ? [] : parted.ignored,
      firstSeen:
        state === 'drift' || state === 'unconfirmed'
          ? remember(memory, stack.name, state, now.toISOString()).firstSeen
          : undefined,
      error,
      durationMs: planned.report.durationMs + (last === planned ? 0 : last.report.durationMs),
    };
  });
  await writeMemory(deps, {
    ...memory,
    ...Object.fromEntries(
      reports.map(({ stack, state }) => [stack, remember(memory, stack, state, now.toISOString())]),
    ),
  });
  const groups = await explainGroups(deps, stacks, groupDrift(reports), (stack) => memory[stack]?.lastClean);
  const findings = [
    ...preflight.filter(({ verdict }) => verdict === 'WARN' || verdict === 'UNKNOWN'),
    ...(second?.findings ?? []),
    ...expiredIgnores(context.site, now),
  ];
  const error = errorOf(reports);
  return {
    reports,
    groups,
    findings,
    secondLookAt: second?.at,
    lookedAt: now.toISOString(),
    parallelism,
    status: error?.status ?? statusOf(reports, findings, request.exitCode),
    error,
    durationMs: clock.monotonic() - started,
  };
}

function stateOf(first: Planned, last: Planned, changes: number, second: SecondLook | undefined): DriftState {
  const { state, error, summary, stack } = last.report;
  // A first look that was refused has seen no change that could be gone.
  const none: DriftState = pendingChanges(first.report.summary).length > 0 ? 'settled' : 'clean';
  if (second?.gone.has(stack.name) === true) return none;
  if (error !== undefined) return isInterrupted(error) ? 'not-planned' : 'failed';
  if (state !== 'changes' && state !== 'no-changes') return 'not-planned';
  if (changes > 0) return second !== undefined && !second.planned.has(stack.name) ? 'unconfirmed' : 'drift';
  if (pendingChanges(summary).length > 0) return 'ignored';
  return last === first ? 'clean' : none;
}

/** The earlier moment counts: a memory may have been lost in between. */
function merged(memory: Memory, seen: ReadonlyMap<string, string>): Memory {
  const all: Record<string, Memory[string]> = { ...memory };
  for (const [stack, at] of seen) {
    const known = all[stack]?.firstSeen;
    if (known === undefined || at < known) all[stack] = { ...all[stack], firstSeen: at };
  }
  return all;
}

function statusOf(reports: readonly DriftReport[], findings: readonly Finding[], exitCode: boolean): StatusName {
  const has = (state: DriftState): boolean => reports.some((report) => report.state === state);
  return worstStatus([
    ...(has('unconfirmed') || findings.some(({ verdict }) => verdict === 'UNKNOWN') ? ['unknown' as const] : []),
    ...(exitCode && (has('drift') || has('unconfirmed')) ? ['warn' as const] : []),
  ]);
}

/** One error for all that could not be planned, with the gravest status; no drift is concluded from any of them. */
function errorOf(reports: readonly DriftReport[]): InfraError | undefined {
  const failed = reports.flatMap(({ stack, error }) => (error === undefined ? [] : [{ stack, error }]));
  const [first] = failed;
  if (first === undefined) return undefined;
  if (failed.length === 1) return first.error;
  return new InfraError(
    new Set(failed.map(({ error }) => error.code)).size === 1 ? first.error.code : 'stack.plans-failed',
    worstStatus(failed.map(({ error }) => error.status)),
    `${failed.length} of ${reports.length} stacks could not be planned: ${failed.map(({ stack }) => stack).join(', ')}. Whether they drifted is not known.`,
    {
      violations: failed.map(({ error: { code, message } }) => ({ code, message })),
      hints: [...new Set(failed.flatMap(({ error }) => error.hints.slice(0, 1)))].slice(0, 5),
      nothingChanged: true,
    },
  );
}
