import type { LogEvidence, LogFind, LogWindow } from '../evidence/log-window.ts';
import { isRecent } from './pod-state.ts';

/** A finding over all logs that were read. */
export type Finding = {
  readonly finding: string;
  readonly rootCause: string;
  readonly kind: LogFind['kind'];
  readonly count: number;
  readonly pods: readonly string[];
  readonly sample: string;
  readonly meaning: string;
  readonly last?: string;
  /** Seen in a container that no longer runs, and not in the one that does. */
  readonly past: boolean;
  /** Not in the last quarter of an hour, but in the hours that were read because that was silent. */
  readonly hoursAgo: boolean;
};

/** Windows that say how it is now. The beginning only dates what these show; the run before may be history. */
const isNow = ({ window }: LogWindow): boolean => window === 'newest' || window === 'wider';

/** What a run before a restart wrote, and nobody has written since a day, is history: it says nothing about now. */
function isOld({ window }: LogWindow, { last }: LogFind, at: Date): boolean {
  return window === 'previous' && !isRecent(last, at);
}

/** The evidence without what is history. */
export function withoutOld({ read, missed }: LogEvidence, at: Date): LogEvidence {
  const kept = read.map((one) => ({ ...one, found: one.found.filter((find) => !isOld(one, find, at)) }));
  return { read: kept, missed };
}

/** What is history alone: for the timeline, never for a verdict. */
export function oldFindingsOf({ read, missed }: LogEvidence, at: Date): readonly Finding[] {
  return findingsOf({
    read: read.map((one) => ({ ...one, found: one.found.filter((find) => isOld(one, find, at)) })),
    missed,
  });
}

/** Findings that name something, the most frequent first; counts are those of the windows that say how it is now. */
export function findingsOf({ read }: LogEvidence): readonly Finding[] {
  const names = new Set(read.flatMap(({ found }) => found.flatMap(({ finding }) => finding ?? [])));
  return [...names]
    .map((name) => findingOf(name, read))
    .filter((one) => one !== undefined)
    .sort((a, b) => Number(a.past) - Number(b.past) || b.count - a.count || a.finding.localeCompare(b.finding, 'en'));
}

function findingOf(name: string, read: readonly LogWindow[]): Finding | undefined {
  const in_ = (windows: readonly LogWindow[]) =>
    windows.flatMap(({ pod, found }) => found.filter(({ finding }) => finding === name).map((find) => ({ pod, find })));
  const now = in_(read.filter(isNow));
  const seen = now.length > 0 ? now : in_(read.filter(({ window }) => window === 'previous'));
  const [first] = seen;
  if (first === undefined) return undefined;
  const last = seen
    .flatMap(({ find }) => find.last ?? [])
    .sort()
    .at(-1);
  return {
    finding: name,
    rootCause: first.find.rootCause ?? name,
    kind: seen.some(({ find }) => find.kind === 'cause') ? 'cause' : first.find.kind,
    count: seen.reduce((sum, { find }) => sum + find.count, 0),
    pods: [...new Set(seen.map(({ pod }) => pod))].sort(),
    sample: first.find.sample,
    meaning: first.find.meaning,
    ...(last === undefined ? {} : { last }),
    past: now.length === 0,
    hoursAgo: now.length > 0 && in_(read.filter(({ window }) => window === 'newest')).length === 0,
  };
}

/** Requests of visitors in the windows that say how it is now. */
export function servedIn({ read }: LogEvidence): number {
  return read.filter(isNow).reduce((sum, { served }) => sum + served, 0);
}
