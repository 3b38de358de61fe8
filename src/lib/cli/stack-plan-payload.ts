import type { PayloadOf } from '../documents/envelope.ts';
import type { stackPlan } from '../documents/stack-plan.ts';
import type { InfraError } from '../errors.ts';
import type { Guarded } from '../stacks/guards/run-guard.ts';
import type { PlannedReport } from '../stacks/many/report.ts';
import { CHANGE_CLASSES, countChanges } from '../stacks/plan/plan-summary.ts';
import type { Change, ChangeClass } from '../stacks/stack.ts';

type PlannedDocument = PayloadOf<typeof stackPlan>['stacks'][number];

/** One stack's plan as documents print it. */
export function plannedPayload(report: PlannedReport, plan?: string): PlannedDocument {
  const { stack, wave, state, summary, error } = report;
  return {
    stack: stack.name,
    tier: stack.tier,
    wave,
    state,
    ...(summary === undefined ? {} : { counts: { ...summary.counts } }),
    changes: (summary?.changes ?? []).filter((change) => change.class !== 'read').map(changePayload),
    guarded: report.guarded.map(guardedPayload),
    provisional: [...report.provisional],
    blockedBy: [...report.blockedBy],
    ...(error === undefined ? {} : { error: errorPayload(error) }),
    durationMs: Math.round(report.durationMs),
    ...(plan === undefined ? {} : { plan }),
  };
}

/** What all stacks together would change. */
export function totalCounts(reports: readonly PlannedReport[]): Record<ChangeClass, number> {
  const all = countChanges([]);
  return Object.fromEntries(
    CHANGE_CLASSES.map((name) => [
      name,
      reports.reduce((sum, { summary }) => sum + (summary?.counts[name] ?? 0), all[name]),
    ]),
  ) as Record<ChangeClass, number>;
}

/** How many of `states` there are of each. */
export function tally(states: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** A guarded change as documents print it. */
function guardedPayload({ stack, change, code, because, holdsData }: Guarded): PlannedDocument['guarded'][number] {
  return { stack, address: change.address, class: change.class, code, because, holdsData };
}

/** An error of one stack as documents print it. */
export function errorPayload({ code, message, hints }: InfraError): { code: string; message: string; hints: string[] } {
  return { code, message, hints: [...hints] };
}

/** A change as documents print it. */
export function changePayload(change: Change): PlannedDocument['changes'][number] {
  const { address, type, class: kind, reason, replacePaths, attributes, previousAddress } = change;
  return {
    address,
    type,
    class: kind,
    ...(reason === undefined ? {} : { reason }),
    ...(replacePaths === undefined ? {} : { replacePaths: [...replacePaths] }),
    ...(attributes === undefined ? {} : { attributes: [...attributes] }),
    ...(previousAddress === undefined ? {} : { previousAddress }),
  };
}
