import type { EvidenceState } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import { type FirstSeen, firstSeen } from '../../judge/first-seen.ts';

/** The finding code of "a session could not be written". */
export const STORE_FULL = 'authentik.session-store-full';

/** The first failed write that the pod's log tells, if there was one. */
export function firstFailedWrite(logs: EvidenceState<LogEvidence>, pod: string): FirstSeen | undefined {
  return logs.state === 'answered' ? firstSeen(logs.value, STORE_FULL, pod) : undefined;
}
