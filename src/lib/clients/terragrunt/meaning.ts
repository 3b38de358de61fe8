import type { Diagnostic } from './client.ts';

/** Summaries of OpenTofu and Terraform (internal/command/clistate, internal/backend/local). */
const LOCK = 'Error acquiring the state lock';
const STALE = ['Saved plan is stale', 'Saved plan does not match the given state'];
/** The lock's summary stands above a database that cannot be reached, too: nobody holds anything then. */
const HELD = /already locked|resource temporarily unavailable/i;

/** What an error stands for that can be acted on, told from its text here and nowhere else. */
export function meaningOf({ severity, summary, detail }: Diagnostic): Diagnostic['means'] {
  if (severity !== 'error') return undefined;
  if (summary === LOCK && HELD.test(detail)) return 'lock-held';
  return STALE.includes(summary) ? 'plan-stale' : undefined;
}
