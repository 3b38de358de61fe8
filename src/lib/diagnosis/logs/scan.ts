import { MARK } from './compile.ts';
import type { LogEvidence } from './evidence.ts';
import { makeTally, noLevels, type ScanOptions } from './tally.ts';

/** What is kept of one line, in bytes; the rest of a longer one is passed over. */
const LONGEST_LINE = 256 * 1024;
/** How much of a line is looked at for its time. */
const HEAD = 1024;

/**
 * Reads a log once and tells what is in it. A string is one whole line (as the Kubernetes client gives them), bytes are
 * pieces of a file, cut anywhere. Every byte passes one automaton that looks for all signatures at once; only lines in
 * which it finds something are decoded. Memory is bounded, whatever the input is. Rejects only when reading does.
 */
export async function scanLogs(
  log: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  options: ScanOptions,
): Promise<LogEvidence> {
  const scan = makeScan(options);
  for await (const piece of log) {
    if (typeof piece === 'string') scan.feed(Buffer.from(`${piece}\n`));
    else scan.feed(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  }
  return scan.end();
}

type Scan = { feed(piece: Buffer): void; end(): LogEvidence };

function makeScan(options: ScanOptions): Scan {
  const { step, classOf, width, firstFound, lineEnd, bits, ids } = options.signatures.automaton;
  const tally = makeTally(options);
  const levels = noLevels();
  const counts = { lines: 0, bytes: 0, requests: 0, cutLines: 0 };
  const line = { marks: 0, length: 0, parts: [] as Buffer[], kept: 0 };
  const last = { head: undefined as Buffer | undefined, wasWhole: true };
  let candidates: number[] = [];
  let at = 0;

  const keep = (piece: Buffer, from: number, to: number): void => {
    line.length += to - from;
    const end = Math.min(to, from + LONGEST_LINE - line.kept);
    if (end <= from) return;
    // A copy: the piece may be used again for the next read.
    line.parts.push(Buffer.from(piece.subarray(from, end)));
    line.kept += end - from;
  };
  const textOf = (piece: Buffer, from: number, to: number): string => {
    if (line.parts.length > 0) {
      keep(piece, from, to);
      return Buffer.concat(line.parts).toString('utf8');
    }
    return piece.toString('utf8', from, Math.min(to, from + LONGEST_LINE));
  };
  const endLine = (piece: Buffer, from: number, to: number): void => {
    counts.lines += 1;
    const length = line.length + to - from;
    if (length > LONGEST_LINE) counts.cutLines += 1;
    const { marks } = line;
    // Cut by pieces or not, the head of the last line is the same.
    last.wasWhole = line.parts.length === 0;
    if (!last.wasWhole) last.head = headOf([...line.parts, piece.subarray(from, to)]);
    if ((marks & MARK.request) !== 0) counts.requests += 1;
    if ((marks & MARK.suspicious) !== 0 || candidates.length > 0 || tally.wantsNext()) {
      const level = tally.read(textOf(piece, from, to).replace(/\r$/, ''), candidates);
      levels[level ?? 'none'] += 1;
      candidates = [];
    } else {
      if (counts.lines === 1) tally.seeTime(textOf(piece, from, to).slice(0, HEAD));
      levels[levelOfMarks(marks)] += 1;
    }
    line.marks = 0;
    line.length = 0;
    line.kept = 0;
    if (line.parts.length > 0) line.parts = [];
  };

  const feed = (piece: Buffer): void => {
    counts.bytes += piece.length;
    const { length } = piece;
    let start = 0;
    let previous = -1;
    let state = at;
    for (let index = 0; index < length; index += 1) {
      state = step[state + (classOf[piece[index] as number] as number)] as number;
      if (state < firstFound) continue;
      if (state === lineEnd) {
        endLine(piece, start, index);
        previous = start;
        start = index + 1;
      } else {
        const found = (state - firstFound) / width;
        line.marks |= bits[found] as number;
        for (const id of ids[found] ?? []) if (!candidates.includes(id)) candidates.push(id);
      }
    }
    at = state;
    if (previous >= 0 && last.wasWhole)
      last.head = Buffer.from(piece.subarray(previous, Math.min(start - 1, previous + HEAD)));
    if (start < length) keep(piece, start, length);
  };
  const end = (): LogEvidence => {
    const nothing = Buffer.alloc(0);
    if (line.length > 0) endLine(nothing, 0, 0);
    if (last.head !== undefined) tally.seeTime(last.head.toString('utf8'));
    return { ...counts, levels, ...tally.result() };
  };
  return { feed, end };
}

function headOf(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts).subarray(0, HEAD);
}

function levelOfMarks(marks: number): 'trace' | 'debug' | 'info' | 'none' {
  if ((marks & MARK.trace) !== 0) return 'trace';
  if ((marks & MARK.debug) !== 0) return 'debug';
  return (marks & MARK.info) !== 0 ? 'info' : 'none';
}
