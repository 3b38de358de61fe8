import type { RunRecord } from '../../operation/journal.ts';
import type { JournalLine } from '../../operation/journal-line.ts';

/** What infra last did with a stack on this machine, from its journals. */
export type LastRun = {
  readonly run: string;
  readonly operation: string;
  readonly at: string;
  readonly outcome: 'applied' | 'failed' | 'unfinished' | 'planned';
};

const OUTCOMES: Readonly<Partial<Record<JournalLine['event'], LastRun['outcome']>>> = {
  'step-planned': 'planned',
  'step-applying': 'unfinished',
  'step-applied': 'applied',
  'step-failed': 'failed',
};

/** The last run that worked on each stack of a site: stack → run. `records` are newest first; steps are `stack NAME`. */
export function lastRuns(records: readonly RunRecord[], siteRoot: string): ReadonlyMap<string, LastRun> {
  const found = new Map<string, LastRun>();
  for (const { header, lines } of records) {
    if (header.site !== siteRoot) continue;
    const inRun = new Map<string, LastRun>();
    for (const { at, event, step } of lines) {
      const outcome = OUTCOMES[event];
      const stack = step?.startsWith('stack ') === true ? step.slice('stack '.length) : undefined;
      if (outcome !== undefined && stack !== undefined) {
        inRun.set(stack, { run: header.id, operation: header.operation, at, outcome });
      }
    }
    for (const [stack, last] of inRun) if (!found.has(stack)) found.set(stack, last);
  }
  return found;
}
