import type { InfraError } from '../errors.ts';
import type { Recorded } from './collected.ts';
import type { SubjectOptions } from './probe.ts';
import type { Runbook } from './runbook.ts';

/** A run in which nothing could be asked, because of `error`: every probe still has a result, and it is not health. */
export function unaskedRun(
  runbook: Runbook,
  selected: readonly string[],
  options: SubjectOptions,
  at: Date,
  error: InfraError,
): Recorded {
  const evidence = { state: 'no-answer', reason: 'not-asked', message: `not asked: ${error.message}` } as const;
  return {
    subject: runbook.subject,
    at: at.toISOString(),
    durationMs: 0,
    reviews: 0,
    ...{ options, selected, ignore: [], ended: 'complete', isKept: true },
    collected: runbook.probes.map(({ id }) => ({
      ...{ id, at: at.toISOString(), durationMs: 0, requests: {}, byHand: '', evidence },
    })),
  };
}
