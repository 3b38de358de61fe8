/**
 * Which alerts can fire. A rule whose metric is dropped at the scrape is silent for ever, and Prometheus calls it
 * `inactive`, as if all were well.
 */
export type Rule = { readonly name: string; readonly expr: string; readonly state: string };

/** A rule of the scrape configuration that throws series away, or keeps only some. */
export type Relabelling = { readonly action: 'drop' | 'keep'; readonly regex: string };

/** What is known of an alert that stays silent. */
export type DeadAlert = { readonly alert: string; readonly metric: string; readonly why: string };

const WORDS = new Set(
  'sum avg min max count by without on ignoring group_left group_right rate irate increase delta idelta deriv predict_linear histogram_quantile label_replace label_join absent absent_over_time avg_over_time max_over_time min_over_time sum_over_time count_over_time last_over_time present_over_time changes resets clamp clamp_min clamp_max ceil floor round abs sqrt exp ln log2 log10 time timestamp vector scalar sort sort_desc topk bottomk quantile stddev stdvar group count_values and or unless bool offset day_of_month day_of_week hour minute month year inf nan sgn'.split(
    ' ',
  ),
);

/** Names of the metrics in a PromQL expression. */
export function metricsOf(expr: string): readonly string[] {
  const bare = expr
    .replace(/#[^\n]*/g, ' ')
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/gi, ' ')
    .replace(/\boffset\s+[0-9smhdwy]+/gi, ' ');
  const names = [...bare.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*/g)].map(([name]) => name);
  const inLabels = [...expr.matchAll(/__name__\s*=\s*"([\w:]+)"/g)].map(([, name = '']) => name);
  return [...new Set([...names.filter((name) => !WORDS.has(name.toLowerCase())), ...inLabels])];
}

/** Relabellings of `__name__` in a Prometheus configuration, read from its text. */
export function relabellingsOf(yaml: string): readonly Relabelling[] {
  // Each begins a list item with one of its keys; the names in source_labels are items too, and have none.
  const items = yaml.split(/\n(?=\s*- \w+:)/);
  return items.flatMap((item): Relabelling[] => {
    if (!/source_labels:\s*(?:\[\s*|-\s*)["']?__name__\b/.test(item)) return [];
    const regex = /regex:\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\n#]+))/.exec(item);
    const action = /action:\s*["']?(drop|keep)\b/.exec(item)?.[1];
    const text = (regex?.[1] ?? regex?.[2] ?? regex?.[3])?.trim();
    return text === undefined || (action !== 'drop' && action !== 'keep') ? [] : [{ action, regex: text }];
  });
}

/** Whether a relabelling throws the metric away. Its regex is anchored, as Prometheus's are. */
export function isDropped(metric: string, relabellings: readonly Relabelling[]): boolean {
  return relabellings.some(({ action, regex }) => action === 'drop' && matches(regex, metric));
}

function matches(regex: string, metric: string): boolean {
  try {
    return new RegExp(`^(?:${regex})$`).test(metric);
  } catch {
    return false; // RE2 knows a few forms that JavaScript does not; none of them names a metric.
  }
}

/** A service of an outpost: only a browser's own requests to /outpost.goauthentik.io pass it, forward authentication never does. */
const OUTPOST_SERVICE = /traefik_service_requests_total[^}]*ak-outpost/;

/**
 * The alerts that cannot fire: a metric is dropped, or there is not one series of it. `present` are metrics of which
 * there are series now.
 */
export function deadAlerts(
  rules: readonly Rule[],
  relabellings: readonly Relabelling[],
  present: ReadonlySet<string>,
): readonly DeadAlert[] {
  return rules.flatMap(({ name, expr }): DeadAlert[] => {
    const metrics = metricsOf(expr);
    const dropped = metrics.find((metric) => !present.has(metric) && isDropped(metric, relabellings));
    if (dropped !== undefined) return [{ alert: name, metric: dropped, why: `${dropped} is dropped at the scrape` }];
    if (OUTPOST_SERVICE.test(expr))
      return [
        {
          alert: name,
          metric: 'traefik_service_requests_total',
          why: 'forward authentication does not pass the outpost’s Traefik service: a storm of 400s at the first hop is not counted there',
        },
      ];
    // absent() wants no series; any other rule that needs one is mute without.
    const missing = /\babsent(_over_time)?\s*\(/.test(expr)
      ? undefined
      : metrics.find((metric) => !present.has(metric));
    return missing === undefined ? [] : [{ alert: name, metric: missing, why: `there is no series of ${missing}` }];
  });
}
