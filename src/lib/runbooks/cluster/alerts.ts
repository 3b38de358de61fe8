import { notConfigured } from '../../diagnosis/no-answer.ts';
import type { Probe } from '../../diagnosis/probe.ts';
import { queryPrometheus, type Sample } from '../prometheus/query.ts';

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
    return { alerts: alertsOf(await queryPrometheus(await client('http'), url, QUERY)) };
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

function alertsOf(samples: readonly Sample[]): readonly Alert[] {
  return samples
    .map(({ labels }) => ({
      name: labels.alertname ?? 'unnamed',
      severity: labels.severity ?? 'none',
      namespace: labels.namespace ?? '',
    }))
    .filter(({ name }) => !HEARTBEATS.includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
