import type { EvidenceState } from '../../diagnosis/probe.ts';
import type { Verdict } from '../../findings/finding.ts';
import type { Roundtrip } from '../evidence/roundtrip.ts';
import type { CellVerdict } from '../hops.ts';
import { cameRound } from '../verdict/hop-answers.ts';

/** What is known of the last mail that was sent around. `reason`: stale, failed, never, suspended, or why nobody could say. */
export type RoundtripJudgement = { readonly verdict: Verdict; readonly reason?: string; readonly detail: string };

const VERDICT: Readonly<Record<CellVerdict, Verdict>> = {
  OK: 'PASS',
  'EXPECTED-DROP': 'PASS',
  FAIL: 'FAIL',
  INCONCLUSIVE: 'UNKNOWN',
  SKIPPED: 'SKIP',
};

/** Judges the monitor's last result by the same rule as `mail check-ports`. Pure. */
export function judgeRoundtrip(state: EvidenceState<Roundtrip>, now: Date): RoundtripJudgement {
  if (state.state === 'no-answer') {
    const verdict = state.reason === 'not-configured' ? 'SKIP' : 'UNKNOWN';
    return { verdict, reason: state.reason, detail: state.message.replace(/\.$/, '') };
  }
  const { verdict, reason, got } = cameRound(state.value, now);
  return { verdict: VERDICT[verdict], ...(reason === undefined ? {} : { reason }), detail: got };
}
