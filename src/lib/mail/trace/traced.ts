import type { Verdict } from '../../findings/finding.ts';
import type { RefusalCode, Whose } from '../log/refusal.ts';

/** Where a mail is, or where it ended, for one recipient. */
export const TRACE_STATES = [
  'delivered',
  'relayed',
  'forwarded',
  'deferred',
  'greylisted',
  'held',
  'queued',
  'bounced',
  'expired',
  'rejected',
  'discarded',
  'deleted',
  'unknown',
] as const;
export type TraceState = (typeof TRACE_STATES)[number];

/** The programs that a mail passes, in the order of its way. */
export const STAGES = [
  'balancer',
  'postscreen',
  'smtpd',
  'pickup',
  'filter',
  'cleanup',
  'queue',
  'delivery',
  'mailbox',
  'notice',
] as const;
export type Stage = (typeof STAGES)[number];

/** One thing that happened. `at` is ISO 8601 in UTC; `text` is redacted. */
export type TraceStep = {
  readonly at: string;
  readonly stage: Stage;
  readonly program: string;
  readonly queueId?: string;
  readonly text: string;
};

/** One recipient of a mail. */
export type TracedRecipient = {
  readonly address: string;
  /** The address that the sender wrote, where an alias led elsewhere. */
  readonly origTo?: string;
  readonly state: TraceState;
  /** Where it went: a mailbox, a server, a filter. */
  readonly where?: string;
  /** What the last server or filter said, for all that is not delivered. */
  readonly reason?: string;
  readonly code?: RefusalCode;
  readonly whose?: Whose;
  readonly dsn?: string;
  /** Deliveries that were tried. */
  readonly attempts: number;
  readonly lastAttempt?: string;
  /** About when Postfix tries again, by its usual back-off. */
  readonly nextTry?: string;
};

/** What the queue says now; left out: it was not asked, or could not be. */
export type QueuedNow = { readonly queue: string; readonly since: string } | { readonly queue: 'none' };

/** One mail, or one refusal. Plain JSON. */
export type TracedMail = {
  /** In the order in which it got them; empty for a refusal. */
  readonly queueIds: readonly string[];
  readonly messageId?: string;
  readonly from?: string;
  readonly client?: string;
  readonly login?: string;
  readonly size?: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly recipients: readonly TracedRecipient[];
  readonly state: TraceState;
  readonly verdict: Verdict;
  /** One sentence: where it is, or where it ended and why. */
  readonly summary: string;
  readonly steps: readonly TraceStep[];
  /** Steps that were not kept. */
  readonly dropped: number;
  /** Its beginning is not in the log. */
  readonly isBegun: boolean;
  readonly now?: QueuedNow;
};

/** What a state counts as. */
export const STATE_VERDICTS: Readonly<Record<TraceState, Verdict>> = {
  delivered: 'PASS',
  relayed: 'PASS',
  forwarded: 'PASS',
  deferred: 'WARN',
  greylisted: 'WARN',
  held: 'WARN',
  queued: 'WARN',
  bounced: 'FAIL',
  expired: 'FAIL',
  rejected: 'FAIL',
  discarded: 'FAIL',
  deleted: 'FAIL',
  unknown: 'UNKNOWN',
};
