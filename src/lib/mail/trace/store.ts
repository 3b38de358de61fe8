import type { MailFact, Peer } from '../log/fact.ts';
import type { ReadFact } from '../log/read-fact.ts';
import type { TraceKey } from './key.ts';
import { type Loose, makeLoose } from './loose.ts';
import { makeShelf } from './shelf.ts';
import { visitOf } from './visit.ts';

/** A fact with its time and place in the log. */
export type Seen = { readonly atMs: number; readonly order: number; readonly daemon: string; readonly fact: MailFact };

/** All that was seen of one queue id, or of one refusal before there was one. */
export type Session = {
  readonly queueId: string | undefined;
  readonly seen: Seen[];
  messageId: string | undefined;
  from: string | undefined;
  readonly to: Set<string>;
  /** Ids that it got when it was handed on within this machine, or that it had before. */
  readonly links: Set<string>;
  isDone: boolean;
  /** Events that were not kept: a mail with thousands of recipients. */
  dropped: number;
};

/** What was gathered. `forgotten`: mails that could not be kept, the oldest first. */
export type Gathered = {
  readonly sessions: readonly Session[];
  readonly scans: (session: Session) => readonly Seen[];
  readonly mailboxes: (session: Session) => readonly Seen[];
  readonly balanced: (client: Peer) => Seen | undefined;
  readonly forgotten: number;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
};

/** Bounds of memory, whatever the log is. */
export const STORE_LIMITS = {
  /** Mails that are done and have not the key, kept for those that were handed on to them. */
  recent: 5000,
  /** Mails that have the key. */
  matches: 500,
  /** Mails that are not done. */
  open: 50_000,
  eventsOfMail: 400,
  /** Connections, scans, deliveries and the like that wait for their mail. */
  loose: 20_000,
} as const;

/** Folds a log into mails while it streams. Facts come in the order of the log; several logs may follow each other. */
export function makeStore(key: TraceKey): { feed(read: ReadFact): void; end(): Gathered } {
  const open = new Map<string, Session>();
  const shelf = makeShelf(key, STORE_LIMITS);
  const connections = makeLoose<Seen[]>(STORE_LIMITS.loose);
  const screened = makeLoose<Seen[]>(STORE_LIMITS.loose);
  const scans = makeLoose<Seen[]>(STORE_LIMITS.loose);
  const mailboxes = makeLoose<Seen[]>(STORE_LIMITS.loose);
  const balanced = makeLoose<Seen>(STORE_LIMITS.loose);
  const state = {
    order: 0,
    firstMs: undefined as number | undefined,
    lastMs: undefined as number | undefined,
  };

  const sessionOf = (queueId: string, isArrival: boolean): Session => {
    const known = open.get(queueId) ?? (isArrival ? undefined : shelf.find(queueId));
    if (known !== undefined && !(isArrival && known.isDone)) return known;
    const made = newSession(queueId);
    open.set(queueId, made);
    if (open.size > STORE_LIMITS.open) {
      const [oldest] = open.values();
      if (oldest?.queueId !== undefined) open.delete(oldest.queueId);
      if (oldest !== undefined) shelf.put(oldest);
    }
    return made;
  };
  const before = (connection: string, client: Peer | undefined): readonly Seen[] => {
    const own = connections.get(connection) ?? [];
    const outer = client === undefined ? [] : (screened.get(client.address) ?? []);
    return [...visitOf(outer, client?.port, own[0]), ...own];
  };

  const feed = ({ line, fact }: ReadFact): void => {
    const atMs = line.atMs ?? state.lastMs ?? 0;
    state.order += 1;
    state.firstMs = state.firstMs === undefined ? atMs : Math.min(state.firstMs, atMs);
    state.lastMs = state.lastMs === undefined ? atMs : Math.max(state.lastMs, atMs);
    const seen: Seen = { atMs, order: state.order, daemon: line.daemon, fact };
    const connection = `${line.listener ?? ''}/${line.daemon} ${line.pid}`;
    switch (fact.kind) {
      case 'connect':
      case 'tls':
      case 'screen':
        if (line.daemon === 'postscreen') append(screened, fact.client.address, seen, 12);
        else if (fact.kind === 'connect') connections.set(connection, [seen]);
        else append(connections, connection, seen, 4);
        return;
      case 'disconnect':
        connections.delete(connection);
        return;
      case 'scan':
        for (const id of [fact.queueId, fact.messageId]) if (id !== undefined) append(scans, id, seen, 4);
        return;
      case 'mailbox':
        for (const id of [fact.session, fact.messageId]) if (id !== undefined) append(mailboxes, id, seen, 20);
        return;
      case 'balanced':
        balanced.set(`${fact.client.address} ${fact.client.port}`, seen);
        return;
      default:
        break;
    }
    if (fact.kind === 'action' && fact.queueId === undefined) {
      const session = newSession(undefined);
      for (const each of [...before(connection, fact.client), seen]) remember(session, each);
      shelf.put(session);
      return;
    }
    if (fact.queueId === undefined) return;
    const isArrival = fact.kind === 'client' || fact.kind === 'pickup';
    const session = sessionOf(fact.queueId, isArrival);
    if (isArrival) {
      const client = fact.kind === 'client' ? fact.client : undefined;
      for (const each of fact.kind === 'client' ? before(connection, client) : []) remember(session, each);
    }
    remember(session, seen);
    if (fact.kind !== 'removed' || session.isDone) return;
    session.isDone = true;
    open.delete(fact.queueId);
    shelf.put(session);
  };

  const end = (): Gathered => {
    const { sessions, forgotten } = shelf.end(open.values());
    return {
      sessions,
      scans: (session) => both(scans, session.queueId, session.messageId),
      mailboxes: (session) => ofSession(mailboxes, session),
      balanced: ({ address, port }) => balanced.get(`${address} ${port}`),
      forgotten,
      firstMs: state.firstMs,
      lastMs: state.lastMs,
    };
  };
  return { feed, end };
}

function newSession(queueId: string | undefined): Session {
  return {
    queueId,
    seen: [],
    messageId: undefined,
    from: undefined,
    to: new Set(),
    links: new Set(),
    isDone: false,
    dropped: 0,
  };
}

function remember(session: Session, seen: Seen): void {
  const { fact } = seen;
  if (session.seen.length < STORE_LIMITS.eventsOfMail) session.seen.push(seen);
  else session.dropped += 1;
  switch (fact.kind) {
    case 'message-id':
      session.messageId ??= fact.messageId;
      break;
    case 'queued':
    case 'pickup':
    case 'returned':
      session.from ??= fact.from;
      break;
    case 'delivery':
      session.to.add(fact.to);
      if (fact.origTo !== undefined) session.to.add(fact.origTo);
      if (fact.queuedAs !== undefined) session.links.add(fact.queuedAs);
      break;
    case 'action':
      session.from ??= fact.from;
      if (fact.to !== undefined) session.to.add(fact.to);
      break;
    default:
      break;
  }
  if ((fact.kind === 'pickup' || fact.kind === 'client') && fact.origId !== undefined) session.links.add(fact.origId);
}

function both(lists: Loose<Seen[]>, ...ids: readonly (string | undefined)[]): readonly Seen[] {
  return [...new Set(ids.flatMap((id) => (id === undefined ? [] : (lists.get(id) ?? []))))];
}

/** What Dovecot did with a mail: by the session that its reply to Postfix names, else by the message id. */
function ofSession(lists: Loose<Seen[]>, session: Session): readonly Seen[] {
  const replies = session.seen.flatMap(({ fact }) => (fact.kind === 'delivery' ? fact.reply.split(/\s+/) : []));
  const named = replies.flatMap((word) => lists.get(word) ?? []);
  return named.length > 0 ? [...new Set(named)] : both(lists, session.messageId);
}

/** Adds to a list, and keeps its last entries. */
function append(lists: Loose<Seen[]>, id: string, seen: Seen, most: number): void {
  lists.set(id, [...(lists.get(id) ?? []), seen].slice(-most));
}
