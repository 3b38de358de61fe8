import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { isInfraError } from '../../../errors.ts';
import { records, text } from '../../evidence/shape.ts';
import { count, some } from '../../words.ts';
import { askPrometheus, query } from '../evidence/prometheus.ts';
import { deadAlerts, metricsOf, type Relabelling, type Rule, relabellingsOf } from '../judge/alert-analysis.ts';

/** The alerts about logins, what the scrape throws away, and which metrics there are. */
export type AlertsEvidence = {
  readonly rules: readonly Rule[];
  readonly relabellings: readonly Relabelling[];
  /** False: nobody could read the scrape configuration, so that only missing series are known. */
  readonly configRead: boolean;
  readonly present: readonly string[];
  readonly firing: readonly string[];
};

/** Alerts that have to do with logins. */
const ABOUT = /authentik|outpost|forward.?auth|pgbouncer|PGConn|goauthentik/i;
const MOST_METRICS = 60;

/** Whether anybody was told. */
export const alerts: Probe<AlertsEvidence> = {
  id: 'authentik.context.alerts',
  title: 'alerts',
  layer: 'context',
  kind: 'passive',
  cost: '4 requests to Prometheus',
  question: 'Which alerts fire, and which could never fire?',
  why: 'A rule over a metric that the scrape drops is loaded, inactive and mute. Knowing which one should have woken somebody is how the next incident becomes short.',
  byHand: (site) =>
    `curl -sS --get ${site.prometheus.url.value ?? 'http://<prometheus>'}/api/v1/query --data-urlencode 'query=ALERTS{alertstate="firing"}'`,
  healthy: 'None fires, and each rule’s metrics exist.',
  failures: [{ code: 'alerts.firing', meaning: 'An alert about logins fires.' }],

  async collect(ask) {
    const [data, firing] = await Promise.all([
      askPrometheus(ask, '/api/v1/rules?type=alert'),
      query(ask, 'ALERTS{alertstate="firing"}'),
    ]);
    const rules = records(data.groups)
      .flatMap((group) => records(group.rules))
      .map((rule) => ({ name: text(rule.name) ?? '', expr: text(rule.query) ?? '', state: text(rule.state) ?? '' }))
      .filter(({ name, expr }) => ABOUT.test(name) || ABOUT.test(expr));
    const metrics = [...new Set(rules.flatMap(({ expr }) => metricsOf(expr)))].slice(0, MOST_METRICS);
    const there =
      metrics.length === 0 ? [] : await query(ask, `count by (__name__) ({__name__=~"^(${metrics.join('|')})$"})`);
    const config = await scrapeConfig(() => askPrometheus(ask, '/api/v1/status/config'));
    return {
      rules,
      relabellings: config === undefined ? [] : relabellingsOf(config),
      configRead: config !== undefined,
      present: there.flatMap(({ labels }) => labels.__name__ ?? []),
      firing: firing.flatMap(({ labels }) => labels.alertname ?? []).filter((name) => ABOUT.test(name)),
    };
  },

  judge({ rules, relabellings, configRead, present, firing }): Judgement {
    const dead = deadAlerts(rules, relabellings, new Set(present));
    const gaps = dead.map(({ alert, why }) => ({ alert, why }));
    const blind =
      dead.length === 0
        ? ''
        : `; ${count(dead.length, 'rule')} can never fire (${some(dead.map(({ alert }) => alert))})`;
    const partly = configRead ? '' : '; the scrape configuration could not be read';
    if (firing.length > 0) {
      const detail = `${some([...new Set(firing)])} fire${firing.length === 1 ? 's' : ''}${blind}${partly}`;
      return {
        verdict: 'WARN',
        detail,
        gaps,
        observations: [...new Set(firing)].map((subject) => ({ code: 'alerts.firing', subject })),
      };
    }
    if (rules.length === 0)
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'Prometheus has no rule about logins', gaps };
    return { verdict: 'PASS', detail: `none of ${count(rules.length, 'rule')} fires${blind}${partly}`, gaps };
  },
};

/** Some platforms put only the query API before Prometheus: then the configuration stays unknown, and is said to be. */
async function scrapeConfig(ask: () => Promise<Readonly<Record<string, unknown>>>): Promise<string | undefined> {
  try {
    return text((await ask()).yaml);
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return undefined;
  }
}
