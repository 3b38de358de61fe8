import { InfraError } from '../../errors.ts';
import type { Stack } from '../stack.ts';

/** For each stack of a run, the others of the run that it waits for. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/** An order that nobody declares: `from` needs what `to` makes. */
export type ImplicitEdge = { readonly from: string; readonly to: string };

/**
 * What the chosen stacks wait for among themselves: declared dependencies, those through stacks that are not chosen
 * included, and what is implied by the objects that one makes and another needs, unless that would close a circle.
 * A dependency that is not chosen counts as applied. Errors: `stack.cycle` (65) with the whole path.
 */
export function needsAmong(
  chosen: readonly string[],
  all: readonly Stack[],
  implicit: readonly ImplicitEdge[] = [],
): Needs {
  const byName = new Map(all.map((stack) => [stack.name, stack]));
  const declared = new Map(all.map((stack) => [stack.name, stack.dependencies.filter((name) => byName.has(name))]));
  for (const name of chosen) refuseCycle(name, declared);
  const edges = new Map([...declared].map(([name, on]) => [name, [...on]]));
  for (const { from, to } of implicit) {
    if (byName.has(to) && to !== from && !reach(edges, to).has(from)) edges.get(from)?.push(to);
  }
  const wanted = new Set(chosen);
  return new Map(
    chosen.map((name) => [name, [...reach(edges, name)].filter((other) => other !== name && wanted.has(other)).sort()]),
  );
}

/** The wave of each stack: 0 waits for nobody, every other one stands behind all that it waits for. */
export function levelsOf(needs: Needs): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const visit = (name: string): number => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const wave = Math.max(-1, ...(needs.get(name) ?? []).map(visit)) + 1;
    found.set(name, wave);
    return wave;
  };
  for (const name of needs.keys()) visit(name);
  return found;
}

function reach(edges: ReadonlyMap<string, readonly string[]>, name: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...(edges.get(name) ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(edges.get(at) ?? []));
  }
  return seen;
}

function refuseCycle(start: string, edges: ReadonlyMap<string, readonly string[]>): void {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): void => {
    if (path.includes(name)) throw cycle([...path.slice(path.indexOf(name)), name]);
    if (done.has(name)) return;
    path.push(name);
    for (const next of edges.get(name) ?? []) visit(next);
    path.pop();
    done.add(name);
  };
  visit(start);
}

function cycle(path: readonly string[]): InfraError {
  return new InfraError('stack.cycle', 'data', `Stacks wait for each other: ${path.join(' → ')}.`, {
    hints: path
      .slice(0, -1)
      .map((name) => `stacks/${name}/terragrunt.hcl: one of these dependencies has to go`)
      .slice(0, 1),
    nothingChanged: true,
  });
}
