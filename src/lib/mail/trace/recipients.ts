import { redactLine } from '../../diagnosis/logs/redact-line.ts';
import type { MailFact } from '../log/fact.ts';
import { refusalOf } from '../log/refusal.ts';
import type { Seen, Session } from './store.ts';
import type { TracedRecipient, TraceState } from './traced.ts';

type Delivery = Extract<MailFact, { kind: 'delivery' }>;
type Action = Extract<MailFact, { kind: 'action' }>;
type Mailbox = Extract<MailFact, { kind: 'mailbox' }>;

/** Postfix's defaults, minimal_backoff_time and maximal_backoff_time: the next attempt comes after the mail's own age. */
const BACKOFF_MS = { least: 300_000, most: 4_000_000 } as const;

/** Programs that put mail into a mailbox of this machine. */
const LOCAL = ['lmtp', 'local', 'virtual', 'pipe'];

/** What became of each recipient of one queue id, or of one refusal. `isHandedOn`: the id is one of this machine's. */
export function recipientsOf(
  session: Session,
  mailboxes: readonly Seen[],
  isHandedOn: (queueId: string) => boolean,
): readonly TracedRecipient[] {
  const last = new Map<string, { readonly seen: Seen; readonly fact: Delivery; readonly attempts: number }>();
  for (const seen of session.seen) {
    const { fact } = seen;
    if (fact.kind !== 'delivery') continue;
    last.set(fact.to, { seen, fact, attempts: (last.get(fact.to)?.attempts ?? 0) + 1 });
  }
  const delivered = [...last.values()]
    .filter(({ fact }) => fact.status !== 'sent' || fact.queuedAs === undefined || !isHandedOn(fact.queuedAs))
    .map(({ seen, fact, attempts }) => afterDelivery(session, seen, fact, attempts, mailboxes));
  const refused = session.seen.flatMap((seen) => {
    const { fact } = seen;
    if (fact.kind !== 'action' || (fact.to !== undefined && last.has(fact.to))) return [];
    const one = afterAction(seen, fact, session);
    return one === undefined ? [] : [one];
  });
  const whole = [...delivered, ...refused];
  if (whole.length > 0 || last.size > 0) return whole;
  return [withoutDelivery(session)];
}

function afterDelivery(
  session: Session,
  { atMs, daemon }: Seen,
  fact: Delivery,
  attempts: number,
  mailboxes: readonly Seen[],
): TracedRecipient {
  const base = {
    address: fact.to,
    ...(fact.origTo === undefined ? {} : { origTo: fact.origTo }),
    ...(fact.dsn === undefined ? {} : { dsn: fact.dsn }),
    attempts,
    lastAttempt: new Date(atMs).toISOString(),
  };
  if (fact.status === 'sent') return { ...base, ...afterSent(daemon, fact, mailboxes) };
  const { code, whose } = refusalOf(fact.reply);
  const why = { reason: redactLine(fact.reply, 400), code, whose };
  const isReturned = session.seen.some((each) => each.fact.kind === 'returned');
  if (fact.status === 'deferred') {
    if (isReturned) return { ...base, ...why, state: 'expired' };
    if (session.isDone) return { ...base, ...why, state: 'deleted' };
    const age = (fact.delay ?? 0) * 1000;
    const next = atMs + Math.min(Math.max(age, BACKOFF_MS.least), BACKOFF_MS.most);
    return { ...base, ...why, state: 'deferred', nextTry: new Date(next).toISOString() };
  }
  const state: TraceState =
    fact.status === 'bounced' || fact.status === 'undeliverable'
      ? 'bounced'
      : fact.status === 'expired'
        ? 'expired'
        : 'unknown';
  return { ...base, ...why, state };
}

function afterSent(
  daemon: string,
  fact: Delivery,
  mailboxes: readonly Seen[],
): Pick<TracedRecipient, 'state' | 'where' | 'reason'> {
  if (daemon === 'discard') return { state: 'discarded', reason: redactLine(fact.reply, 400) };
  if (!LOCAL.includes(daemon)) return { state: 'relayed', where: fact.relay };
  const own = mailboxes
    .flatMap(({ fact: each }) => (each.kind === 'mailbox' ? [each] : []))
    .filter(({ user }) => user.toLowerCase() === fact.to.toLowerCase() || user.toLowerCase() === local(fact.to));
  return boxState(own) ?? { state: 'delivered', where: fact.relay === 'none' ? daemon : fact.relay };
}

/** Sieve may do several things with one mail: where it was kept counts. */
function boxState(own: readonly Mailbox[]): Pick<TracedRecipient, 'state' | 'where' | 'reason'> | undefined {
  const saved = own.find(({ action }) => action === 'saved');
  if (saved !== undefined) return { state: 'delivered', where: `mailbox ${saved.mailbox ?? 'INBOX'}` };
  const [first] = own.filter(({ action }) => action !== 'answered');
  if (first === undefined) return undefined;
  const reason = redactLine(first.text, 400);
  if (first.action === 'forwarded') return { state: 'forwarded', where: first.mailbox ?? 'another address' };
  return first.action === 'failed'
    ? { state: 'unknown', reason }
    : { state: first.action === 'rejected' ? 'rejected' : 'discarded', reason };
}

function afterAction({ atMs }: Seen, fact: Action, session: Session): TracedRecipient | undefined {
  const base = {
    address: fact.to ?? [...session.to][0] ?? '',
    reason: redactLine(fact.text, 400),
    attempts: 0,
    lastAttempt: new Date(atMs).toISOString(),
  };
  const { code, whose } = refusalOf(fact.text);
  if (fact.action === 'hold') return { ...base, state: 'held' };
  if (fact.action === 'discard') return { ...base, state: 'discarded' };
  if (fact.action !== 'reject') return undefined;
  const isForNow = (fact.code ?? 500) < 500 || /\b4\.\d\.\d\b|try again later/i.test(fact.text);
  const isGrey = isForNow && (code === 'greylisted' || /try again later/i.test(fact.text));
  return { ...base, state: isGrey ? 'greylisted' : 'rejected', code, whose };
}

/** What cleanup writes when it could not take a mail that smtpd had begun to take: the sender tries again. */
const NOT_TAKEN = /message not accepted|queue file write error/;

/** A mail that no delivery is known of. */
function withoutDelivery(session: Session): TracedRecipient {
  const refusal = session.seen
    .flatMap(({ fact }) => (fact.kind === 'note' ? fact.text : []))
    .find((text) => NOT_TAKEN.test(text));
  if (refusal !== undefined) {
    const { code, whose } = refusalOf(refusal);
    return {
      address: [...session.to][0] ?? '',
      state: 'rejected',
      reason: redactLine(refusal, 400),
      code,
      whose,
      attempts: 0,
    };
  }
  const has = (kind: MailFact['kind']): boolean => session.seen.some(({ fact }) => fact.kind === kind);
  const state: TraceState = has('returned')
    ? 'expired'
    : session.isDone
      ? session.seen.some(({ fact, daemon }) => fact.kind === 'removed' && daemon === 'postsuper')
        ? 'deleted'
        : 'unknown'
      : has('queued')
        ? 'queued'
        : 'unknown';
  const reason =
    state !== 'unknown'
      ? undefined
      : session.isDone
        ? 'the log has no delivery of it'
        : has('message-id')
          ? 'the log does not tell how it goes on'
          : 'it was not sent to its end, or the log stops there';
  return { address: [...session.to][0] ?? '', state, attempts: 0, ...(reason === undefined ? {} : { reason }) };
}

function local(address: string): string {
  return address.toLowerCase().split('@')[0] ?? '';
}
