/** Remembers every Map and array below a state, and puts all of them back as they were. */
export function snapshot(state: object): () => void {
  const undo: (() => void)[] = [];
  for (const value of Object.values(state)) {
    if (value instanceof Map) {
      const entries = [...value].map(([key, item]) => [key, item, copyOf(item)] as const);
      undo.push(() => {
        value.clear();
        for (const [key, item, copy] of entries) value.set(key, copy === undefined ? item : copy());
      });
    }
  }
  return () => {
    for (const step of undo) step();
  };
}

/** How an item is put back: inner Maps keep their identity, plain values come back as they were copied. */
function copyOf(item: unknown): (() => unknown) | undefined {
  if (item instanceof Map) {
    const restore = snapshot({ item });
    return () => {
      restore();
      return item;
    };
  }
  if (
    typeof item !== 'object' ||
    item === null ||
    Object.values(item).some((value) => typeof value === 'object' && value instanceof Map)
  )
    return undefined;
  const copy = structuredClone(item);
  return () => structuredClone(copy);
}
