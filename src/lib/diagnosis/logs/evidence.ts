import type { FindingCode } from '../signatures/codes.ts';
import { LEVELS, type Level } from './level.ts';

/** How often one signature was seen, with one finding. Times are ISO 8601 in UTC; samples are redacted. */
export type SignatureHit = {
  readonly signature: string;
  readonly cause?: FindingCode;
  readonly count: number;
  readonly first?: string;
  readonly last?: string;
  /** Pods, containers or files, the first of them, and how many lines each has. */
  readonly sources: readonly { readonly source: string; readonly count: number }[];
  readonly samples: readonly string[];
};

/** A kind of error-like line that no signature knows; numbers, ids, addresses and paths are masked. */
export type UnknownShape = {
  readonly shape: string;
  /** A lower bound when there are very many kinds. */
  readonly count: number;
  readonly first?: string;
  readonly last?: string;
  readonly sample: string;
};

/** How many lines name each level; `none` names none. */
export type LevelCounts = Readonly<Record<Level | 'none', number>>;

/** What a log holds, folded while it streamed. Plain JSON, redacted: it can be recorded and judged later. */
export type LogEvidence = {
  readonly lines: number;
  readonly bytes: number;
  /** Lines that show a served request: only a log that has some proves anything by being silent. */
  readonly requests: number;
  readonly levels: LevelCounts;
  /** Lines that look like an error, known or not. */
  readonly errorLike: number;
  /** Lines that were longer than what is kept of one. */
  readonly cutLines: number;
  /** First and last time in the log. */
  readonly first?: string;
  readonly last?: string;
  /** Times that had no zone (taken as UTC) or no year (taken as the last such day). */
  readonly assumed: { readonly zone: number; readonly year: number };
  readonly hits: readonly SignatureHit[];
  readonly unknown: {
    readonly lines: number;
    readonly shapes: readonly UnknownShape[];
    /** Lines of kinds that are not listed. */
    readonly others: number;
  };
};

/** How many kinds of unknown lines are kept, and samples and sources of a signature. */
export const KEPT = { shapes: 20, samples: 2, sources: 20 } as const;

type Span = { readonly first?: string; readonly last?: string };

function spanOf(parts: readonly Span[]): Span {
  const firsts = parts.flatMap(({ first }) => first ?? []).sort();
  const lasts = parts.flatMap(({ last }) => last ?? []).sort();
  const [first, last] = [firsts[0], lasts.at(-1)];
  return { ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [T, ...T[]])[] {
  const found = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const own = found.get(keyOf(item));
    if (own === undefined) found.set(keyOf(item), [item]);
    else own.push(item);
  }
  return [...found.values()];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function mergeHits(same: readonly [SignatureHit, ...SignatureHit[]]): SignatureHit {
  const sources = groups(
    same.flatMap((hit) => hit.sources),
    ({ source }) => source,
  ).map((own) => ({ source: own[0].source, count: sum(own.map(({ count }) => count)) }));
  return {
    ...same[0],
    count: sum(same.map(({ count }) => count)),
    ...spanOf(same),
    sources: sources.sort((a, b) => b.count - a.count || (a.source < b.source ? -1 : 1)).slice(0, KEPT.sources),
    samples: [...new Set(same.flatMap((hit) => hit.samples))].slice(0, KEPT.samples),
  };
}

/** Several logs as one: counts added, spans united. The order of the parts decides only which samples are kept. */
export function mergeEvidence(parts: readonly LogEvidence[]): LogEvidence {
  const total = (of: (part: LogEvidence) => number): number => sum(parts.map(of));
  const shapes = groups(
    parts.flatMap((part) => part.unknown.shapes),
    ({ shape }) => shape,
  )
    .map((same): UnknownShape => ({ ...same[0], count: sum(same.map(({ count }) => count)), ...spanOf(same) }))
    .sort((a, b) => b.count - a.count || (a.shape < b.shape ? -1 : 1));
  const levels = Object.fromEntries(
    [...LEVELS, 'none' as const].map((level) => [level, total((part) => part.levels[level])]),
  ) as LevelCounts;
  return {
    lines: total(({ lines }) => lines),
    bytes: total(({ bytes }) => bytes),
    requests: total(({ requests }) => requests),
    levels,
    errorLike: total(({ errorLike }) => errorLike),
    cutLines: total(({ cutLines }) => cutLines),
    ...spanOf(parts),
    assumed: { zone: total(({ assumed }) => assumed.zone), year: total(({ assumed }) => assumed.year) },
    hits: groups(
      parts.flatMap((part) => part.hits),
      ({ signature, cause }) => `${signature} ${cause ?? ''}`,
    ).map(mergeHits),
    unknown: {
      lines: total(({ unknown }) => unknown.lines),
      shapes: shapes.slice(0, KEPT.shapes),
      others: total(({ unknown }) => unknown.others) + sum(shapes.slice(KEPT.shapes).map(({ count }) => count)),
    },
  };
}
