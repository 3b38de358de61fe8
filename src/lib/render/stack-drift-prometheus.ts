import type { DriftResult, DriftState } from '../stacks/drift/result.ts';

/** A stack's number: 0 clean, 1 could not be planned, 2 drift, as `plan -detailed-exitcode` has it. */
const NUMBER: Readonly<Record<DriftState, 0 | 1 | 2>> = {
  clean: 0,
  settled: 0,
  ignored: 0,
  failed: 1,
  'not-planned': 1,
  // A plan that showed changes and could not be looked at again is neither clean nor known to be drift.
  unconfirmed: 1,
  drift: 2,
};

type Sample = { readonly labels?: string; readonly value: number };

/**
 * The result in Prometheus' text format, version 0.0.4. Metric names and meanings are those of drift jobs that dashboards
 * and alerts know already; `drift_ignored_count` is new.
 */
export function driftMetrics(result: DriftResult): string {
  const { reports } = result;
  const at = Date.parse(result.lookedAt) / 1000;
  const count = (...numbers: readonly number[]): number =>
    reports.filter(({ state }) => numbers.includes(NUMBER[state])).length;
  const seen = reports.flatMap(({ stack, firstSeen }) =>
    firstSeen === undefined ? [] : [{ labels: label(stack), at: Date.parse(firstSeen) / 1000 }],
  );
  return [
    metric(
      'drift_stack_state',
      'State of a stack: 0 clean, 1 could not be planned, 2 drift.',
      reports.map(({ stack, state }) => ({ labels: label(stack), value: NUMBER[state] })),
    ),
    metric(
      'drift_stack_first_seen',
      'When the drift of a stack was seen first, in seconds since 1970.',
      seen.map(({ labels, at: first }) => ({ labels, value: Math.floor(first) })),
    ),
    metric(
      'drift_stack_age_hours',
      'Hours since the drift of a stack was seen first.',
      seen.map(({ labels, at: first }) => ({ labels, value: Math.round(((at - first) / 3600) * 100) / 100 })),
    ),
    metric('drift_stack_count', 'Stacks that drifted.', [{ value: count(2) }]),
    metric('drift_error_count', 'Stacks that could not be planned.', [{ value: count(1) }]),
    metric('drift_clean_count', 'Stacks without drift.', [{ value: count(0) }]),
    metric('drift_ignored_count', 'Stacks whose drift is accepted in infra.yaml.', [
      { value: reports.filter(({ state }) => state === 'ignored').length },
    ]),
    metric('drift_detection_last_run_timestamp', 'When drift was looked for, in seconds since 1970.', [
      { value: Math.floor(at) },
    ]),
  ].join('');
}

function metric(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels, value }) => `${name}${labels ?? ''} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

/** Backslash, quote and line end are escaped in a label's value (exposition formats, text-based format). */
function label(stack: string): string {
  return `{stack="${stack.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"}`;
}
