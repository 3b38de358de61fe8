import { type InfraError, isInfraError } from '../../errors.ts';
import { readFact } from '../log/read-fact.ts';
import type { TraceKey } from './key.ts';
import { type Gathered, makeStore } from './store.ts';

/** A log to read: whole lines, oldest first. */
export type LogSource = {
  readonly name: string;
  /** A log of Postfix itself; others only add to it. How far back it reaches is how far back the answer reaches. */
  readonly isMain: boolean;
  readonly open: () => AsyncIterable<string> | Iterable<string>;
  /** Bytes after which the log was cut by whoever gave it. */
  readonly limitBytes?: number;
};

/** What was read of one log. Times are ISO 8601 in UTC. */
export type ReadLog = {
  readonly name: string;
  readonly isMain: boolean;
  readonly lines: number;
  /** Lines about mails, connections and deliveries. */
  readonly facts: number;
  readonly bytes: number;
  readonly first?: string;
  readonly last?: string;
  readonly isCut: boolean;
  /** Why it could not be read, or not to its end. */
  readonly problem?: string;
};

/**
 * Reads logs one after another and gathers the mails that have the key. A log that cannot be read does not keep the others
 * from being read; when none of the main ones could, its error is thrown.
 */
export async function foldLogs(
  key: TraceKey,
  sources: readonly LogSource[],
  nowMs: number,
  signal?: AbortSignal,
): Promise<{ readonly gathered: Gathered; readonly read: readonly ReadLog[] }> {
  const store = makeStore(key);
  const read: ReadLog[] = [];
  const errors: InfraError[] = [];
  for (const source of sources) {
    const counts = { lines: 0, facts: 0, bytes: 0 };
    const span: { first?: number; last?: number } = {};
    let problem: string | undefined;
    try {
      for await (const raw of source.open()) {
        signal?.throwIfAborted();
        counts.lines += 1;
        counts.bytes += Buffer.byteLength(raw) + 1;
        const found = readFact(raw, nowMs);
        if (found === undefined) continue;
        counts.facts += 1;
        const { atMs } = found.line;
        if (atMs !== undefined) {
          span.first = Math.min(span.first ?? atMs, atMs);
          span.last = Math.max(span.last ?? atMs, atMs);
        }
        store.feed(found);
      }
    } catch (error) {
      if (!isInfraError(error) || signal?.aborted === true) throw error;
      problem = error.message.replace(/\.$/, '');
      if (source.isMain) errors.push(error);
    }
    read.push({
      name: source.name,
      isMain: source.isMain,
      ...counts,
      ...(span.first === undefined ? {} : { first: new Date(span.first).toISOString() }),
      ...(span.last === undefined ? {} : { last: new Date(span.last).toISOString() }),
      isCut: source.limitBytes !== undefined && counts.bytes >= source.limitBytes,
      ...(problem === undefined ? {} : { problem }),
    });
  }
  const [first] = errors;
  if (first !== undefined && !read.some(({ isMain, facts }) => isMain && facts > 0)) throw first;
  return { gathered: store.end(), read };
}
