import type { FindingCode } from '../signatures/codes.ts';
import type { Signature } from '../signatures/signature.ts';
import { matchLine, type SignatureSet } from './compile.ts';
import { type CrashPart, makeCrashFold } from './crash.ts';
import { KEPT, type LogEvidence, type SignatureHit, type UnknownShape } from './evidence.ts';
import type { LEVELS } from './level.ts';
import { type LogLine, readLine } from './line.ts';
import { redactLine } from './redact-line.ts';
import { makeShapes } from './shapes.ts';
import type { LineTime } from './time.ts';

/** Options of a scan. */
export type ScanOptions = {
  readonly signatures: SignatureSet;
  /** Name of the log (pod/container, file): the source of every line whose prefix names none. */
  readonly source?: string;
  /** Now, in ms: only tells the year of a time that has none. */
  readonly nowMs: number;
};

type Seen = {
  readonly signature: Signature;
  readonly cause: FindingCode | undefined;
  count: number;
  first: number | undefined;
  last: number | undefined;
  readonly sources: Map<string, number>;
  readonly samples: string[];
};

const MOST_SOURCES = 200;
const STRONG =
  /\b(?:panic|fatal|traceback|exception|fail(?:ed|ure|s)?|refused|denied|timed out|unreachable|no space left|killed|forbidden|unauthorized|cannot|unable to|segfault|corrupt\w*|deadlock|crash\w*|errors?)\b/i;
const NO_ERRORS =
  /\b(?:no|0|without) (?:error|fail|exception)\w*|\b(?:error|fail)\w*["']?\s*[=:]\s*(?:0\b|null|""|none|false)/gi;

/** Whether a line that nobody knows looks like an error: by its level, else by its words; an access line by its status. */
function isErrorLike({ level, isStructured, message, error, fields, text }: LogLine, part: CrashPart): boolean {
  if (part === 'said') return true;
  if (level === 'warn' || level === 'error' || level === 'fatal') return true;
  const status = Number(fields.get('status') ?? fields.get('DownstreamStatus') ?? Number.NaN);
  if (status >= 500) return true;
  const access = /" (\d{3}) (?:\d+|-)(?: |$)/.exec(text)?.[1];
  if (access !== undefined && !isStructured) return Number(access) >= 500;
  // The path of a request may hold any word.
  if (Number.isFinite(status)) return false;
  return STRONG.test((isStructured ? `${message} ${error ?? ''}` : text).replace(NO_ERRORS, ''));
}

/** Counts what lines hold. Memory does not grow with the log. */
export type Tally = {
  /** Whether the next line must be read although nothing marks it: it belongs to a crash report. */
  wantsNext(): boolean;
  /** Reads a line; `candidates` are indices of signatures whose text stands in it. Returns its level, if it names one. */
  read(raw: string, candidates: readonly number[]): LogLine['level'];
  /** The time of a line that is not counted: the first and the last of a log. */
  seeTime(raw: string): void;
  result(): Pick<LogEvidence, 'errorLike' | 'hits' | 'unknown' | 'first' | 'last' | 'assumed'>;
};

const iso = (ms: number): string => new Date(ms).toISOString();
const span = (first: number | undefined, last: number | undefined): { first?: string; last?: string } => ({
  ...(first === undefined ? {} : { first: iso(first) }),
  ...(last === undefined ? {} : { last: iso(last) }),
});

function sampleOf({ isStructured, message, error, text }: LogLine, signature?: Signature): string {
  const said = error === undefined || message.includes(error) ? message : `${message}: ${error}`;
  // What nobody knows is told without its time, which would only be masked.
  const plain = signature === undefined ? message : text;
  const whole = isStructured && signature?.where !== 'line' ? said : plain;
  return redactLine(whole.replace(/\s+/g, ' ').trim());
}

/** Makes a tally of one log. */
export function makeTally({ signatures: { signatures }, source = '', nowMs }: ScanOptions): Tally {
  const seen = new Map<string, Seen>();
  const shapes = makeShapes();
  const crashes = makeCrashFold();
  const state = {
    errorLike: 0,
    unknown: 0,
    first: undefined as number | undefined,
    last: undefined as number | undefined,
    zone: 0,
    year: 0,
  };
  const see = (time: LineTime | undefined): void => {
    if (time === undefined) return;
    state.first = Math.min(state.first ?? time.ms, time.ms);
    state.last = Math.max(state.last ?? time.ms, time.ms);
    if (time.assumed !== undefined) state[time.assumed] += 1;
  };
  const count = (signature: Signature, cause: FindingCode | undefined, line: LogLine): void => {
    const key = `${signature.id} ${cause ?? ''}`;
    const fresh = { signature, cause, count: 0, first: undefined, last: undefined, sources: new Map(), samples: [] };
    const hit: Seen = seen.get(key) ?? fresh;
    seen.set(key, hit);
    hit.count += 1;
    const label = line.label ?? source;
    if (hit.sources.size < MOST_SOURCES || hit.sources.has(label)) {
      hit.sources.set(label, (hit.sources.get(label) ?? 0) + 1);
    }
    if (hit.samples.length < KEPT.samples) {
      const sample = sampleOf(line, signature);
      if (!hit.samples.includes(sample)) hit.samples.push(sample);
    }
    if (line.time === undefined) return;
    hit.first = Math.min(hit.first ?? line.time.ms, line.time.ms);
    hit.last = Math.max(hit.last ?? line.time.ms, line.time.ms);
  };
  return {
    wantsNext: () => crashes.isOpen(),
    seeTime: (raw) => see(readLine(raw, nowMs).time),
    read(raw, candidates) {
      const line = readLine(raw, nowMs);
      see(line.time);
      const part = crashes.part(line.text, line.label ?? source);
      const isUnknown =
        candidates.filter((index) => {
          const signature = signatures[index];
          const match = signature === undefined ? undefined : matchLine(signature, line);
          if (signature === undefined || match === undefined) return false;
          count(signature, match.cause, line);
          return true;
        }).length === 0;
      if (!isUnknown) state.errorLike += 1;
      else if (part !== 'frame' && isErrorLike(line, part)) {
        state.errorLike += 1;
        state.unknown += 1;
        shapes.add(sampleOf(line), line.time?.ms);
      }
      return line.level;
    },
    result() {
      const { shapes: found, others } = shapes.result();
      const listed = found.slice(0, KEPT.shapes);
      return {
        errorLike: state.errorLike,
        ...span(state.first, state.last),
        assumed: { zone: state.zone, year: state.year },
        hits: [...seen.values()].sort((a, b) => order(signatures, a) - order(signatures, b)).map(hitOf),
        unknown: {
          lines: state.unknown,
          shapes: listed.map(
            ({ shape, count, first, last, sample }): UnknownShape => ({ shape, count, ...span(first, last), sample }),
          ),
          others: others + found.slice(KEPT.shapes).reduce((total, each) => total + each.count, 0),
        },
      };
    },
  };
}

const order = (signatures: readonly Signature[], { signature }: Seen): number => signatures.indexOf(signature);

function hitOf({ signature, cause, count, first, last, sources, samples }: Seen): SignatureHit {
  const sorted = [...sources].map(([source, lines]) => ({ source, count: lines }));
  return {
    signature: signature.id,
    ...(cause === undefined ? {} : { cause }),
    count,
    ...span(first, last),
    sources: sorted.sort((a, b) => b.count - a.count || (a.source < b.source ? -1 : 1)).slice(0, KEPT.sources),
    samples,
  };
}

/** Every level at zero. */
export function noLevels(): Record<(typeof LEVELS)[number] | 'none', number> {
  return { trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0, none: 0 };
}
