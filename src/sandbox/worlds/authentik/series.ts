import type { Series } from '../../prometheus/promql.ts';
import type { AlertRule } from '../../prometheus/server.ts';
import type { Random } from '../../random.ts';
import type { HostScene } from './scene.ts';

/** Requests a second at Traefik's entry point while nothing is wrong. */
export function trafficSeries(random: Random, hosts: readonly HostScene[]): Series[] {
  const rates: Readonly<Record<string, number>> = {
    '200': random.int(20, 60),
    '302': 1 + random.int(0, 20) / 10,
    '401': 0.02,
    '404': 0.1,
  };
  return [
    ...Object.entries(rates).map(([code, perSecond]) => entrypoint(code, perSecond)),
    ...hosts.map(({ host }) => router(host, '200', random.int(1, 30) / 10)),
    { labels: { __name__: 'up', job: 'traefik' }, value: 1 },
    {
      labels: { __name__: 'container_memory_working_set_bytes', namespace: 'authentik', container: 'proxy' },
      value: 90_000_000,
    },
    {
      labels: { __name__: 'kube_pod_container_status_restarts_total', namespace: 'authentik', container: 'proxy' },
      value: 0,
    },
    {
      labels: {
        __name__: 'kube_deployment_status_replicas_available',
        namespace: 'authentik',
        deployment: 'goauthentik-server',
      },
      value: 3,
    },
  ];
}

/** A counter of the entry point. */
export function entrypoint(code: string, perSecond: number): Series {
  const labels = {
    __name__: 'traefik_entrypoint_requests_total',
    entrypoint: 'websecure',
    method: 'GET',
    protocol: 'http',
    code,
  };
  return { labels, value: perSecond * 900_000, perSecond };
}

/** A counter of a router. */
export function router(host: string, code: string, perSecond: number): Series {
  const labels = {
    __name__: 'traefik_router_requests_total',
    router: `apps-${host.replaceAll('.', '-')}@kubernetes`,
    service: `apps-${host.split('.')[0]}-80@kubernetes`,
    method: 'GET',
    protocol: 'http',
    code,
  };
  return { labels, value: perSecond * 900_000, perSecond };
}

/** Alerts that fire. */
export function alertSeries(names: readonly string[]): Series[] {
  return names.map((alertname) => ({
    labels: { __name__: 'ALERTS', alertname, alertstate: 'firing', severity: 'critical', namespace: 'authentik' },
    value: 1,
  }));
}

/** The alerting rules of the platform that are about logging in. */
export const RULES: readonly { readonly group: string; readonly rules: readonly AlertRule[] }[] = [
  {
    group: 'Authentik Outpost',
    rules: [
      rule(
        'AuthentikOutpostMemoryHigh',
        'container_memory_working_set_bytes{namespace="authentik",container="proxy"} > 1610612736',
        900,
        'warning',
      ),
      rule(
        'AuthentikOutpostMemoryCritical',
        'container_memory_working_set_bytes{namespace="authentik",container="proxy"} > 1932735283',
        300,
        'critical',
      ),
      rule(
        'AuthentikOutpostRestarts',
        'increase(kube_pod_container_status_restarts_total{namespace="authentik",container="proxy"}[30m]) > 2',
        0,
        'warning',
      ),
    ],
  },
  {
    group: 'Authentik',
    rules: [
      rule(
        'AuthentikDown',
        'kube_deployment_status_replicas_available{namespace="authentik",deployment="goauthentik-server"} < 1',
        300,
        'critical',
      ),
      rule(
        'ForwardAuthFallbackActive',
        'sum(rate(traefik_entrypoint_requests_total{entrypoint="websecure",code="401"}[5m])) > 5',
        120,
        'critical',
      ),
    ],
  },
];

/** Two more, as they stand on the real platform: the metrics that they ask for are dropped, or never pass that way. */
export const DEAD_RULES: readonly AlertRule[] = [
  rule(
    'AuthentikOutpostDevShmFull',
    'container_fs_usage_bytes{namespace="authentik",device="tmpfs"} / container_fs_limit_bytes{namespace="authentik",device="tmpfs"} > 0.8',
    300,
    'critical',
  ),
  rule(
    'AuthentikOutpostForwardAuth400Spike',
    'sum(increase(traefik_service_requests_total{service=~"authentik-ak-outpost-.*",code="400"}[5m])) > 20',
    300,
    'critical',
  ),
];

/** prometheus.yml: what is dropped when containers are scraped. */
export const CONFIG = `global:
  scrape_interval: 1m
scrape_configs:
  - job_name: kubernetes-cadvisor
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: container_fs_.*|container_network_tcp_.*
        action: drop
  - job_name: kubernetes-kube-state-metrics
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: kube_poddisruptionbudget_.*|kube_endpoint_.*|kube_limitrange_.*
        action: drop
`;

function rule(name: string, query: string, seconds: number, severity: AlertRule['severity']): AlertRule {
  return { name, query, for: seconds, severity };
}
