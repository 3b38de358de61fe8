/** A kind of line that no signature knows. `count` is a lower bound when the log has very many kinds. */
export type Shape = { readonly shape: string; count: number; first?: number; last?: number; readonly sample: string };

const LONGEST = 160;
const MOST = 400;

/** What makes two lines the same: everything that varies from one to the next is masked. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '<mail>'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]+/gi, '<url>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<ip>'],
  [/(?<![\w/.])\/(?:[\w.@%+~-]+\/?)+/g, '<path>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{7,}\b/gi, '<id>'],
  [/\b[A-Za-z]+(?:-[a-z0-9]+)*-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '<pod>'],
  [/\d+(?:\.\d+)?/g, '#'],
  [/\s+/g, ' '],
];

/** The shape of a redacted text. */
function shapeOf(text: string): string {
  let out = text.slice(0, 2 * LONGEST);
  for (const [what, mask] of MASKS) out = out.replace(what, mask);
  return out.trim().slice(0, LONGEST);
}

/** Counts kinds of lines in bounded memory. */
export type Shapes = {
  add(sample: string, time: number | undefined): void;
  /** The most frequent first, and how many lines belong to kinds that were given up. */
  result(): { readonly shapes: readonly Shape[]; readonly others: number };
};

/**
 * A counter for at most some hundred kinds. When there are more, the rare ones are given up (lossy counting): a frequent
 * kind is never lost to a million that occur once.
 */
export function makeShapes(): Shapes {
  const known = new Map<string, Shape>();
  const given = { up: 0 };
  const giveUp = (): void => {
    const least = Math.min(...[...known.values()].map(({ count }) => count));
    for (const [key, { count }] of known) {
      if (count > least) continue;
      given.up += count;
      known.delete(key);
    }
  };
  return {
    add(sample, time) {
      const shape = shapeOf(sample);
      let found = known.get(shape);
      if (found === undefined) {
        if (known.size >= MOST) giveUp();
        found = { shape, count: 0, sample };
        known.set(shape, found);
      }
      found.count += 1;
      if (time === undefined) return;
      found.first = Math.min(found.first ?? time, time);
      found.last = Math.max(found.last ?? time, time);
    },
    result: () => ({
      shapes: [...known.values()].sort((a, b) => b.count - a.count || (a.shape < b.shape ? -1 : 1)),
      others: given.up,
    }),
  };
}
