import { Flags } from '@oclif/core';
import { InfraError } from '../errors.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `2m`, `1h30m`, `500ms`. Errors: `usage.bad-duration` (64). */
export function parseDuration(text: string, flag: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
  if (parts.length > 0 && parts.map(([whole]) => whole).join('') === text && total > 0) return total;
  throw new InfraError('usage.bad-duration', 'usage', `--${flag} ${text} is not a duration.`, {
    hints: ['A number with a unit: 500ms, 30s, 2m, 1h30m.'],
  });
}

/** A flag that takes a duration and gives milliseconds. */
export function durationFlag(flag: string, description: string) {
  return Flags.custom<number>({
    description,
    helpValue: 'DURATION',
    parse: async (text) => parseDuration(text, flag),
  })();
}
