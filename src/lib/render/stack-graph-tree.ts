import type { StackGraph } from '../stacks/graph/graph.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

/** More leaves than this below one stack share a paragraph. */
const LEAVES_APART = 4;

/** Lines of the tree, in Unicode and in ASCII. */
const RULES = {
  unicode: { between: '├─ ', last: '└─ ', pass: '│  ', gap: '   ' },
  ascii: { between: '|- ', last: '`- ', pass: '|  ', gap: '   ' },
} as const;

/** Which way a tree grows: from what nothing is needed for to what needs it (`down`), or the other way (`up`). */
type Direction = 'up' | 'down';

/**
 * A graph as trees. Each stack stands below the farthest of what it needs: an edge that others imply is not drawn, so
 * that most stacks appear once; one that appears again is marked, and what is below it is not repeated.
 */
export function treeLines(
  style: Style,
  graph: Pick<StackGraph, 'nodes' | 'edges'>,
  roots: readonly string[],
  direction: Direction,
  label: (name: string) => string = printable,
): readonly string[] {
  const below = reduced(graph, direction);
  const rules = style.unicode ? RULES.unicode : RULES.ascii;
  const seen = new Set<string>();
  const lines: string[] = [];
  const children = (name: string): readonly string[] => below.get(name) ?? [];
  const draw = (name: string, first: string, rest: string): void => {
    const again = seen.has(name) && children(name).length > 0;
    seen.add(name);
    lines.push(`${first}${label(name)}${again ? style.dim(' (see above)') : ''}`);
    if (again) return;
    const inner = children(name).filter((child) => children(child).length > 0);
    const leaves = children(name).filter((child) => children(child).length === 0);
    const joined = leaves.length > LEAVES_APART ? [leaves] : leaves.map((leaf) => [leaf]);
    const groups = [...inner.map((child) => [child]), ...joined];
    for (const [index, group] of groups.entries()) {
      const isLast = index === groups.length - 1;
      const start = `${rest}${isLast ? rules.last : rules.between}`;
      const under = `${rest}${isLast ? rules.gap : rules.pass}`;
      const [only] = group;
      if (group.length === 1 && only !== undefined) draw(only, start, under);
      else lines.push(wrap(group.map(label).join(', '), style.width, start, under));
    }
  };
  for (const root of roots) draw(root, '', '');
  return lines;
}

/** Children of each stack, without those that are also below another child. Cycles keep all their edges. */
function reduced(graph: Pick<StackGraph, 'nodes' | 'edges'>, direction: Direction): ReadonlyMap<string, string[]> {
  const needs = new Map<string, string[]>(graph.nodes.map((name) => [name, []]));
  for (const { from, to, source } of graph.edges) if (source === 'declared') needs.get(from)?.push(to);
  const reach = new Map(graph.nodes.map((name) => [name, reachable(needs, name)]));
  const reaches = (from: string, to: string): boolean => reach.get(from)?.has(to) === true;
  const below = new Map<string, string[]>(graph.nodes.map((name) => [name, []]));
  for (const [from, targets] of needs) {
    for (const to of targets) {
      const isImplied = targets.some((other) => other !== to && reaches(other, to) && !reaches(to, other));
      if (isImplied && !reaches(to, from)) continue;
      if (direction === 'down') below.get(to)?.push(from);
      else below.get(from)?.push(to);
    }
  }
  return below;
}

function reachable(needs: ReadonlyMap<string, readonly string[]>, name: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...(needs.get(name) ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(needs.get(at) ?? []));
  }
  return seen;
}
