import { refusalOf } from '../log/refusal.ts';
import { TRACE_STATES, type TracedRecipient, type TraceState } from './traced.ts';

/** What needs a look comes first. */
const WORST: readonly TraceState[] = [
  'rejected',
  'bounced',
  'expired',
  'discarded',
  'deleted',
  'unknown',
  'held',
  'deferred',
  'greylisted',
  'queued',
  'forwarded',
  'relayed',
  'delivered',
];

/** The state of a mail with several recipients: the worst of theirs. */
export function worstState(states: readonly TraceState[]): TraceState {
  return WORST.find((state) => states.includes(state)) ?? 'unknown';
}

/** How a state is told of one recipient; `it` is a mail. */
const SENTENCES: Readonly<Record<TraceState, (recipient: TracedRecipient, took: string) => string>> = {
  delivered: ({ address, where }, took) => `delivered to ${address}${inPlace(where)}, ${took} after it came in`,
  relayed: ({ address, where }) =>
    `handed to ${where ?? 'the next server'} for ${address}; what becomes of it there is not in this log`,
  forwarded: ({ address, where }) => `forwarded for ${address} to ${where ?? 'another address'}`,
  deferred: (each) => `waits${forWhom(each)}: ${means(each)}${attempts(each)}`,
  greylisted: (each) => `turned away for now${forWhom(each)}: ${means(each)}; a server that tries again is let in`,
  held: (each) => `on hold${forWhom(each)}${because(each)}; it stays until somebody releases it`,
  queued: (each) => `in the queue${forWhom(each)}, not tried yet`,
  bounced: (each) => `returned to the sender${forWhom(each)}: ${means(each)}${because(each)}`,
  expired: (each) => `returned to the sender${forWhom(each)}, too old${because(each)}`,
  rejected: (each) => `refused${forWhom(each)}${because(each)}`,
  discarded: (each) => `thrown away${forWhom(each)} without a word to the sender${because(each)}`,
  deleted: (each) => `deleted from the queue by hand${forWhom(each)}${because(each)}`,
  unknown: (each) => `it cannot be told where it is${forWhom(each)}${because(each)}`,
};

/** One sentence: where a mail is, or where it ended and why. `took`: from the first line to the last. */
export function summaryOf(recipients: readonly TracedRecipient[], took: string): string {
  const [first, ...others] = recipients;
  if (first === undefined) return 'it cannot be told where it is';
  const worst = worstState(recipients.map(({ state }) => state));
  const shown = recipients.find(({ state }) => state === worst) ?? first;
  const sentence = SENTENCES[worst](shown, took);
  if (others.length === 0) return sentence;
  const counts = TRACE_STATES.flatMap((state) => {
    const count = recipients.filter((each) => each.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return `${recipients.length} recipients, ${counts.join(', ')}: ${sentence}`;
}

function inPlace(where: string | undefined): string {
  return where === undefined ? '' : `, ${where}`;
}

function forWhom({ address }: TracedRecipient): string {
  return address === '' ? '' : ` for ${address}`;
}

function because({ reason }: TracedRecipient): string {
  return reason === undefined ? '' : `: ${reason}`;
}

/** The words of a reason, and before them what they mean. */
function means(each: TracedRecipient): string {
  return each.reason === undefined ? 'nobody says why' : refusalOf(each.reason).means;
}

function attempts({ attempts: count, lastAttempt, nextTry, reason }: TracedRecipient): string {
  const said = reason === undefined ? '' : ` (${reason})`;
  if (count === 0) return said;
  const tried = `; tried ${count === 1 ? 'once' : `${count} times`}, last ${clock(lastAttempt)}`;
  return `${said}${tried}${nextTry === undefined ? '' : `, again about ${clock(nextTry)}`}`;
}

function clock(at: string | undefined): string {
  return at === undefined ? '' : `${at.slice(11, 16)} UTC`;
}
