import { InfraError } from '../errors.ts';

/** Code of the one error that stands for "there is nothing to ask": the probe is skipped instead of UNKNOWN. */
export const NOT_CONFIGURED = 'diagnosis.not-configured';

/** What a probe throws when an optional part of the site is not there: `notConfigured('prometheus.url')`. */
export function notConfigured(what: string): InfraError {
  return new InfraError(NOT_CONFIGURED, 'config', `${what} is not set in infra.yaml.`);
}

/** Endings of error codes that name a reason themselves; clients use the same words. */
const REASONS: readonly (readonly [ending: RegExp, reason: string])[] = [
  [/\.(denied|forbidden|exec-forbidden|untrusted)$/, 'forbidden'],
  [/\.(unauthorized|plugin)$/, 'unauthorized'],
  [/\.unreachable$/, 'unreachable'],
  [/\.timeout$/, 'timeout'],
  [/\.(not-json|malformed|redirected)$/, 'malformed'],
  [/\.(empty|no-data)$/, 'empty'],
  [/\.(rate-limited|throttled)$/, 'rate-limited'],
  [/\.blocked$/, 'blocked'],
  [/\.(not-configured|bad-config)$/, 'not-configured'],
];

/** The word for why a question has no answer, from the code of what was thrown; unknown codes keep their last part. */
export function reasonOf(error: InfraError): string {
  const known = REASONS.find(([ending]) => ending.test(error.code))?.[1];
  return known ?? error.code.split('.').at(-1) ?? error.code;
}
