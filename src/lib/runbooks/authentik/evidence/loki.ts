import { notConfigured } from '../../../diagnosis/no-answer.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import { record, records } from '../../evidence/shape.ts';

const TIMEOUT_MS = 5000;

/**
 * The time of the first line that a LogQL query finds from `start` on, ISO 8601, or undefined. Asks `query_range` with
 * `direction=forward&limit=1` (grafana.com/docs/loki, HTTP API). Errors: `diagnosis.not-configured`, `loki.denied` (77),
 * `loki.rejected`, `loki.malformed` (69), those of `Http`.
 */
export async function firstLine({ client, site, now }: Ask, query: string, start: Date): Promise<string | undefined> {
  const base = site.loki.url.value;
  if (base === undefined) throw notConfigured('loki.url');
  const asked = new URLSearchParams({ query, direction: 'forward', limit: '1' });
  asked.set('start', nanoseconds(start));
  asked.set('end', nanoseconds(now));
  const http = await client('http');
  const url = `${base.replace(/\/+$/, '')}/loki/api/v1/query_range?${asked}`;
  const { status, body } = await http.json({ method: 'GET', url, timeoutMs: TIMEOUT_MS });
  if (status === 401 || status === 403) throw new InfraError('loki.denied', 'denied', `Loki answered ${status}.`);
  if (status < 200 || status >= 300)
    throw new InfraError('loki.rejected', 'unavailable', `Loki answered query_range with ${status}.`);
  const { data, status: said } = record(body);
  const { result, resultType } = record(data);
  if (said !== 'success' || resultType !== 'streams' || !Array.isArray(result))
    throw new InfraError('loki.malformed', 'unavailable', `What answers at ${base} is not Loki’s API.`);
  const times = records(result)
    .flatMap(({ values }) => (Array.isArray(values) ? values : []))
    .flatMap((entry: unknown) => (Array.isArray(entry) ? momentOf(entry[0]) : []));
  return times.sort()[0];
}

const nanoseconds = (at: Date): string => `${BigInt(at.getTime()) * 1_000_000n}`;

function momentOf(value: unknown): readonly string[] {
  if (typeof value !== 'string' || !/^\d{16,20}$/.test(value)) return [];
  return [new Date(Number(BigInt(value) / 1_000_000n)).toISOString()];
}
