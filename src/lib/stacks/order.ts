import { InfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import type { User } from '../users/entry.ts';
import type { Stack } from './stack.ts';

/** A stack and why it stands where it stands, or why it is left out. */
export type OrderedStack = { readonly stack: Stack; readonly reason: string };

/** The order in which a change of one user is applied. `warnings` are full sentences. */
export type ApplyOrder = {
  readonly apply: readonly OrderedStack[];
  readonly leftOut: readonly OrderedStack[];
  readonly warnings: readonly string[];
};

/** What makes a stack wait for another, among the stacks that are applied. */
type Edge = { readonly on: string; readonly because: string };

/** Order among stacks that do not wait for each other; names not listed come after rbac and cloudflared, by name. */
const FIRST_CHOICE = ['vault', 'platform', 'rbac', 'cloudflared'];

/**
 * The stacks to apply after a change of `user`, in order, each with a reason: the readers of the users and an empty
 * `platform`. The declared graph cannot tell this order (vault declares platform as its dependency, yet makes the
 * namespaces that platform's objects need), so what each stack needs is stated here.
 * `users.apply` of infra.yaml fixes the order. Errors: `stacks.unknown` (78) when it names no stack.
 */
export function applyOrder(stacks: readonly Stack[], user: User, site: Site): ApplyOrder {
  const real = stacks.filter((stack) => stack.scaffold !== true);
  const fixed = site.users.apply;
  if (fixed.value !== undefined) return fixedOrder(real, fixed.value, fixed.source, site.vault.users.key.value);

  const key = site.vault.users.key.value;
  const wanted = real.filter((stack) => stack.readsUsers || (stack.name === 'platform' && stack.empty));
  const isLeftOut = (stack: Stack): boolean => stack.name === 'cloudflared' && user.entry.domains.length === 0;
  const leftOut = wanted
    .filter(isLeftOut)
    .map((stack) => ({ stack, reason: `reads ${key}, left out: ${user.name} has no domains` }));
  const { sorted, warnings } = sort(
    wanted.filter((stack) => !isLeftOut(stack)),
    real,
  );
  return { apply: sorted, leftOut, warnings };
}

function fixedOrder(stacks: readonly Stack[], names: readonly string[], source: string, key: string): ApplyOrder {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const unknown = names.filter((name) => !byName.has(name));
  if (unknown.length > 0) {
    throw new InfraError(
      'stacks.unknown',
      'config',
      `users.apply (${source}) names ${list(unknown)}, which is no stack here.`,
      {
        hints: [
          `The stacks that read ${key}: ${list(stacks.filter((stack) => stack.readsUsers).map((stack) => stack.name))}.`,
        ],
      },
    );
  }
  const once = [...new Set(names)];
  const missing = stacks.filter((stack) => stack.readsUsers && !once.includes(stack.name)).map((stack) => stack.name);
  const apply = once.flatMap((name, index) => {
    const stack = byName.get(name);
    return stack === undefined ? [] : [{ stack, reason: `place ${index + 1} in users.apply (${source})` }];
  });
  const warning = `users.apply (${source}) leaves out ${list(missing)}, which reads ${key}: it keeps its old users.`;
  return { apply, leftOut: [], warnings: missing.length > 0 ? [warning] : [] };
}

function sort(
  wanted: readonly Stack[],
  all: readonly Stack[],
): { sorted: readonly OrderedStack[]; warnings: readonly string[] } {
  const names = new Set(wanted.map((stack) => stack.name));
  const edges = new Map(wanted.map((stack) => [stack.name, edgesOf(stack, names, all)]));
  const warnings: string[] = [];
  const left = [...wanted].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const sorted: OrderedStack[] = [];
  while (left.length > 0) {
    const waiting = (stack: Stack): boolean =>
      (edges.get(stack.name) ?? []).some((edge) => left.some((other) => other.name === edge.on));
    const free = left.findIndex((stack) => !waiting(stack));
    if (free < 0) warnings.push(`${list(left.map((stack) => stack.name))} wait for each other; applied by rank.`);
    const [next] = left.splice(Math.max(free, 0), 1);
    if (next !== undefined) sorted.push({ stack: next, reason: reasonOf(next, edges.get(next.name) ?? []) });
  }
  return { sorted, warnings };
}

/** vault and platform wait for nobody but vault; woodpecker waits for everybody; others for what they declare or read. */
function edgesOf(stack: Stack, names: ReadonlySet<string>, all: readonly Stack[]): readonly Edge[] {
  const others = [...names].filter((name) => name !== stack.name);
  if (stack.name === 'vault') return [];
  const vault = others.filter((name) => name === 'vault').map((on) => ({ on, because: 'it makes the namespaces' }));
  if (stack.name === 'platform') return vault;
  if (stack.name === 'woodpecker') return others.map((on) => ({ on, because: 'its apply restarts Woodpecker' }));
  const later = (name: string): boolean => name !== 'woodpecker';
  const reads = (stack.waitsFor ?? [])
    .filter((wait) => names.has(wait.stack))
    .map((wait) => ({ on: wait.stack, because: wait.because }));
  const token = stack.name === 'k8s-dashboard' ? 'rbac' : undefined;
  const convention = token !== undefined && names.has(token) && reads.every((edge) => edge.on !== token);
  const declared = [...ancestors(stack, all)].filter((name) => names.has(name) && later(name) && name !== stack.name);
  return [
    ...reads.filter((edge) => later(edge.on)),
    ...(convention ? [{ on: 'rbac', because: 'it reads the token that rbac makes' }] : []),
    ...vault,
    ...declared.filter((on) => on !== 'vault').map((on) => ({ on, because: 'it declares that dependency' })),
  ];
}

function ancestors(stack: Stack, all: readonly Stack[]): ReadonlySet<string> {
  const byName = new Map(all.map((each) => [each.name, each]));
  const seen = new Set<string>();
  const open = [...stack.dependencies];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(byName.get(name)?.dependencies ?? []));
  }
  return seen;
}

function rank(stack: Stack): number {
  if (stack.name === 'woodpecker') return FIRST_CHOICE.length + 2;
  const place = FIRST_CHOICE.indexOf(stack.name);
  if (place >= 0) return place;
  return stack.name === 'k8s-dashboard' ? FIRST_CHOICE.length + 1 : FIRST_CHOICE.length;
}

function reasonOf(stack: Stack, edges: readonly Edge[]): string {
  if (stack.name === 'vault') return 'first: it makes the namespace that the others need';
  if (stack.name === 'platform' && stack.empty) return 'empty here, kept for its order';
  if (stack.name === 'woodpecker') return 'last: its apply restarts Woodpecker';
  const main = edges.find((edge) => edge.on !== 'platform') ?? edges[0];
  return main === undefined ? 'it waits for no other reader' : `after ${main.on}: ${main.because}`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
