import { fieldsOf } from './fields.ts';
import { type Level, levelInText, levelOfWord } from './level.ts';
import { type LineTime, timeIn } from './time.ts';

/** A line, read: without prefixes and colour, on one clock and one scale of levels. */
export type LogLine = {
  /** As written, without prefixes and colour. */
  readonly text: string;
  /** What is said: a named field of a structured line, else the text without its time and level. */
  readonly message: string;
  /** The reason that a structured line gives beside its message. */
  readonly error: string | undefined;
  /** Named fields, flat: JSON, or `key=value` in a text; `unit` is the program that a prefix names. */
  readonly fields: ReadonlyMap<string, string>;
  readonly isStructured: boolean;
  readonly level: Level | undefined;
  readonly time: LineTime | undefined;
  /** Pod or container that a prefix names. */
  readonly label: string | undefined;
};

// CSI sequences, the same six characters in JSON, and what is left when ESC became U+FFFD or was lost.
const COLOUR =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what removes them.
  /(?:\u001b|\\u001b|\\x1b|\uFFFD)\[[0-9;?]*[A-Za-z]|\[(?:[0-9]{1,2};)*(?:0|1|2|3[0-7]|39|9[0-7])m(?!\])/gi;
const KUBECTL = /^\[pod\/([^/\]]+\/[^\]]+)\] /;
const RUNTIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?:std(?:out|err) [FP] )?/;
const COMPOSE = /^(?!(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b)([A-Za-z0-9][\w.-]*)\s+\| /;
const SYSLOG = /^([A-Z][a-z]{2}\s{1,2}\d{1,2} \d\d:\d\d:\d\d) (\S+) ([\w./@-]+)(?:\[\d+\])?: /;
const SYSLOG_ISO = /^(\S+) ([\w./@-]+)\[\d+\]: /;
const UNIT = /^([a-z][\w./@-]*)\[\d+\]: /;
const TERRAGRUNT = /^\d\d:\d\d:\d\d\.\d{3} ([A-Z]+)\s+(?:\[[^\]]*\] )?(?:(tofu|terraform): )?/;
const BOX = /^\s*[│╷╵]\s?/;
const HEAD =
  /^(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]\S+\]?\s+(?:UTC |GMT )?(?:\[\d+\]:? )?)?(?:\[\w+\s*\]\s*|(?:TRC|DBG|INF|WRN|ERR|FTL)\s+)?/;
const MESSAGE_KEYS = ['event', 'record.message', 'message', 'Message', 'msg', '@message'];
const ERROR_KEYS = ['error', 'err', 'exc', 'exception'];
const LEVEL_KEYS = ['record.error_severity', 'level', '@level', 'severity', 'lvl'];
const TIME_KEYS = ['timestamp', 'time', 'ts', '@timestamp', 'record.log_time', 'StartUTC'];

type Stripped = { text: string; label?: string; unit?: string; stamp?: string; level?: string };

/** A writer's own time looks like the runtime's; that one has nanoseconds, a stream's name or another time behind it. */
function isRuntimes(stamp: string, rest: string): boolean {
  return (
    /\.\d{7,9}|std(?:out|err)/.test(stamp) ||
    /^\s*(?:\{|\d{4}[-/]\d\d|time=|[IWEF]\d{4} |[A-Z][a-z]{2} [ \d]\d )/.test(rest)
  );
}

/** Takes off what others wrote in front: kubectl, container runtime, compose, syslog, Terragrunt, Terraform's box. */
function strip(raw: string): Stripped {
  const out: Stripped = { text: raw.replace(COLOUR, '') };
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(out.text);
    if (match !== null) out.text = out.text.slice(match[0].length);
    return match;
  };
  const label = take(KUBECTL)?.[1] ?? take(COMPOSE)?.[1];
  if (label !== undefined) out.label = label.slice(0, 128);
  const stamp = RUNTIME.exec(out.text);
  if (stamp?.[1] !== undefined) {
    out.stamp = stamp[1];
    if (isRuntimes(stamp[0], out.text.slice(stamp[0].length))) take(RUNTIME);
  }
  const syslog = take(SYSLOG);
  if (syslog !== null) {
    out.stamp ??= syslog[1] ?? '';
    out.unit = syslog[3] ?? '';
  } else {
    if (stamp !== null && SYSLOG_ISO.test(out.text.slice(stamp[0].length))) take(RUNTIME);
    const unit = stamp === null ? take(UNIT)?.[1] : (take(SYSLOG_ISO)?.[2] ?? take(UNIT)?.[1]);
    if (unit !== undefined) out.unit = unit;
  }
  const terragrunt = take(TERRAGRUNT);
  if (terragrunt !== null) {
    out.unit = terragrunt[2] ?? 'terragrunt';
    out.level = terragrunt[1] ?? '';
  }
  take(BOX);
  return out;
}

/** Reads one line. `nowMs` only tells which year a line without one belongs to. Never throws. */
export function readLine(raw: string, nowMs: number): LogLine {
  const { text, label, unit, stamp, level } = strip(raw);
  const { fields, isStructured } = fieldsOf(text);
  if (unit !== undefined) fields.set('unit', unit);
  const first = (keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const value = fields.get(key);
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
  const said = isStructured ? first(MESSAGE_KEYS) : undefined;
  const word = (isStructured ? first(LEVEL_KEYS) : undefined) ?? level;
  const written = stamp ?? (isStructured ? first(TIME_KEYS) : undefined) ?? text.slice(0, 120);
  return {
    text,
    message: said ?? (isStructured ? (first(ERROR_KEYS) ?? text) : text.replace(HEAD, '')),
    error: first(ERROR_KEYS),
    fields,
    isStructured,
    level: word === undefined ? levelInText(text) : levelOfWord(word),
    time: timeIn(written, nowMs),
    label,
  };
}
