import { durationText } from '../../findings/duration.ts';
import type { Verdict } from '../../findings/finding.ts';
import type { JobState } from './job-state.ts';
import type { MonitorLog } from './monitor-log.ts';

/** What was seen of a mail that was sent around. Plain JSON. */
export type SendEvidence = {
  readonly phase: JobState['phase'];
  readonly why?: string;
  /** Why its pod had not started when it was last seen, such as ImagePullBackOff; left out once it ran. */
  readonly waitingFor?: string;
  readonly waitedMs: number;
  /** Left out when it could not be read; `noLog` says why. */
  readonly log?: MonitorLog;
  readonly noLog?: string;
};

/** Where the way round broke. */
export const HALVES = ['none', 'sending', 'receiving', 'mailbox', 'not-started', 'unclear'] as const;
export type Half = (typeof HALVES)[number];

export type SendJudgement = {
  readonly half: Half;
  readonly verdict: Verdict;
  /** For all but PASS: the half, as a stable word. */
  readonly reason?: string;
  readonly detail: string;
};

/** Says which half failed. Pure. A Job that never started proves nothing: UNKNOWN. */
export function judgeSend(evidence: SendEvidence): SendJudgement {
  const { phase, log } = evidence;
  if (log?.cameBack === true) return cameBack(evidence, log);
  if (phase === 'gone') return judged('unclear', 'UNKNOWN', 'somebody deleted the Job before it had ended');
  if (phase === 'waiting')
    return judged('not-started', 'UNKNOWN', `the Job did not start within ${waited(evidence)}${because(evidence)}`);
  if (phase === 'failed' && evidence.waitingFor !== undefined && (log?.count ?? 0) === 0) {
    const ended = `the Job ended${because(evidence)} before its pod ran: ${evidence.waitingFor}`;
    return judged('not-started', 'UNKNOWN', ended);
  }
  if (log?.apiError !== undefined && !log.isSent) {
    return judged(
      'sending',
      'FAIL',
      `not sent: the sender’s API ${apiWords(log.apiError.status)}: ${log.apiError.line}`,
    );
  }
  if (phase === 'complete' && log?.cameBack !== false) {
    return judged('none', 'PASS', `the Job ended well after ${waited(evidence)}; its log does not tell of the mail`);
  }
  if (log?.isSent === true && log.mailbox.failed > 0) {
    const attempts = `${log.mailbox.failed} attempt${log.mailbox.failed === 1 ? '' : 's'}`;
    return judged('mailbox', 'FAIL', `sent; the mailbox could not be read, ${attempts}: ${log.mailbox.line}`);
  }
  if (log?.isSent === true || log?.cameBack === false) {
    return judged('receiving', 'FAIL', `sent, and not received within ${waited(evidence)}${because(evidence)}`);
  }
  if (phase === 'running') {
    return judged(
      'unclear',
      'UNKNOWN',
      `the Job still runs after ${waited(evidence)}; its log does not say that it sent anything`,
    );
  }
  const log0 =
    evidence.noLog === undefined ? 'its log does not say which half' : `its log could not be read: ${evidence.noLog}`;
  return judged('unclear', 'FAIL', `the Job failed${because(evidence)}; ${log0}`);
}

function cameBack(evidence: SendEvidence, { seconds }: MonitorLog): SendJudgement {
  const took = seconds === undefined ? '' : ` in ${seconds} s`;
  if (evidence.phase !== 'failed') return judged('none', 'PASS', `sent and received${took}`);
  return {
    ...judged('none', 'WARN', `sent and received${took}, but the Job failed afterwards${because(evidence)}`),
    reason: 'job-failed',
  };
}

function judged(half: Half, verdict: Verdict, detail: string): SendJudgement {
  return { half, verdict, ...(verdict === 'PASS' ? {} : { reason: half }), detail };
}

function waited({ waitedMs }: SendEvidence): string {
  return durationText(waitedMs);
}

function because({ why }: SendEvidence): string {
  return why === undefined ? '' : ` (${why})`;
}

function apiWords(status: number | undefined): string {
  if (status === 401 || status === 403) return `does not accept its key (${status})`;
  if (status === 429) return 'says that too much was sent (429)';
  if (status !== undefined && status >= 500) return `is in trouble itself (${status})`;
  return status === undefined ? 'refused' : `refused (${status})`;
}
