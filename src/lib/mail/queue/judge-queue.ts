import type { EvidenceState } from '../../diagnosis/probe.ts';
import { durationText } from '../../findings/duration.ts';
import type { Verdict } from '../../findings/finding.ts';
import type { QueueEvidence, QueuePlace } from './collect-queue.ts';
import { QUEUES, type QueueName } from './read-queue.ts';
import type { QueueReason, QueueSummary } from './summary.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** From when on a queue is worth a word. Ages in milliseconds. */
const QUEUE_LIMITS = {
  /** pickup and qmgr take what lies in maildrop and incoming within seconds. */
  handedOn: 10 * MINUTE,
  /** A trouble of this server's own; Postfix tries again after 5 minutes (minimal_backoff_time). */
  ours: 15 * MINUTE,
  /** A delay of this length is what greylisting and busy servers make. */
  waiting: HOUR,
  /** The second MX holds mail only while the first one does not take it. */
  secondMxWarn: 30 * MINUTE,
  secondMxFail: 2 * HOUR,
  /** So many messages waiting are no single receiver's trouble any more. */
  many: 100,
} as const;

/** What is wrong with a queue, as a stable word. */
export const QUEUE_TROUBLES = [
  'postfix-down',
  'not-handed-on',
  'relay-credentials',
  'local-delivery',
  'own-trouble',
  'many',
  'primary-refuses',
  'corrupt',
  'waiting',
  'held',
] as const;
export type QueueTrouble = (typeof QUEUE_TROUBLES)[number];

/** What a queue says. `reason` is a trouble, or why there was no answer (`forbidden`, `unreachable`, `malformed`, …). */
export type QueueJudgement = {
  readonly verdict: Verdict;
  readonly reason?: QueueTrouble | string;
  readonly detail: string;
  /** Every trouble seen, the worst first. */
  readonly troubles: readonly {
    readonly trouble: QueueTrouble;
    readonly verdict: 'WARN' | 'FAIL';
    readonly detail: string;
  }[];
};

/** Judges one server's queue. Pure. What could not be asked is UNKNOWN, not configured is SKIP, empty is PASS. */
export function judgeQueue(place: QueuePlace, state: EvidenceState<QueueEvidence>, now: Date): QueueJudgement {
  if (state.state === 'no-answer') {
    const verdict = state.reason === 'not-configured' ? 'SKIP' : 'UNKNOWN';
    return { verdict, reason: state.reason, detail: state.message.replace(/\.$/, ''), troubles: [] };
  }
  const { where, isRunning, summary } = state.value;
  const troubles = [
    ...(isRunning ? [] : [trouble('postfix-down', 'FAIL', `Postfix does not run on ${where}`)]),
    ...(summary === undefined ? [] : troublesOf(place, summary, now)),
  ].sort((a, b) => (a.verdict === b.verdict ? 0 : a.verdict === 'FAIL' ? -1 : 1));
  const [worst] = troubles;
  const isPartly = summary !== undefined && (summary.malformed > 0 || summary.isCut);
  if (isPartly && worst?.verdict !== 'FAIL') {
    return {
      verdict: 'UNKNOWN',
      reason: summary.malformed > 0 ? 'malformed' : 'partial',
      detail: partly(summary),
      troubles,
    };
  }
  if (worst !== undefined) return { verdict: worst.verdict, reason: worst.trouble, detail: worst.detail, troubles };
  return { verdict: 'PASS', detail: summary === undefined ? '' : calm(summary, now), troubles: [] };
}

type Trouble = QueueJudgement['troubles'][number];

function trouble(name: QueueTrouble, verdict: 'WARN' | 'FAIL', detail: string): Trouble {
  return { trouble: name, verdict, detail };
}

function troublesOf(place: QueuePlace, summary: QueueSummary, now: Date): readonly Trouble[] {
  const { queues, oldest, reasons } = summary;
  const age = (queue: QueueName): number => ageOf(oldest[queue]?.at, now);
  const waiting = queues.active + queues.incoming + queues.deferred;
  const longest = Math.max(age('active'), age('incoming'), age('deferred'));
  const stuck = (['maildrop', 'incoming'] as const).filter((queue) => age(queue) > QUEUE_LIMITS.handedOn);
  const own = reasons.find((each) => each.whose === 'ours' && ageOf(each.oldest, now) > QUEUE_LIMITS.ours);
  const ofUs = place === 'second-mx';
  const since = `the oldest for ${durationText(longest)}`;
  const [top] = reasons;
  const because = top === undefined ? '' : `; most often ${top.means}`;
  const found = [
    ...stuck.map((queue) =>
      trouble(
        'not-handed-on',
        'FAIL',
        `${messages(queues[queue])} in ${queue} for ${durationText(age(queue))}: nobody takes them`,
      ),
    ),
    ...(own === undefined ? [] : [ownTrouble(own, now)]),
    ...(waiting >= QUEUE_LIMITS.many ? [trouble('many', 'FAIL', `${messages(waiting)} wait, ${since}${because}`)] : []),
    ...(ofUs && longest > QUEUE_LIMITS.secondMxFail
      ? [trouble('primary-refuses', 'FAIL', `${messages(waiting)} wait there for the first server, ${since}${because}`)]
      : []),
    ...(queues.corrupt > 0 ? [trouble('corrupt', 'WARN', `${messages(queues.corrupt)} that Postfix cannot read`)] : []),
    ...(longest > (ofUs ? QUEUE_LIMITS.secondMxWarn : QUEUE_LIMITS.waiting)
      ? [trouble('waiting', 'WARN', `${messages(waiting)} ${waiting === 1 ? 'waits' : 'wait'}, ${since}${because}`)]
      : []),
    ...(queues.hold > 0
      ? [
          trouble(
            'held',
            'WARN',
            `${messages(queues.hold)} on hold, until somebody releases ${queues.hold === 1 ? 'it' : 'them'}`,
          ),
        ]
      : []),
  ];
  return found;
}

function ownTrouble(reason: QueueReason, now: Date): Trouble {
  const name = reason.code === 'relay-credentials' || reason.code === 'local-delivery' ? reason.code : 'own-trouble';
  const wait = `${messages(reason.messages)} ${reason.messages === 1 ? 'waits' : 'wait'}`;
  return trouble(name, 'FAIL', `${reason.means}: ${wait}, the oldest for ${durationText(ageOf(reason.oldest, now))}`);
}

function partly(summary: QueueSummary): string {
  const known = `at least ${messages(summary.total)}`;
  if (summary.malformed === 0) return `${known}: the listing was too long to be kept whole`;
  const lines = `${summary.malformed} line${summary.malformed === 1 ? '' : 's'} of postqueue -j`;
  const first = summary.sample === undefined ? '' : `, such as ${JSON.stringify(summary.sample)}`;
  return `${known}; ${lines} could not be read${first}`;
}

function calm(summary: QueueSummary, now: Date): string {
  if (summary.total === 0) return 'empty';
  const oldest = Math.max(...QUEUES.map((queue) => ageOf(summary.oldest[queue]?.at, now)));
  return `${messages(summary.total)} on ${summary.total === 1 ? 'its' : 'their'} way, the oldest for ${durationText(oldest)}`;
}

function ageOf(at: string | undefined, now: Date): number {
  return at === undefined || at === '' ? 0 : Math.max(0, now.getTime() - Date.parse(at));
}

function messages(count: number): string {
  return `${count} message${count === 1 ? '' : 's'}`;
}
