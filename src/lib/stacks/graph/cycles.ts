/** A cycle as one walks it: the first name is also the one after the last. A stack that depends on itself is alone. */
export type Cycle = readonly string[];

/** A cycle as text, closed: `a → b → a`. */
export function cycleText(cycle: Cycle): string {
  return [...cycle, cycle[0] ?? ''].join(' → ');
}

/**
 * One shortest cycle through the first member of every knot of stacks that depend on each other. Stacks that depend on
 * a knot without being part of it are innocent and appear in none.
 */
export function cyclesOf(needs: ReadonlyMap<string, readonly string[]>): readonly Cycle[] {
  return knots(needs)
    .map((members) => [...members].sort()[0] ?? '')
    .sort()
    .map((first) => shortestWayBack(needs, first));
}

/** Strongly connected components with a cycle in them (Tarjan, without recursion: a chain may be long). */
function knots(needs: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const found: string[][] = [];
  const enter = (name: string): { name: string; next: Iterator<string> } => {
    index.set(name, index.size);
    low.set(name, index.get(name) ?? 0);
    stack.push(name);
    onStack.add(name);
    return { name, next: (needs.get(name) ?? [])[Symbol.iterator]() };
  };
  const lower = (name: string, value: number | undefined): void => {
    low.set(name, Math.min(low.get(name) ?? 0, value ?? 0));
  };
  for (const root of needs.keys()) {
    if (index.has(root)) continue;
    const walk = [enter(root)];
    for (let at = walk.at(-1); at !== undefined; at = walk.at(-1)) {
      const step = at.next.next();
      if (step.done !== true) {
        if (!index.has(step.value)) walk.push(enter(step.value));
        else if (onStack.has(step.value)) lower(at.name, index.get(step.value));
        continue;
      }
      walk.pop();
      const above = walk.at(-1);
      if (above !== undefined) lower(above.name, low.get(at.name));
      if (low.get(at.name) !== index.get(at.name)) continue;
      const members = stack.splice(stack.lastIndexOf(at.name));
      for (const member of members) onStack.delete(member);
      if (members.length > 1 || (needs.get(at.name) ?? []).includes(at.name)) found.push(members);
    }
  }
  return found;
}

function shortestWayBack(needs: ReadonlyMap<string, readonly string[]>, first: string): Cycle {
  const cameFrom = new Map<string, string>();
  const open = [first];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    for (const next of needs.get(at) ?? []) {
      if (next === first) return wayTo(cameFrom, first, at);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      open.push(next);
    }
  }
  return [first];
}

function wayTo(cameFrom: ReadonlyMap<string, string>, first: string, last: string): Cycle {
  const way = [last];
  for (let at = last; at !== first; ) {
    at = cameFrom.get(at) ?? first;
    way.unshift(at);
  }
  return way;
}
