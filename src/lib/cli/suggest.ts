import { InfraError } from '../errors.ts';
import { editDistance } from '../site/nearest.ts';

/**
 * The candidates that somebody who typed `word` may have meant, nearest first, at most three: what differs in few
 * letters or begins with the word, as far as it is hardly farther than the nearest.
 */
export function nearest(word: string, candidates: Iterable<string>): readonly string[] {
  const tolerance = Math.max(1, Math.round(word.length * 0.4));
  const ranked = [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= tolerance || (word.length >= 2 && candidate.startsWith(word)))
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate));
  const best = ranked[0]?.distance ?? 0;
  return ranked
    .filter(({ distance }) => distance <= best + 1)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** The error for a user, stack or run that does not exist: `usage.unknown-user`, 64, with what may have been meant. */
export function unknownName(
  kind: 'user' | 'stack' | 'run' | 'world' | 'runbook',
  word: string,
  known: readonly string[],
): InfraError {
  const meant = nearest(word, known).map((name) => `Did you mean ${name}?`);
  const fallback = known.length === 0 ? `There is no ${kind} at all.` : `There are ${known.length}: infra ${kind} list`;
  return new InfraError(`usage.unknown-${kind}`, 'usage', `There is no ${kind} "${word}".`, {
    hints: meant.length > 0 ? meant : [fallback],
  });
}
