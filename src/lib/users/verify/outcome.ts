import type { InfraError } from '../../errors.ts';

/**
 * What a check of one object found. `absent` tells a missing object from an altered one; a source that gave no answer
 * is neither.
 */
export type Outcome =
  | { readonly verdict: 'PASS'; readonly detail: string }
  | {
      readonly verdict: 'FAIL';
      readonly detail: string;
      readonly absent: boolean;
      /** `by-hand`: only a person can mend it, so `user add` names it and does not fail. */
      readonly reason?: 'by-hand';
      readonly hint?: string;
    }
  | { readonly verdict: 'UNKNOWN' | 'SKIP'; readonly reason: string; readonly detail: string; readonly hint?: string };

/** Found as it has to be. */
function pass(detail: string): Outcome {
  return { verdict: 'PASS', detail };
}

/** Not there: the source said so itself. */
export function absent(detail = 'does not exist'): Outcome {
  return { verdict: 'FAIL', detail, absent: true };
}

/** PASS without differences, else a FAIL that names each. */
export function compared(differences: readonly (string | undefined)[], detail: string): Outcome {
  const found = differences.filter((difference) => difference !== undefined);
  return found.length === 0 ? pass(detail) : { verdict: 'FAIL', detail: found.join('; '), absent: false };
}

/** Not asked because nothing is configured. */
export function notConfigured(detail: string): Outcome {
  return { verdict: 'SKIP', reason: 'not-configured', detail };
}

/** Asked, and the answer does not tell. */
export function unreadable(detail: string): Outcome {
  return { verdict: 'UNKNOWN', reason: 'unreadable', detail };
}

/** An error while asking: could not tell. The reason separates what rights, the network and configuration mend. */
export function couldNotTell(error: InfraError): Outcome {
  const reason = error.status === 'denied' ? 'forbidden' : error.status === 'config' ? 'not-configured' : 'unreachable';
  const [hint] = error.hints;
  return { verdict: 'UNKNOWN', reason, detail: error.message, ...(hint === undefined ? {} : { hint }) };
}

/** A difference between two texts, or undefined. */
export function differs(what: string, found: unknown, expected: string): string | undefined {
  if (found === expected) return undefined;
  return `${what} is ${found === undefined ? 'missing' : shown(found)}, not ${expected}`;
}

/** A difference between two sets of words, or undefined. */
export function differsAsSet(what: string, found: readonly string[], expected: readonly string[]): string | undefined {
  const missing = expected.filter((word) => !found.includes(word));
  const extra = found.filter((word) => !expected.includes(word));
  if (missing.length === 0 && extra.length === 0) return undefined;
  const parts = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`has ${extra.join(', ')} too`] : []),
  ];
  return `${what} ${parts.join(' and ')}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
}
