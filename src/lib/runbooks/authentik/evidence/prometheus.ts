import { notConfigured } from '../../../diagnosis/no-answer.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import { type Loose, labels, record, records } from '../../evidence/shape.ts';

/** One element of a vector: its labels and its value. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** An answer of Prometheus's API. Errors: `diagnosis.not-configured`, `prometheus.failed`, `prometheus.malformed`, those of `Http`. */
export async function askPrometheus({ client, site }: Ask, path: string): Promise<Loose> {
  const base = site.prometheus.url.value;
  if (base === undefined) throw notConfigured('prometheus.url');
  const http = await client('http');
  const { status, body } = await http.json({ method: 'GET', url: `${base.replace(/\/+$/, '')}${path}` });
  if (status < 200 || status >= 300) {
    throw new InfraError(
      'prometheus.failed',
      'unavailable',
      `Prometheus answered ${path.split('?')[0]} with ${status}.`,
    );
  }
  if (record(body).status !== 'success') {
    throw new InfraError('prometheus.malformed', 'unavailable', `What answers at ${base} is not Prometheus's API.`);
  }
  return record(record(body).data);
}

/** The vector of an instant query. */
export async function query(ask: Ask, promql: string): Promise<readonly Sample[]> {
  const data = await askPrometheus(ask, `/api/v1/query?query=${encodeURIComponent(promql)}`);
  return records(data.result).map((sample) => ({
    labels: labels(sample.metric),
    value: Number(Array.isArray(sample.value) ? sample.value[1] : Number.NaN),
  }));
}
