import { redactLine } from '../../diagnosis/logs/redact-line.ts';
import { durationText } from '../../findings/duration.ts';
import { refusalOf } from '../log/refusal.ts';
import type { QueuedMessage, QueueName, QueueReading } from '../queue/read-queue.ts';
import { hasKey, type TraceKey } from './key.ts';
import { summaryOf, worstState } from './summary.ts';
import { STATE_VERDICTS, type TracedMail, type TracedRecipient, type TraceState } from './traced.ts';

const OPEN: readonly TraceState[] = ['deferred', 'queued', 'held', 'unknown'];
const STATE_OF: Readonly<Record<QueueName, TraceState>> = {
  active: 'queued',
  incoming: 'queued',
  maildrop: 'queued',
  deferred: 'deferred',
  hold: 'held',
  corrupt: 'unknown',
};

/** Whether the queue can say more about a mail than the log. */
export function wantsQueue(mails: readonly TracedMail[], key: TraceKey): boolean {
  return (
    mails.some(({ recipients }) => recipients.some(({ state }) => OPEN.includes(state))) ||
    (mails.length === 0 && key.kind !== 'last')
  );
}

/**
 * Puts beside each mail what the queue says now, and adds the mails that only the queue knows. What should wait and is not
 * there any more is unknown, not delivered; a listing that is not whole proves no absence.
 */
export function withQueue(
  mails: readonly TracedMail[],
  key: TraceKey,
  queue: QueueReading,
  now: Date,
): readonly TracedMail[] {
  const isWhole = !queue.isCut && queue.malformed === 0;
  const known = new Set(mails.flatMap(({ queueIds }) => queueIds));
  const told = mails.map((mail) => {
    const found = queue.messages.find(({ id }) => mail.queueIds.includes(id));
    if (found !== undefined) return inQueue(mail, found);
    const isOpen = mail.recipients.some(({ state }) => OPEN.includes(state) && state !== 'unknown');
    return isOpen && isWhole ? notInQueue(mail) : mail;
  });
  const others = queue.messages
    .filter(({ id }) => !known.has(id))
    .filter((message) => fitsKey(message, key))
    .map((message) => onlyInQueue(message, now));
  return [...told, ...others].sort((a, b) => (a.firstSeen < b.firstSeen ? 1 : -1));
}

function fitsKey({ id, sender, recipients }: QueuedMessage, key: TraceKey): boolean {
  if (key.kind === 'last' || key.kind === 'message-id') return false;
  const to = recipients.map(({ address }) => address);
  return hasKey(key, { queueIds: [id], messageId: undefined, from: sender, to });
}

function inQueue(mail: TracedMail, message: QueuedMessage): TracedMail {
  const now = { queue: message.queue, since: new Date(message.arrivedMs).toISOString() };
  // Whoever is not in the queue any more has been dealt with, and the log says how.
  const waiting = new Map(message.recipients.map((each) => [each.address, each.reason]));
  const recipients = mail.recipients.flatMap((each) => {
    if (!OPEN.includes(each.state)) return [each];
    if (each.address === '') return message.recipients.map(({ address, reason }) => queued(message, address, reason));
    return [
      waiting.has(each.address) && each.state !== 'deferred'
        ? { ...each, ...queued(message, each.address, waiting.get(each.address)) }
        : each,
    ];
  });
  return { ...retold(mail, recipients), now };
}

function notInQueue(mail: TracedMail): TracedMail {
  const recipients = mail.recipients.map((each): TracedRecipient => {
    if (!OPEN.includes(each.state)) return each;
    return {
      ...each,
      state: 'unknown',
      reason: 'it is not in the queue any more, and the log does not say how it left',
    };
  });
  return { ...retold(mail, recipients), now: { queue: 'none' } };
}

function retold(mail: TracedMail, recipients: readonly TracedRecipient[]): TracedMail {
  const state = worstState(recipients.map((each) => each.state));
  const took = durationText(Date.parse(mail.lastSeen) - Date.parse(mail.firstSeen));
  return { ...mail, recipients, state, verdict: STATE_VERDICTS[state], summary: summaryOf(recipients, took) };
}

function queued({ queue }: QueuedMessage, address: string, reason: string | undefined): TracedRecipient {
  const why = reason === undefined ? {} : { reason: redactLine(reason, 400), ...pick(refusalOf(reason)) };
  return { address, state: STATE_OF[queue], attempts: 0, ...why };
}

function pick({ code, whose }: ReturnType<typeof refusalOf>) {
  return { code, whose };
}

function onlyInQueue(message: QueuedMessage, now: Date): TracedMail {
  const since = new Date(message.arrivedMs).toISOString();
  const recipients = message.recipients.map(({ address, reason }) => queued(message, address, reason));
  const state = recipients.length === 0 ? STATE_OF[message.queue] : worstState(recipients.map((each) => each.state));
  return {
    queueIds: [message.id],
    from: message.sender,
    size: message.size,
    firstSeen: since,
    lastSeen: now.toISOString(),
    recipients,
    state,
    verdict: STATE_VERDICTS[state],
    summary: summaryOf(recipients, durationText(now.getTime() - message.arrivedMs)),
    steps: [],
    dropped: 0,
    isBegun: false,
    now: { queue: message.queue, since },
  };
}
