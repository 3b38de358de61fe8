import { InfraError } from '../../errors.ts';
import type { RunRecord } from '../../operation/journal.ts';
import { isUnfinished } from '../../operation/run-state.ts';
import type { Confirmed } from './confirmed.ts';
import { readConfirmed } from './confirmed.ts';

/** The name of the operation in journals. */
export const APPLY_OPERATION = 'stack apply';

/** What earlier runs over the same stacks left open. */
export type EarlierApply = {
  readonly record: RunRecord;
  /** What was agreed to last; empty when nobody was asked. */
  readonly confirmed: Confirmed;
};

/** What runs over the same stacks of the same repository left open, or undefined. `records`: newest first. */
export function findEarlierApply(
  records: readonly RunRecord[],
  site: string,
  stacks: readonly string[],
): EarlierApply | undefined {
  const same = records.filter((record) => isOurs(record, site) && sameNames(stacksOf(record) ?? [], stacks));
  const settled = same.findIndex((record) => record.end?.status === 'ok' || (wrote(record) && !isUnfinished(record)));
  const open = settled < 0 ? same : same.slice(0, settled);
  const record = open.find(isUnfinished);
  if (record === undefined) return undefined;
  const line = open.flatMap(({ lines }) => lines.findLast(({ event }) => event === 'confirmed') ?? [])[0];
  return { record, confirmed: readConfirmed(line?.data) };
}

/** Stacks that a run of any operation has begun to apply without writing down an end: their state has to be brought home. */
export function halfApplied(records: readonly RunRecord[], site: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const half = new Set<string>();
  for (const { lines } of records.filter((record) => record.header.site === site)) {
    const last = new Map<string, string>();
    for (const { event, step } of lines) {
      if (step?.startsWith('stack ') && ['step-applying', 'step-applied', 'step-failed'].includes(event))
        last.set(step.slice('stack '.length), event);
    }
    for (const [stack, event] of last) {
      if (!seen.has(stack) && event === 'step-applying') half.add(stack);
      seen.add(stack);
    }
  }
  return half;
}

/** The newest `stack apply` of this repository that left something open. Errors: `run.nothing-to-resume` (64). */
export function newestOpen(records: readonly RunRecord[], site: string): RunRecord {
  const found = records.find(
    (record) => isOurs(record, site) && findEarlierApply(records, site, stacksOf(record) ?? [])?.record === record,
  );
  if (found !== undefined) return found;
  throw new InfraError('run.nothing-to-resume', 'usage', 'No run of stack apply has left anything open here.', {
    hints: ['infra run list'],
  });
}

/**
 * The stacks of a run to go on with. Errors: `run.not-resumable` (64) for another repository, `run.finished` (64) when
 * nothing is left to do, `run.damaged` (65).
 */
export function stacksToResume(record: RunRecord, site: string): readonly string[] {
  const { id, site: other } = record.header;
  if (other !== site) {
    throw new InfraError('run.not-resumable', 'usage', `Run ${id} belongs to the repository ${other}.`, {
      hints: [`infra run resume ${id} --repo ${other}`],
    });
  }
  if (!isUnfinished(record)) {
    throw new InfraError('run.finished', 'usage', `Run ${id} (${APPLY_OPERATION}) left nothing to go on with.`, {
      hints: [`infra run show ${id}`],
    });
  }
  const stacks = stacksOf(record);
  if (stacks !== undefined) return stacks;
  throw new InfraError('run.damaged', 'data', `The journal of run ${id} does not hold what a resume needs.`, {
    hints: ['Repeat the command: infra stack apply …'],
  });
}

function isOurs({ header }: RunRecord, site: string): boolean {
  return header.operation === APPLY_OPERATION && header.site === site;
}

function stacksOf({ header }: RunRecord): readonly string[] | undefined {
  const { stacks } = header.inputs ?? {};
  return Array.isArray(stacks) && stacks.every((name) => typeof name === 'string') ? stacks : undefined;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
}

function wrote({ lines }: RunRecord): boolean {
  return lines.some(({ event }) => event === 'step-applying');
}
