import { hasKey, type Known, type TraceKey } from './key.ts';
import type { Session } from './store.ts';

/** Bounds of what is kept of mails that are done. */
export type ShelfLimits = { readonly recent: number; readonly matches: number };

/** Where mails go that are done. Those that have the key stay; the others for a while, for parts of a mail come in any order. */
export type Shelf = {
  put(session: Session): void;
  /** A mail that was done lately, by its queue id: some lines come after the last one. */
  find(queueId: string): Session | undefined;
  /** Everything that is wanted, the newest of it, in the order of the log. */
  end(open: Iterable<Session>): { readonly sessions: readonly Session[]; readonly forgotten: number };
};

/** An empty shelf. */
export function makeShelf(key: TraceKey, limits: ShelfLimits): Shelf {
  const recent: Session[] = [];
  const byId = new Map<string, Session>();
  const matches: Session[] = [];
  const wanted = { ids: new Set<string>(), messageIds: new Set<string>() };
  const state = { forgotten: 0 };

  const isWanted = (session: Session): boolean => {
    if (hasKey(key, knownOf(session))) return true;
    // A part of a mail that is wanted: handed on to it, or with its message id.
    const { queueId, messageId } = session;
    return (
      (queueId !== undefined && wanted.ids.has(queueId)) ||
      (messageId !== undefined && wanted.messageIds.has(messageId))
    );
  };
  const keep = (session: Session): void => {
    matches.push(session);
    for (const id of session.links) wanted.ids.add(id);
    if (session.messageId !== undefined) wanted.messageIds.add(session.messageId);
    if (matches.length <= limits.matches) return;
    matches.shift();
    state.forgotten += 1;
  };

  return {
    put(session) {
      recent.push(session);
      if (session.queueId !== undefined) byId.set(session.queueId, session);
      if (recent.length <= limits.recent) return;
      const oldest = recent.shift();
      if (oldest === undefined) return;
      if (oldest.queueId !== undefined && byId.get(oldest.queueId) === oldest) byId.delete(oldest.queueId);
      if (key.kind !== 'last' && isWanted(oldest)) keep(oldest);
    },
    find: (queueId) => byId.get(queueId),
    end(open) {
      const all = [...recent, ...open];
      if (key.kind === 'last') return { sessions: newest(all), forgotten: 0 };
      const chosen = new Set<Session>();
      // Twice: what is handed on may stand in front of what it was handed on from.
      for (let round = 0; round < 2; round += 1) {
        for (const session of all) {
          if (chosen.has(session) || !isWanted(session)) continue;
          chosen.add(session);
          keep(session);
        }
      }
      return { sessions: matches, forgotten: state.forgotten };
    },
  };
}

function knownOf({ queueId, links, messageId, from, to }: Session): Known {
  return { queueIds: [...(queueId === undefined ? [] : [queueId]), ...links], messageId, from, to: [...to] };
}

/** The last mail that was taken in, with all its parts; a refusal, or another attempt of an old one, is none. */
function newest(sessions: readonly Session[]): readonly Session[] {
  const arrivalOf = ({ seen }: Session): number =>
    seen.find(({ fact }) => fact.kind === 'client' || fact.kind === 'pickup')?.order ?? 0;
  const taken = sessions.filter((each) => each.queueId !== undefined && arrivalOf(each) > 0);
  const last = taken.toSorted((a, b) => arrivalOf(b) - arrivalOf(a))[0];
  if (last === undefined) return [];
  return taken.filter((each) => each === last || (last.messageId !== undefined && each.messageId === last.messageId));
}
