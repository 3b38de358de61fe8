import type { Kubernetes, LogRequest } from '../../clients/kubernetes/client.ts';
import { isInfraError } from '../../errors.ts';
import { reasonOf } from '../no-answer.ts';

/** A log of which more was asked for than a guest reads: what of it is known. Times are those of the runtime. */
export type LogCut = {
  /** The last line that was read of its beginning. */
  readonly until?: string;
  /** From here on its newest lines are known again. */
  readonly from?: string;
  /** Why the newest lines could not be read: `timeout`, `too-long`, …; then there is no `from`. */
  readonly unread?: string;
};

type Limited = LogRequest & { readonly limitBytes: number };

/** The end of a log is asked for by lines: these parts of as many as fitted, until it fits although they are longer. */
const PARTS = [2, 8, 64] as const;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)(?= |$)/;

/** The time that the runtime wrote in front of a line. */
export function stampOf(line: string): string | undefined {
  return STAMP.exec(line)?.[0];
}

/** Milliseconds first, then the digits: the runtime writes nanoseconds, all with as many digits and in one zone. */
function isAfter(stamp: string, other: string): boolean {
  const [a, b] = [Date.parse(stamp), Date.parse(other)];
  return a === b ? stamp > other : a > b;
}

/**
 * The lines of a log, oldest first. `limitBytes` keeps the oldest bytes of what is asked for: when they reached the
 * limit, the end of the log is read too, and its lines follow, none of them twice. `onCut` is told when lines between
 * the two are missing, or the end itself. Ask with `timestamps`. Throws what the first read throws.
 */
export async function* bothEnds(
  kubernetes: Pick<Kubernetes, 'logs'>,
  request: Limited,
  onCut: (cut: LogCut) => void,
): AsyncGenerator<string, void, undefined> {
  const first = yield* oneRead(kubernetes, request, undefined);
  if (!first.isCut) return;
  const until = first.last === undefined ? {} : { until: first.last };
  const end = yield* theEnd(kubernetes, request, first);
  if (end !== undefined) onCut({ ...until, ...end });
}

/** What is missing before the end, or why that could not be read; undefined: nothing is. */
async function* theEnd(
  kubernetes: Pick<Kubernetes, 'logs'>,
  request: Limited,
  first: OneRead,
): AsyncGenerator<string, Omit<LogCut, 'until'> | undefined, undefined> {
  let { last } = first;
  let gap: Pick<LogCut, 'from'> | undefined;
  try {
    for (const part of PARTS) {
      const tailLines = Math.max(1, Math.floor(first.lines / part));
      const end = yield* oneRead(kubernetes, { ...request, tailLines }, last);
      if (end.lines === 0) return { unread: 'empty' };
      if (!end.isJoined) gap = end.from === undefined ? {} : { from: end.from };
      if (!end.isCut) return gap;
      last = end.last ?? last;
    }
    return { unread: 'too-long' };
  } catch (error) {
    if (!isInfraError(error) || request.signal?.aborted === true) throw error;
    return { unread: reasonOf(error) };
  }
}

type OneRead = {
  readonly lines: number;
  /** It reached the limit: there may be more behind it. */
  readonly isCut: boolean;
  /** It begins at or before `after`, so that nothing is missing in between. */
  readonly isJoined: boolean;
  readonly from?: string;
  readonly last?: string;
};

async function* oneRead(
  kubernetes: Pick<Kubernetes, 'logs'>,
  request: Limited,
  after: string | undefined,
): AsyncGenerator<string, OneRead, undefined> {
  const bytes = { arrived: 0, inLines: 0 };
  const seen = { lines: 0, isJoined: false, from: undefined as string | undefined };
  const passes = (line: string): boolean => {
    if (request.tailLines === undefined) return true;
    const stamp = stampOf(line);
    if (after !== undefined && stamp !== undefined && !isAfter(stamp, after)) {
      seen.isJoined = true;
      return false;
    }
    seen.from ??= stamp;
    return true;
  };
  let held: string | undefined;
  let last: string | undefined;
  const onBytes = (count: number): void => {
    bytes.arrived += count;
  };
  // A line behind: the last one of a read that was cut is half a line.
  for await (const line of kubernetes.logs({ ...request, onBytes })) {
    if (held !== undefined) {
      last = held;
      if (passes(held)) yield held;
    }
    held = line;
    seen.lines += 1;
    bytes.inLines += Buffer.byteLength(line) + 1;
  }
  const isCut = Math.max(bytes.arrived, bytes.inLines) >= request.limitBytes;
  if (held !== undefined && !isCut) {
    last = held;
    if (passes(held)) yield held;
  }
  const stamp = last === undefined ? undefined : stampOf(last);
  return {
    ...{ lines: seen.lines, isCut, isJoined: seen.isJoined },
    ...(seen.from === undefined ? {} : { from: seen.from }),
    ...(stamp === undefined ? {} : { last: stamp }),
  };
}
