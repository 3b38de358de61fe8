import { notConfigured } from '../../diagnosis/no-answer.ts';
import type { Probe } from '../../diagnosis/probe.ts';
import { InfraError } from '../../errors.ts';

type Alert = { readonly name: string; readonly severity: string; readonly namespace: string };

export type AlertsEvidence = { readonly alerts: readonly Alert[] };

/** `/api/v1/alerts` is often cut off in front of Prometheus; the series of the alerts themselves is not. */
const QUERY = 'ALERTS{alertstate="firing"}';

/** Alerts that fire to show that alerting works. Source: kube-prometheus, "Watchdog" and "InfoInhibitor". */
const HEARTBEATS = ['Watchdog', 'DeadMansSwitch', 'InfoInhibitor'];

/** More than this many at once is an outage in its own right. Source: the platform's own health check. */
const MANY = 3;

/** What does monitoring itself say? */
export const alerts: Probe<AlertsEvidence> = {
  id: 'cluster.alerts.firing',
  title: 'alerts',
  layer: 'alerts',
  kind: 'passive',
  cost: '1 query to Prometheus',
  timeoutMs: 2500,
  question: 'Which alerts fire?',
  why: 'They were written by somebody who knew; but silence proves nothing, some alerts can never fire.',
  byHand: ({ prometheus }) =>
    `curl -sG '${prometheus.url.value ?? 'PROMETHEUS_URL'}/api/v1/query' --data-urlencode 'query=${QUERY}'`,
  healthy: 'None of severity warning or critical.',
  failures: [{ code: 'cluster.alert-firing', meaning: 'Prometheus has an alert of severity warning or critical.' }],
  async collect({ client, site }) {
    const { value: url } = site.prometheus.url;
    if (url === undefined) throw notConfigured('prometheus.url');
    const asked = `${url.replace(/\/$/, '')}/api/v1/query?query=${encodeURIComponent(QUERY)}`;
    const { status, body } = await (await client('http')).json({ method: 'GET', url: asked, timeoutMs: 2000 });
    if (status === 401 || status === 403)
      throw new InfraError('prometheus.denied', 'denied', `Prometheus at ${url} answered ${status}.`);
    return { alerts: alertsOf(body, url, status) };
  },
  judge({ alerts: all }) {
    const loud = all.filter(({ severity }) => severity === 'warning' || severity === 'critical');
    if (loud.length === 0) return { verdict: 'PASS', detail: 'none of severity warning or critical' };
    const names = [...new Set(loud.map(({ name }) => name))];
    const isBad = loud.length > MANY || loud.some(({ severity }) => severity === 'critical');
    return {
      verdict: isBad ? 'FAIL' : 'WARN',
      detail: `${loud.length} firing: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`,
      observations: loud.map(({ name }) => ({ code: 'cluster.alert-firing', subject: name })),
      data: { alerts: loud.map((alert) => ({ ...alert })) },
    };
  },
};

type Answer = { readonly status?: string; readonly data?: { readonly result?: unknown } };
type Series = { readonly metric?: Readonly<Record<string, string>> };

function alertsOf(body: unknown, url: string, status: number): readonly Alert[] {
  const { status: said, data } = (typeof body === 'object' && body !== null ? body : {}) as Answer;
  if (said !== 'success' || !Array.isArray(data?.result)) {
    throw new InfraError(
      'prometheus.malformed',
      'unavailable',
      `Prometheus at ${url} answered ${status} without a result.`,
    );
  }
  return (data.result as readonly Series[])
    .map(({ metric = {} }) => ({
      name: metric.alertname ?? 'unnamed',
      severity: metric.severity ?? 'none',
      namespace: metric.namespace ?? '',
    }))
    .filter(({ name }) => !HEARTBEATS.includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
