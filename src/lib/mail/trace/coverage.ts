import { durationText } from '../../findings/duration.ts';
import type { ReadLog } from './fold-logs.ts';

/** What an answer rests on. */
export type TraceCoverage = {
  readonly logs: readonly ReadLog[];
  /** The time of the first line of a main log, ISO 8601 in UTC. */
  readonly reachesBackTo?: string;
  /** What the answer does not cover, a sentence each. */
  readonly notes: readonly string[];
};

/** A container writes within seconds of its start: a log that begins much later has lost its beginning. */
const LOST_MS = 120_000;

type Given = {
  readonly startedAt: string | undefined;
  readonly sinceSeconds: number | undefined;
  /** Whether somebody asked for that time; else it was long enough. */
  readonly isAsked: boolean;
  readonly forgotten: number;
  readonly notes: readonly string[];
};

/** Says how far back the logs reach, and what of them could not be read. */
export function coverageOf(logs: readonly ReadLog[], given: Given): TraceCoverage {
  const { startedAt, sinceSeconds, isAsked, forgotten, notes } = given;
  const firsts = logs.filter(({ isMain }) => isMain).flatMap(({ first }) => first ?? []);
  const reachesBackTo = firsts.sort()[0];
  const isRotated =
    sinceSeconds === undefined &&
    startedAt !== undefined &&
    reachesBackTo !== undefined &&
    Date.parse(reachesBackTo) - Date.parse(startedAt) > LOST_MS;
  return {
    logs,
    ...(reachesBackTo === undefined ? {} : { reachesBackTo }),
    notes: [
      ...(sinceSeconds === undefined || !isAsked
        ? []
        : [`Only the last ${durationText(sinceSeconds * 1000)} were read.`]),
      ...(isRotated
        ? [`The container runs since ${startedAt}: what it wrote before ${reachesBackTo} was rotated away.`]
        : []),
      ...logs
        .filter(({ isCut }) => isCut)
        .map(({ name }) => `${name}: it is longer than what was read of it; narrow it with --since.`),
      ...logs.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}.`])),
      ...(forgotten === 0 ? [] : [`${forgotten} mails were too many to be kept: narrow it with --since.`]),
      ...notes,
    ],
  };
}
