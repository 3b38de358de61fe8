import type { LogEvidence, LogMiss, LogWindow } from '../evidence/log-window.ts';
import { some, timeWords } from '../words.ts';

/** Which logs tell anything. An empty one does not, nor one whose newest lines could not be read. */
export type Measured = {
  readonly newest: readonly LogWindow[];
  readonly measured: number;
  readonly of: number;
  /** Of the last quarter of an hour; where that is empty, of the hours before. A run before a restart is not now. */
  readonly lines: number;
  /** Every log was read, and there is no line in any. */
  readonly isSilent: boolean;
  /** What the others lack, in words. */
  readonly lacking: readonly string[];
};

/** Counts the logs that tell something. */
export function measuredIn({ read, missed }: LogEvidence): Measured {
  const newest = read.filter(({ window }) => window === 'newest');
  const unread = missed.filter(({ window }) => window === 'newest');
  const linesOf = (log: LogWindow): number => {
    const wider = read.find(
      ({ window, pod, container }) => window === 'wider' && pod === log.pod && container === log.container,
    );
    return log.lines > 0 ? log.lines : (wider?.lines ?? 0);
  };
  const headless = newest.filter(isEndUnread);
  const silent = newest.filter((log) => !isEndUnread(log) && linesOf(log) === 0);
  const name = ({ pod, container }: LogWindow | LogMiss): string =>
    [...newest, ...unread].filter((one) => one.pod === pod).length > 1 ? `${pod}/${container}` : pod;
  return {
    newest,
    measured: newest.length - headless.length - silent.length,
    of: newest.length + unread.length,
    lines: newest.reduce((sum, log) => sum + linesOf(log), 0),
    isSilent: silent.length > 0 && silent.length === newest.length + unread.length,
    lacking: [
      ...(silent.length === 0 ? [] : [`no line in ${some(silent.map(name))}`]),
      ...(headless.length === 0 ? [] : [`the newest lines of ${some(headless.map(name))} could not be read`]),
      ...(unread.length === 0 ? [] : [`${some(unread.map(name))} could not be read`]),
    ],
  };
}

/** Whether a log was cut, and what it says now is not known. */
export function isEndUnread({ cut }: LogWindow): boolean {
  return cut?.unread !== undefined;
}

/** What is known of logs that are longer than what is read of one. */
export function cutWords(newest: readonly LogWindow[], at: Date): readonly string[] {
  return newest.flatMap(({ pod, cut }) => {
    if (cut === undefined || cut.unread !== undefined) return [];
    const end =
      cut.from === undefined ? 'its end' : `the last ${timeWords((at.getTime() - Date.parse(cut.from)) / 1000)} of it`;
    return [`${pod} writes more than is read: known are the beginning of the 15 min and ${end}`];
  });
}
