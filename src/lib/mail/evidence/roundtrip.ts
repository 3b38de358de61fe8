import type { Clients } from '../../clients/clients.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import type { ClusterReads } from './answer.ts';

/** What is known of the last mail that was sent around from outside. Times are ISO 8601. */
export type Roundtrip = {
  readonly source: 'Prometheus' | 'CronJob';
  readonly lastSuccess: string | undefined;
  /** Whether the very last one came back; undefined when only successes are known. */
  readonly lastCameBack: boolean | undefined;
  readonly suspended: boolean;
};

/** The kind that the monitor is. */
export const CRON_JOBS = { group: 'batch', version: 'v1', plural: 'cronjobs' };

/** Prometheus where it is configured and knows, else the CronJob. Errors: those of the cluster, `mail.empty`. */
export async function collectRoundtrip(clients: ClusterReads & Pick<Clients, 'http'>, site: Site): Promise<Roundtrip> {
  const measured = site.prometheus.url.value === undefined ? undefined : await fromPrometheus(clients, site);
  if (measured !== undefined) return measured;
  const { namespace, roundtrip } = site.mail;
  const job = await clients.kubernetes.get(CRON_JOBS, roundtrip.cronJob.value, namespace.value);
  if (job === undefined) {
    throw new InfraError(
      'mail.empty',
      'unavailable',
      `There is no CronJob ${roundtrip.cronJob.value} in ${namespace.value}, and Prometheus knows of no roundtrip.`,
    );
  }
  const status = (job.status ?? {}) as { readonly lastSuccessfulTime?: string };
  const spec = (job.spec ?? {}) as { readonly suspend?: boolean };
  return {
    source: 'CronJob',
    lastSuccess: status.lastSuccessfulTime,
    lastCameBack: undefined,
    suspended: spec.suspend === true,
  };
}

type Vector = { readonly data?: { readonly result?: readonly Sample[] } };
type Sample = { readonly metric?: { readonly __name__?: string }; readonly value?: readonly unknown[] };

/** Undefined when Prometheus does not know, or does not answer: then the CronJob is asked. */
async function fromPrometheus(clients: Pick<Clients, 'http'>, site: Site): Promise<Roundtrip | undefined> {
  const metric = site.mail.roundtrip.metric.value;
  const query = `{__name__=~"${metric}_(success|last_success_timestamp)"}`;
  const url = `${site.prometheus.url.value}/api/v1/query?query=${encodeURIComponent(query)}`;
  const answer = await clients.http.json({ method: 'GET', url, timeoutMs: 5000 }).catch((error: unknown) => {
    if (error instanceof InfraError && error.status === 'unavailable') return undefined;
    throw error;
  });
  const samples = (answer?.body as Vector | undefined)?.data?.result ?? [];
  const figure = (name: string): number | undefined => {
    const value = samples.find((each) => each.metric?.__name__ === `${metric}_${name}`)?.value?.[1];
    return typeof value === 'string' && Number.isFinite(Number(value)) ? Number(value) : undefined;
  };
  const at = figure('last_success_timestamp');
  if (answer?.status !== 200 || at === undefined) return undefined;
  const success = figure('success');
  return {
    source: 'Prometheus',
    lastSuccess: at > 0 ? new Date(at * 1000).toISOString() : undefined,
    lastCameBack: success === undefined ? undefined : success === 1,
    suspended: false,
  };
}
