import type { Http } from '../../clients/http/client.ts';
import { InfraError } from '../../errors.ts';

/** One series of an instant query. `value` is null for NaN and infinities, which JSON cannot hold. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number | null };

type Answer = { readonly status?: unknown; readonly error?: unknown; readonly data?: { readonly result?: unknown } };

/**
 * An instant query of Prometheus' HTTP API. Errors: `prometheus.denied` (77), `prometheus.rejected` (69: its own words),
 * `prometheus.malformed` (69), those of `Http`.
 */
export async function queryPrometheus(http: Http, url: string, query: string): Promise<readonly Sample[]> {
  const asked = `${url.replace(/\/$/, '')}/api/v1/query?query=${encodeURIComponent(query)}`;
  const { status, body } = await http.json({ method: 'GET', url: asked, timeoutMs: 5000 });
  if (status === 401 || status === 403)
    throw new InfraError('prometheus.denied', 'denied', `Prometheus at ${url} answered ${status}.`);
  const answer = (typeof body === 'object' && body !== null ? body : {}) as Answer;
  if (answer.status === 'error')
    throw new InfraError(
      'prometheus.rejected',
      'unavailable',
      `Prometheus at ${url} rejects a query: ${String(answer.error)}`,
    );
  if (answer.status !== 'success' || !Array.isArray(answer.data?.result))
    throw new InfraError(
      'prometheus.malformed',
      'unavailable',
      `Prometheus at ${url} answered ${status} without a result.`,
    );
  return answer.data.result.map(sampleOf);
}

function sampleOf(series: unknown): Sample {
  const { metric = {}, value = [] } = series as { metric?: Record<string, string>; value?: readonly unknown[] };
  const number = Number(value[1]);
  return { labels: metric, value: Number.isFinite(number) ? number : null };
}
