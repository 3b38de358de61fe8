import { describe, expect, test } from 'vitest';
import {
  deadAlerts,
  isDropped,
  metricsOf,
  relabellingsOf,
} from '../../../../src/lib/runbooks/authentik/judge/alert-analysis.ts';
import { alerts } from '../../../../src/lib/runbooks/authentik/probes/alerts.ts';
import { edgeErrors } from '../../../../src/lib/runbooks/authentik/probes/edge-errors.ts';
import { given } from './support.ts';

const FULL = 'container_fs_usage_bytes{namespace="authentik",pod=~"ak-outpost.*"} / container_fs_limit_bytes > 0.8';
const CONFIG = `scrape_configs:
  - job_name: kubernetes-nodes-cadvisor
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: 'container_(tasks_state|fs_.*)'
        action: drop
      - action: drop
        regex: kube_poddisruptionbudget_.*
        source_labels:
          - __name__
      - source_labels: [namespace]
        regex: container_memory_.*
        action: drop
`;

describe('metrics of an expression', () => {
  test.each([
    [FULL, ['container_fs_usage_bytes', 'container_fs_limit_bytes']],
    ['sum by (code) (rate(traefik_requests_total{code=~"5.."}[5m])) > 5', ['traefik_requests_total']],
    [
      'kube_deployment_spec_replicas{a="b"} != on(namespace) group_left(x) kube_deployment_status_replicas',
      ['kube_deployment_spec_replicas', 'kube_deployment_status_replicas'],
    ],
    ['absent(up{job="authentik"}) or increase(x:y_total[30m] offset 5m) > 2', ['up', 'x:y_total']],
    ['{__name__="pg_stat_activity_count"} > 0', ['pg_stat_activity_count']],
    ['vector(1) > bool 0', []],
  ])('%s', (expr, metrics) => {
    expect(metricsOf(expr)).toEqual(metrics);
  });
});

describe('alerts that can never fire', () => {
  test('the scrape’s relabellings are read from its text, by name of the metric only', () => {
    const found = relabellingsOf(CONFIG);
    expect(found).toEqual([
      { action: 'drop', regex: 'container_(tasks_state|fs_.*)' },
      { action: 'drop', regex: 'kube_poddisruptionbudget_.*' },
    ]);
    expect(isDropped('container_fs_usage_bytes', found)).toBe(true);
    // Anchored, as Prometheus's are.
    expect(isDropped('my_container_fs_usage_bytes', found)).toBe(false);
    expect(isDropped('container_memory_working_set_bytes', found)).toBe(false);
  });

  test('a rule over a dropped metric is dead and says why', () => {
    const rules = [{ name: 'AuthentikOutpostDevShmFull', expr: FULL, state: 'inactive' }];
    expect(deadAlerts(rules, relabellingsOf(CONFIG), new Set())).toEqual([
      {
        alert: 'AuthentikOutpostDevShmFull',
        metric: 'container_fs_usage_bytes',
        why: 'container_fs_usage_bytes is dropped at the scrape',
      },
    ]);
  });

  test('a rule whose metrics are there is alive, whatever some other job drops', () => {
    const rules = [{ name: 'X', expr: FULL, state: 'inactive' }];
    const present = new Set(['container_fs_usage_bytes', 'container_fs_limit_bytes']);
    expect(deadAlerts(rules, relabellingsOf(CONFIG), present)).toEqual([]);
  });

  test('a rule that waits for a metric to vanish needs no series', () => {
    expect(deadAlerts([{ name: 'Gone', expr: 'absent(authentik_up)', state: 'inactive' }], [], new Set())).toEqual([]);
  });

  test('a rule over the outpost’s Traefik service is blind for the first hop', () => {
    const expr = 'increase(traefik_service_requests_total{service=~"authentik-ak-outpost-.*",code="400"}[5m]) > 50';
    const dead = deadAlerts(
      [{ name: 'Spike', expr, state: 'inactive' }],
      [],
      new Set(['traefik_service_requests_total']),
    );
    expect(dead[0]?.why).toContain('does not pass');
  });
});

describe('alerts about logins', () => {
  const evidence = {
    rules: [{ name: 'AuthentikDown', expr: 'up == 0', state: 'inactive' }],
    relabellings: [],
    configRead: true,
    present: ['up'],
    firing: [],
  };

  test('none firing is well, and dead ones are gaps even then', () => {
    expect(alerts.judge(evidence, given())).toMatchObject({ verdict: 'PASS', gaps: [] });
    expect(alerts.judge({ ...evidence, present: [] }, given()).gaps).toHaveLength(1);
  });

  test('one firing is told', () => {
    expect(alerts.judge({ ...evidence, firing: ['AuthentikDown'] }, given())).toMatchObject({
      verdict: 'WARN',
      observations: [{ code: 'alerts.firing', subject: 'AuthentikDown' }],
    });
  });

  test('without any rule there is nothing to judge', () => {
    expect(alerts.judge({ ...evidence, rules: [] }, given()).verdict).toBe('SKIP');
  });
});

describe('errors at Traefik', () => {
  test.each([
    [{ '400': 3 }, 2, 'PASS'],
    [{ '400': 1680 }, 9, 'WARN'],
    // One host that fails a lot is one host.
    [{ '400': 1680 }, 1, 'PASS'],
    [{ '401': 6 }, 0, 'PASS'],
    [{ '401': 1416 }, 0, 'WARN'],
  ])('%j on %d routers: %s', (byCode, routersWith400, verdict) => {
    expect(edgeErrors.judge({ byCode, routersWith400 }, given()).verdict).toBe(verdict);
  });
});
