import { type Answer, type Handle, jsonAnswer } from '../http/exchange.ts';
import { evaluate, PromqlError, type Series } from './promql.ts';

/** An alerting rule as Prometheus lists it. */
export type AlertRule = {
  readonly name: string;
  readonly query: string;
  /** Seconds. */
  readonly for: number;
  readonly severity: 'warning' | 'critical';
};

/** What Prometheus holds. */
export type PrometheusWorld = {
  readonly series: readonly Series[];
  readonly rules: readonly { readonly group: string; readonly rules: readonly AlertRule[] }[];
  /** prometheus.yml as it is loaded. */
  readonly config: string;
};

/** Prometheus' HTTP API: instant queries, rules, the loaded configuration. */
export function createPrometheus(world: PrometheusWorld): Handle {
  return (ask) => {
    switch (ask.path) {
      case '/-/healthy':
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'Prometheus Server is Healthy.\n' };
      case '/api/v1/query':
        return query(world, ask.query.get('query') ?? new URLSearchParams(ask.body).get('query') ?? '');
      case '/api/v1/rules':
        return success({ groups: world.rules.map(({ group, rules }) => ruleGroup(world, group, rules)) });
      case '/api/v1/status/config':
        return success({ yaml: world.config });
      default:
        return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' };
    }
  };
}

function query(world: PrometheusWorld, text: string): Answer {
  try {
    const now = Date.now() / 1000;
    const result = evaluate(text, world.series);
    return success({
      resultType: 'vector',
      result: result.map(({ labels, value }) => ({ metric: labels, value: [now, String(value)] })),
    });
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error;
    return jsonAnswer(400, JSON.stringify({ status: 'error', errorType: 'bad_data', error: error.message }));
  }
}

function ruleGroup(world: PrometheusWorld, name: string, rules: readonly AlertRule[]): Record<string, unknown> {
  return {
    name,
    file: `/etc/config/alerting_rules.yml`,
    interval: 60,
    rules: rules.map((rule) => ({
      state: firing(world, rule.name) ? 'firing' : 'inactive',
      name: rule.name,
      query: rule.query,
      duration: rule.for,
      labels: { severity: rule.severity },
      annotations: {},
      alerts: [],
      health: 'ok',
      type: 'alerting',
    })),
  };
}

function firing(world: PrometheusWorld, alert: string): boolean {
  return world.series.some(
    ({ labels }) => labels.__name__ === 'ALERTS' && labels.alertname === alert && labels.alertstate === 'firing',
  );
}

function success(data: unknown): Answer {
  return jsonAnswer(200, JSON.stringify({ status: 'success', data }));
}
