/** A map that forgets its oldest entries when it has more than it may. */
export type Loose<T> = {
  readonly get: (id: string) => T | undefined;
  readonly set: (id: string, value: T) => void;
  readonly delete: (id: string) => boolean;
};

/** An empty one, for at most so many entries. */
export function makeLoose<T>(most: number): Loose<T> {
  const map = new Map<string, T>();
  return {
    get: (id) => map.get(id),
    delete: (id) => map.delete(id),
    set(id, value) {
      map.delete(id);
      map.set(id, value);
      if (map.size <= most) return;
      const [oldest] = map.keys();
      if (oldest !== undefined) map.delete(oldest);
    },
  };
}
