import { type Cycle, cyclesOf } from './cycles.ts';

/**
 * Why one stack waits for another. `declared` stands in its terragrunt.hcl; the others nobody declares, yet the plan or
 * the apply of the one needs what the other makes: the users' objects, a Secret, a namespace.
 */
export type EdgeSource = 'declared' | 'users' | 'secret' | 'namespace';

/** `from` waits for `to`. `because` completes "from → to: …". */
export type Edge = {
  readonly from: string;
  readonly to: string;
  readonly source: EdgeSource;
  readonly because: string;
};

/** A dependency that leads to no stack of the repository. `target` is a name, a path, or the text as written. */
export type MissingTarget = {
  readonly stack: string;
  readonly target: string;
  readonly kind: 'missing' | 'outside' | 'unresolved';
};

/** What a graph is made of. A `Stack` is one. */
export type Node = {
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly unresolved?: readonly string[];
  readonly scaffold?: boolean;
};

/** Dependencies of stacks. Lists are sorted by name; edges lead to known nodes only. */
export type StackGraph = {
  readonly nodes: readonly string[];
  readonly edges: readonly Edge[];
  readonly missing: readonly MissingTarget[];
  /** Each cycle of declared edges once, with its full path. Stacks that merely reach a cycle are not in it. */
  readonly cycles: readonly Cycle[];
  /**
   * Stacks by declared edges alone: each wave needs only what stands in waves before it. A dependency that leads
   * nowhere counts as applied.
   */
  readonly waves: readonly (readonly string[])[];
  /** Members of cycles and all that depends on one: there is no order for them. */
  readonly unordered: readonly string[];
};

/** Makes the graph of all stacks, scaffolds included. `implicit` are edges that nobody declares. */
export function graphOf(stacks: readonly Node[], implicit: readonly Edge[] = []): StackGraph {
  const nodes = stacks.map(({ name }) => name).sort(byName);
  const known = new Set(nodes);
  const declared = stacks.flatMap((stack) =>
    stack.dependencies
      .filter((to) => known.has(to))
      .map((to): Edge => ({ from: stack.name, to, source: 'declared', because: 'declared in its terragrunt.hcl' })),
  );
  const edges = [...declared, ...implicit.filter(({ from, to }) => known.has(from) && known.has(to))].sort(
    (a, b) => byName(a.from, b.from) || byName(a.to, b.to) || byName(a.source, b.source),
  );
  const missing = stacks.flatMap((stack) => missingOf(stack, known));
  const needs = adjacency(nodes, declared, (edge) => [edge.from, edge.to]);
  return { nodes, edges, missing, cycles: cyclesOf(needs), ...layers(needs) };
}

/** The waves in which some of the stacks come, by declared edges, those through stacks not named included. */
export function wavesOf(graph: StackGraph, names: readonly string[]): readonly (readonly string[])[] {
  const wanted = new Set(names);
  const needs = adjacency(graph.nodes, declaredEdges(graph), (edge) => [edge.from, edge.to]);
  // A stack between two wanted ones is not run, but what it hands on stays an order between them.
  const reduced = new Map(
    [...wanted].sort(byName).map((name) => {
      const reached = reach(needs, name);
      return [
        name,
        [...reached].filter((other) => wanted.has(other) && (other !== name || reached.has(name))),
      ] as const;
    }),
  );
  const { waves, unordered } = layers(reduced);
  return unordered.length === 0 ? waves : [...waves, unordered];
}

/** What `name` depends on (`up`) or what depends on it (`down`): directly, and at any distance. */
export function relatives(
  graph: StackGraph,
  name: string,
  direction: 'up' | 'down',
): { readonly direct: readonly string[]; readonly all: readonly string[] } {
  const next = neighbours(graph, direction);
  const all = reach(next, name);
  return { direct: [...new Set(next.get(name) ?? [])].sort(byName), all: [...all].sort(byName) };
}

/** For each stack the names of its dependencies (`up`) or dependants (`down`) by declared edges. */
export function neighbours(graph: StackGraph, direction: 'up' | 'down'): ReadonlyMap<string, readonly string[]> {
  return adjacency(graph.nodes, declaredEdges(graph), (edge) =>
    direction === 'up' ? [edge.from, edge.to] : [edge.to, edge.from],
  );
}

/** Edges that stand in terragrunt.hcl files. */
function declaredEdges(graph: StackGraph): readonly Edge[] {
  return graph.edges.filter((edge) => edge.source === 'declared');
}

function missingOf(stack: Node, known: ReadonlySet<string>): readonly MissingTarget[] {
  const lost = stack.dependencies
    .filter((target) => !known.has(target))
    .map(
      (target): MissingTarget => ({
        stack: stack.name,
        target,
        kind: target.startsWith('/') ? 'outside' : 'missing',
      }),
    );
  const unresolved = (stack.unresolved ?? []).map((target) => ({
    stack: stack.name,
    target,
    kind: 'unresolved' as const,
  }));
  return [...lost, ...unresolved];
}

function adjacency(
  nodes: readonly string[],
  edges: readonly Edge[],
  ends: (edge: Edge) => readonly [string, string],
): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, string[]>(nodes.map((name) => [name, []]));
  for (const edge of edges) {
    const [from, to] = ends(edge);
    next.get(from)?.push(to);
  }
  return next;
}

/** Everything reachable from `name`; `name` itself only when a cycle leads back to it. */
function reach(next: ReadonlyMap<string, readonly string[]>, name: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...(next.get(name) ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(next.get(at) ?? []));
  }
  return seen;
}

/** Kahn's algorithm, a whole layer at a time. */
function layers(needs: ReadonlyMap<string, readonly string[]>): Pick<StackGraph, 'waves' | 'unordered'> {
  const left = new Map([...needs].map(([name, on]) => [name, new Set(on)]));
  const waves: (readonly string[])[] = [];
  while (true) {
    const free = [...left].filter(([, on]) => on.size === 0).map(([name]) => name);
    if (free.length === 0) return { waves, unordered: [...left.keys()].sort(byName) };
    waves.push(free.sort(byName));
    for (const name of free) left.delete(name);
    for (const on of left.values()) for (const name of free) on.delete(name);
  }
}

function byName(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
