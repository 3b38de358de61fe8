/** One line of a comparison: in both, only in the old text, only in the new one. */
export type DiffLine = { readonly sign: ' ' | '-' | '+'; readonly text: string };

/** Compares two texts line by line by their longest common subsequence. Meant for files of some hundred lines. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const old = before.split('\n');
  const fresh = after.split('\n');
  const common = lengths(old, fresh);
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const left = old[i];
    const right = fresh[j];
    if (left !== undefined && left === right) {
      out.push({ sign: ' ', text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      out.push({ sign: '-', text: left });
      i += 1;
    } else {
      out.push({ sign: '+', text: right ?? '' });
      j += 1;
    }
  }
  return out;
}

/** `[i][j]`: length of the longest common subsequence of the lines from i and from j on. */
function lengths(old: readonly string[], fresh: readonly string[]): number[][] {
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(fresh.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row === undefined) continue;
      row[j] =
        old[i] === fresh[j] ? (table[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
