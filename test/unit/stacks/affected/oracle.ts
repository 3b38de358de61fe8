import type { Blob, Model } from './generated-history.ts';
import { render } from './generated-history.ts';

/** What is expected of one stack: reasons as `kind path`, sorted. */
export type Expected = {
  readonly stacks: Readonly<Record<string, readonly string[]>>;
  readonly removed: readonly string[];
  readonly unattributed: readonly string[];
};

type History = readonly { readonly model: Model; readonly parents: readonly number[] }[];

/** Best common ancestors, by walking: common ancestors that are no ancestor of another one. */
export function mergeBases(history: History, a: number, b: number): readonly number[] {
  const ancestors = (index: number): ReadonlySet<number> => {
    const seen = new Set([index]);
    for (const at of seen) for (const parent of history[at]?.parents ?? []) seen.add(parent);
    return seen;
  };
  const ofB = ancestors(b);
  const both = [...ancestors(a)].filter((index) => ofB.has(index));
  return both.filter((index) => !both.some((other) => other !== index && ancestors(other).has(index)));
}

/** Compares whole trees, and asks of every file and every stack whether the one decides the other. */
export function expectedOf(base: Model, head: Model, working: Model): Expected {
  const [before, committed, now] = [render(base), render(head), render(working)];
  const changed = [...new Set([...differing(before, committed), ...differing(committed, now)])].sort();
  const names = [...working.stacks.keys()].sort();
  const stacks = Object.fromEntries(
    names
      .map((name) => [name, changed.flatMap((path) => reasonOf(working, name, path)).sort()] as const)
      .filter(([, reasons]) => reasons.length > 0),
  );
  const was = new Set([...base.stacks.keys(), ...head.stacks.keys()]);
  const removed = [...was].filter((name) => !working.stacks.has(name)).sort();
  const attributed = new Set(
    Object.values(stacks).flatMap((reasons) => reasons.map((each) => each.replace(/^\w+ /, ''))),
  );
  return {
    stacks,
    removed,
    unattributed: changed.filter(
      (path) => !attributed.has(path) && !removed.some((name) => path.startsWith(`stacks/${name}/`)),
    ),
  };
}

function differing(a: ReadonlyMap<string, Blob>, b: ReadonlyMap<string, Blob>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => {
    const [one, other] = [a.get(path), b.get(path)];
    return one?.text !== other?.text || one?.link !== other?.link;
  });
}

function reasonOf(model: Model, name: string, path: string): readonly string[] {
  const stack = model.stacks.get(name);
  if (stack === undefined) return [];
  if (path.startsWith(`stacks/${name}/`)) return [`own ${path}`];
  const modules = new Set(stack.calls);
  for (const at of modules) for (const call of model.modules.get(at)?.calls ?? []) modules.add(call);
  if ([...modules].some((module) => path.startsWith(`modules/${module}/`))) return [`module ${path}`];
  if (['terragrunt.hcl', 'config.tfvars', 'tiers.tf'].includes(path)) return [`root ${path}`];
  const parts = [stack, ...[...modules].flatMap((module) => model.modules.get(module) ?? [])];
  const isInput = parts.some((part) => part.inputs.has(path) || (part.link && path.startsWith('secrets/')));
  return isInput ? [`input ${path}`] : [];
}
