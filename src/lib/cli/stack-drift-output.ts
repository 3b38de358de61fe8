import { resolve } from 'node:path';
import type { Clients } from '../clients/clients.ts';
import { InfraError, isInfraError } from '../errors.ts';

/** The group under which drift jobs push their metrics. */
const JOB = 'metrics/job/drift-detection';

/** The URL of a Pushgateway. Errors: `usage.bad-url` (64). */
export function pushTarget(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '') {
    throw new InfraError(
      'usage.bad-url',
      'usage',
      'The Pushgateway needs a URL like http://host:9091, without a password in it.',
    );
  }
  return `${parsed.href.replace(/[?#].*$/, '').replace(/\/$/, '')}/`;
}

/**
 * Replaces the metrics of the group that have the same names; the stacks of an earlier run go with them.
 * Errors: `drift.push-refused` (69), those of `Http`.
 */
export async function pushMetrics(http: Clients['http'], gateway: string, text: string): Promise<string> {
  const url = `${gateway}${JOB}`;
  const { status } = await http.json({ method: 'POST', url, text });
  if (status >= 200 && status < 300) return url;
  throw new InfraError(
    'drift.push-refused',
    'unavailable',
    `POST ${url} answered ${status}: the metrics were not pushed.`,
  );
}

/**
 * When drift was seen first, as the Pushgateway remembers it: a pipeline keeps nothing from run to run. Empty when it has
 * nothing yet. Errors: those of `Http`; `drift.push-refused` (69).
 */
export async function seenBefore(http: Clients['http'], gateway: string): Promise<ReadonlyMap<string, string>> {
  const url = `${gateway}api/v1/metrics`;
  const { status, body } = await http.json({ method: 'GET', url });
  if (status !== 200) {
    throw new InfraError(
      'drift.push-refused',
      'unavailable',
      `GET ${url} answered ${status}: since when stacks drift is not known.`,
    );
  }
  const found = new Map<string, string>();
  for (const group of list(at(body, 'data'))) {
    for (const metric of list(at(at(group, 'drift_stack_first_seen'), 'metrics'))) {
      const stack = at(at(metric, 'labels'), 'stack');
      const seconds = Number(at(metric, 'value'));
      if (typeof stack === 'string' && seconds > 0) found.set(stack, new Date(seconds * 1000).toISOString());
    }
  }
  return found;
}

/** Writes a report where others may read it: no value of a plan is in it. Errors: those of `Files`. */
export async function writeReport(files: Clients['files'], cwd: string, path: string, text: string): Promise<string> {
  const file = resolve(cwd, path);
  await files.writeAtomic(file, text.endsWith('\n') ? text : `${text}\n`, 0o644);
  return file;
}

/** The error of what comes after the plans; anything else is a defect. */
export async function orError<T>(work: () => Promise<T>): Promise<T | InfraError> {
  try {
    return await work();
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return error;
  }
}

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
