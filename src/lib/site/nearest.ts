/** The word of a list that somebody most likely meant: at most a third of it differs. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  const tolerance = Math.max(1, Math.floor(word.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((entry) => entry.distance <= tolerance)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** Insertions, deletions and substitutions that turn one word into the other. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const row = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const substituted = (previous[j] ?? 0) + (letter === other ? 0 : 1);
      row.push(Math.min((previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1, substituted));
    }
    previous = row;
  }
  return previous.at(-1) ?? 0;
}
