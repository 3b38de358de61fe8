/** A source of numbers that is the same for the same seed, on every machine. */
export type Random = {
  /** A whole number, both ends included. */
  readonly int: (from: number, to: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly shuffle: <T>(list: readonly T[]) => T[];
  /** So many characters of an alphabet. */
  readonly text: (length: number, alphabet?: string) => string;
  readonly uuid: () => string;
  /** An independent source for something with a name: what else is drawn does not change it. */
  readonly of: (name: string) => Random;
};

/** Characters that Kubernetes makes the random ends of names of: no vowels, no look-alikes. */
export const POD_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const HEX = '0123456789abcdef';

/** Makes a source from a seed. */
export function randomOf(seed: string): Random {
  let state = hash(seed);
  // mulberry32: public domain, 32 bits of state, good enough to vary names and counts.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(list: readonly T[]): T => {
    const found = list[int(0, list.length - 1)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  const text = (length: number, alphabet = HEX): string =>
    Array.from({ length }, () => alphabet[int(0, alphabet.length - 1)]).join('');
  return {
    int,
    pick,
    text,
    chance: (probability) => next() < probability,
    shuffle: (list) =>
      list
        .map((each) => ({ each, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ each }) => each),
    uuid: () => `${text(8)}-${text(4)}-4${text(3)}-${pick(['8', '9', 'a', 'b'])}${text(3)}-${text(12)}`,
    of: (name) => randomOf(`${seed}/${name}`),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return value | 0;
}
