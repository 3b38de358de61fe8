import type { LogLine } from '../../kubernetes/logs.ts';
import type { Random } from '../../random.ts';
import type { Scene } from './scene.ts';

/** Time so many seconds before the scene's now, ISO 8601 with milliseconds. */
export function timeAt(scene: Scene, secondsAgo: number): string {
  return new Date(scene.now - secondsAgo * 1000).toISOString();
}

/** A line as the container runtime keeps it. */
export function line(scene: Scene, secondsAgo: number, text: string): LogLine {
  return { text, at: timeAt(scene, secondsAgo).replace('Z', '000000Z') };
}

/** A line of the Go outpost: JSON, keys in alphabetical order, UTC. */
export function goLine(
  scene: Scene,
  secondsAgo: number,
  level: string,
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
): LogLine {
  const timestamp = timeAt(scene, secondsAgo).replace(/\.\d+Z$/, 'Z');
  const all: Record<string, unknown> = {
    logger: 'authentik.outpost.proxyv2.application',
    ...fields,
    level,
    event,
    timestamp,
  };
  const sorted = Object.keys(all).toSorted();
  return line(scene, secondsAgo, JSON.stringify(Object.fromEntries(sorted.map((key) => [key, all[key]]))));
}

/** The same as text, as logrus renders it without JSON. */
export function goTextLine(
  scene: Scene,
  secondsAgo: number,
  level: string,
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
): LogLine {
  const timestamp = timeAt(scene, secondsAgo).replace(/\.\d+Z$/, 'Z');
  const all: Record<string, unknown> = { logger: 'authentik.outpost.proxyv2.application', ...fields };
  const rest = Object.keys(all)
    .toSorted()
    .map((key) => ` ${key}=${quoted(all[key])}`);
  return line(scene, secondsAgo, `time="${timestamp}" level=${level} event=${quoted(event)}${rest.join('')}`);
}

function quoted(value: unknown): string {
  return /^[\w./:-]+$/.test(String(value)) ? String(value) : JSON.stringify(value);
}

/** What a request brings to a Rust line: the span, whose fields are repeated at the top level. */
export type Span = {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly remote: string;
  readonly inner?: string;
};

/** A line of the Rust outpost or server: source location first, local time without zone. */
export function rustLine(
  scene: Scene,
  secondsAgo: number,
  level: string,
  source: { readonly file: string; readonly line: number; readonly target: string },
  event: Readonly<Record<string, unknown>>,
  span?: Span,
): LogLine {
  const local = new Date(scene.now - secondsAgo * 1000 + scene.zoneHours * 3_600_000).toISOString();
  const { inner, ...asked } = span ?? {};
  const of = span === undefined ? undefined : { ...asked, name: 'request', scheme: 'https' };
  const spans = of === undefined ? [] : [of, ...(inner === undefined ? [] : [{ name: inner }])];
  return line(
    scene,
    secondsAgo,
    JSON.stringify({
      filename: source.file,
      level,
      line_number: source.line,
      pid: 1,
      ...(spans.length === 0 ? {} : { spans }),
      target: source.target,
      thread_id: 'ThreadId(12)',
      thread_name: 'tokio-10',
      timestamp: local.replace('Z', '482'),
      ...event,
      ...of,
      ...(inner === undefined ? {} : { name: inner }),
    }),
  );
}

/** A line of the Python core: JSON with blanks, UTC without zone. */
export function pythonLine(
  scene: Scene,
  secondsAgo: number,
  level: string,
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
): LogLine {
  const all: Record<string, unknown> = {
    ...fields,
    event,
    level,
    timestamp: timeAt(scene, secondsAgo).replace('Z', '359'),
  };
  const parts = Object.keys(all)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}: ${JSON.stringify(all[key])}`);
  return line(scene, secondsAgo, `{${parts.join(', ')}}`);
}

/** A line of pgbouncer. */
export function pgbouncerLine(scene: Scene, secondsAgo: number, level: string, text: string): LogLine {
  const stamp = timeAt(scene, secondsAgo).replace('T', ' ').replace('Z', ' UTC');
  return line(scene, secondsAgo, `${stamp} [1] ${level} ${text}`);
}

/** A line of PostgreSQL as CloudNativePG wraps it: the outer level is always info. */
export function cnpgLine(
  scene: Scene,
  secondsAgo: number,
  severity: string,
  sqlState: string,
  message: string,
): LogLine {
  const ts = timeAt(scene, secondsAgo);
  const record = {
    log_time: ts.replace('T', ' ').replace('Z', ' UTC'),
    process_id: '4312',
    error_severity: severity,
    sql_state_code: sqlState,
    message,
    backend_type: 'client backend',
  };
  const outer = { level: 'info', ts, logger: 'postgres', msg: 'record', logging_pod: 'pg-cluster-1', record };
  return line(scene, secondsAgo, JSON.stringify(outer));
}

/** Moments over a span, newest last, so many of them; the last one is `from` seconds ago. */
export function moments(random: Random, count: number, oldest: number, newest = 1): number[] {
  const drawn = Array.from({ length: count }, () => newest + random.int(0, Math.max(0, oldest - newest) * 10) / 10);
  return drawn.toSorted((a, b) => b - a);
}
