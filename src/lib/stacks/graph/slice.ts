import type { StackGraph } from './graph.ts';
import { neighbours } from './graph.ts';

/** Which way to look from a stack: at what it needs (`up`), at what needs it (`down`). */
export type Directions = { readonly up: boolean; readonly down: boolean };

/**
 * The part of a graph around one stack: what it needs and what needs it by declared edges, at most `depth` edges away.
 * Of the implicit edges those remain that begin or end at the stack, on the sides that are looked at.
 */
export function sliceOf(
  graph: StackGraph,
  focus: string,
  directions: Directions,
  depth = Number.POSITIVE_INFINITY,
): StackGraph {
  const [up, down] = (['up', 'down'] as const).map((side) =>
    directions[side] ? within(neighbours(graph, side), focus, depth) : new Set([focus]),
  );
  const kept = new Set([...(up ?? []), ...(down ?? [])]);
  const edges = graph.edges.filter(({ source, from, to }) => {
    if (source !== 'declared') return (directions.up && from === focus) || (directions.down && to === focus);
    const isSide = (side: ReadonlySet<string> | undefined): boolean => side?.has(from) === true && side.has(to);
    return isSide(up) || isSide(down);
  });
  for (const { from, to } of edges) kept.add(from).add(to);
  return {
    nodes: graph.nodes.filter((name) => kept.has(name)),
    edges,
    missing: graph.missing.filter(({ stack }) => kept.has(stack)),
    cycles: graph.cycles.filter((cycle) => cycle.some((name) => kept.has(name))),
    waves: graph.waves.map((wave) => wave.filter((name) => kept.has(name))).filter((wave) => wave.length > 0),
    unordered: graph.unordered.filter((name) => kept.has(name)),
  };
}

function within(next: ReadonlyMap<string, readonly string[]>, from: string, depth: number): ReadonlySet<string> {
  const distance = new Map([[from, 0]]);
  const open = [from];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    const there = (distance.get(at) ?? 0) + 1;
    if (there > depth) continue;
    for (const name of next.get(at) ?? []) {
      if (distance.has(name)) continue;
      distance.set(name, there);
      open.push(name);
    }
  }
  return new Set(distance.keys());
}
