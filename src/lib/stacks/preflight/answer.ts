import type { InfraError, StatusName } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';

/** One answer before anything runs. `error` and its status stop the run; without them the finding is only shown. */
export type PreflightAnswer = { readonly finding: Finding; readonly blocks?: StatusName; readonly error?: InfraError };

/** A check that passed. */
export function passed(id: string, title: string, detail: string): PreflightAnswer {
  return { finding: { id, title, verdict: 'PASS', detail } };
}

/** A check that stops the run. */
export function stopped(id: string, title: string, error: InfraError): PreflightAnswer {
  const unreachable = error.status === 'unavailable' || error.status === 'denied';
  const reason = error.status === 'denied' ? 'forbidden' : 'unreachable';
  const hint = error.hints[0];
  const finding: Finding = {
    id,
    title,
    verdict: unreachable ? 'UNKNOWN' : 'FAIL',
    detail: error.message,
    ...(unreachable ? { reason } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
  return { finding, blocks: error.status, error };
}
