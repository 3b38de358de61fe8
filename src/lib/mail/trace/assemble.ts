import { durationText } from '../../findings/duration.ts';
import type { MailFact } from '../log/fact.ts';
import { recipientsOf } from './recipients.ts';
import { peerText, stepOf } from './steps.ts';
import type { Gathered, Seen, Session } from './store.ts';
import { summaryOf, worstState } from './summary.ts';
import { STATE_VERDICTS, type TracedMail } from './traced.ts';

/** How long after each other refusals of one conversation may be. */
const SAME_VISIT_MS = 120_000;

/** Makes mails of what was gathered: all ids of one mail together, the newest mail first. */
export function assemble(gathered: Gathered): readonly TracedMail[] {
  const groups = groupsOf(gathered.sessions);
  return groups.map((group) => mailOf(group, gathered)).sort((a, b) => (a.firstSeen < b.firstSeen ? 1 : -1));
}

/** A mail has several ids where a filter gave it back, or an alias led on; a visit is refused once a recipient. */
function groupsOf(sessions: readonly Session[]): readonly (readonly Session[])[] {
  const groups: Session[][] = [];
  const ordered = sessions.toSorted((a, b) => startOf(a).order - startOf(b).order);
  for (const session of ordered) {
    const own = groups.filter((group) => group.some((other) => belong(other, session)));
    const [first, ...rest] = own;
    if (first === undefined) groups.push([session]);
    else {
      first.push(session, ...rest.flat());
      for (const other of rest) groups.splice(groups.indexOf(other), 1);
    }
  }
  return groups;
}

function belong(a: Session, b: Session): boolean {
  if (a.queueId === undefined || b.queueId === undefined) {
    const isSame = a.queueId === b.queueId && a.from === b.from && clientOf(a)?.address === clientOf(b)?.address;
    return isSame && Math.abs(endOf(a).atMs - endOf(b).atMs) < SAME_VISIT_MS;
  }
  if (a.links.has(b.queueId) || b.links.has(a.queueId)) return true;
  return a.messageId !== undefined && a.messageId === b.messageId;
}

function mailOf(group: readonly Session[], gathered: Gathered): TracedMail {
  const ids = group.flatMap(({ queueId }) => queueId ?? []);
  const boxes = [...new Set(group.flatMap((session) => gathered.mailboxes(session)))];
  const seen = storyOf(group, gathered, boxes);
  const recipients = mergedRecipients(
    group.flatMap((session) => recipientsOf(session, boxes, (id) => ids.includes(id))),
  );
  const state = worstState(recipients.map((each) => each.state));
  const find = <K extends MailFact['kind']>(kind: K) =>
    seen.map(({ fact }) => fact).find((fact): fact is Extract<MailFact, { kind: K }> => fact.kind === kind);
  const [client, queued] = [find('client'), find('queued')];
  const who = client?.client ?? group.map(clientOf).find((each) => each !== undefined);
  const times = seen.map(({ atMs }) => atMs);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const messageId = group.find((each) => each.messageId !== undefined)?.messageId;
  const from = group.find((each) => each.from !== undefined)?.from;
  return {
    queueIds: ids,
    ...(messageId === undefined ? {} : { messageId }),
    ...(from === undefined ? {} : { from }),
    ...(who === undefined ? {} : { client: peerText(who) }),
    ...(client?.login === undefined ? {} : { login: client.login }),
    ...(queued === undefined ? {} : { size: queued.size }),
    firstSeen: new Date(first).toISOString(),
    lastSeen: new Date(last).toISOString(),
    recipients,
    state,
    verdict: STATE_VERDICTS[state],
    summary: summaryOf(recipients, durationText(last - first)),
    steps: stepsOf(seen),
    dropped: group.reduce((sum, { dropped }) => sum + dropped, 0),
    isBegun: ids.length === 0 || client !== undefined || find('pickup') !== undefined,
  };
}

/** The queue manager writes the same line at each new attempt. */
function stepsOf(seen: readonly Seen[]): TracedMail['steps'] {
  const begun = new Set<string>();
  return seen.map((each) => {
    const step = stepOf(each);
    if (each.fact.kind !== 'queued') return step;
    const isAgain = begun.has(each.fact.queueId);
    begun.add(each.fact.queueId);
    return isAgain ? { ...step, text: 'taken up again' } : step;
  });
}

/** Facts in the order in which they happened. What other logs tell stands where it belongs, whatever their clocks say. */
function storyOf(group: readonly Session[], gathered: Gathered, boxes: readonly Seen[]): readonly Seen[] {
  const own = [...new Set(group.flatMap((session) => session.seen))];
  type Placed = { readonly seen: Seen; readonly atMs: number; readonly order: number };
  const placed: Placed[] = own.map((seen) => ({ seen, atMs: seen.atMs, order: seen.order }));
  const place = (seen: Seen, anchor: Seen | undefined, offset: number): void => {
    const { atMs, order } = anchor ?? seen;
    placed.push({ seen, atMs, order: order + offset });
  };
  for (const session of group) {
    const anchor = session.seen.find(({ fact }) => fact.kind === 'message-id');
    for (const scan of gathered.scans(session)) {
      if (!placed.some(({ seen }) => seen === scan)) place(scan, anchor, 0.5);
    }
  }
  for (const box of boxes) {
    const { fact } = box;
    const isOf = (to: string): boolean =>
      fact.kind === 'mailbox' && to.toLowerCase().startsWith(fact.user.toLowerCase());
    place(
      box,
      own.findLast((each) => each.fact.kind === 'delivery' && isOf(each.fact.to)),
      -0.5,
    );
  }
  for (const seen of own) {
    if (seen.fact.kind !== 'connect') continue;
    const passed = gathered.balanced(seen.fact.client);
    if (passed !== undefined) place(passed, seen, -0.5);
  }
  return placed.sort((a, b) => a.atMs - b.atMs || a.order - b.order).map(({ seen }) => seen);
}

/** The last word about a recipient counts: a filter may have handed the mail on in between. */
function mergedRecipients(all: ReturnType<typeof recipientsOf>): ReturnType<typeof recipientsOf> {
  const known = all.filter(({ address, state }) => address !== '' || state !== 'unknown');
  const merged = new Map(known.map((each) => [`${each.address} ${each.state === 'rejected' ? 'x' : ''}`, each]));
  return merged.size > 0 ? [...merged.values()] : all.slice(0, 1);
}

function clientOf({ seen }: Session) {
  const facts = seen.map(({ fact }) => fact);
  const found = facts.findLast((fact) => fact.kind === 'action' || fact.kind === 'connect');
  return found?.kind === 'action' || found?.kind === 'connect' ? found.client : undefined;
}

const NOTHING: Pick<Seen, 'atMs' | 'order'> = { atMs: 0, order: 0 };

function startOf({ seen }: Session): Pick<Seen, 'atMs' | 'order'> {
  return seen[0] ?? NOTHING;
}

function endOf({ seen }: Session): Pick<Seen, 'atMs' | 'order'> {
  return seen.at(-1) ?? NOTHING;
}
