import { relative } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import type { Site } from '../../site/site.ts';
import { stacksFolder } from '../discover.ts';
import type { Stack } from '../stack.ts';

/** One disagreement between this scan and `terragrunt find`. `text` is a full sentence. */
export type Difference = {
  readonly kind: 'stack-hidden' | 'stack-extra' | 'edge-hidden' | 'edge-extra';
  readonly stack: string;
  /** The dependency, for edges. */
  readonly target?: string;
  readonly text: string;
};

/**
 * Compares the scan with `terragrunt find --json --dag --dependencies`, which ends with 0 when it cannot evaluate a
 * unit (its edges vanish) or meets a cycle (units vanish until there is none). Errors: those of `Terragrunt.find`.
 */
export async function verifyGraph(
  clients: Pick<Clients, 'terragrunt'>,
  site: Site,
  stacks: readonly Stack[],
  signal?: AbortSignal,
): Promise<readonly Difference[]> {
  const folder = stacksFolder(site);
  const found = new Map((await clients.terragrunt.find(folder, signal)).map((unit) => [unit.path, unit.dependencies]));
  const ours = new Map(
    stacks.map((stack) => [
      stack.name,
      stack.dependencies.map((target) => (target.startsWith('/') ? relative(folder, target) : target)),
    ]),
  );
  const stackDifferences = [
    ...[...ours.keys()].filter((name) => !found.has(name)).map((name) => difference('stack-hidden', name)),
    ...[...found.keys()].filter((path) => !ours.has(path)).map((path) => difference('stack-extra', path)),
  ];
  const edges = [...ours].flatMap(([name, targets]) => {
    const theirs = found.get(name);
    if (theirs === undefined) return [];
    return [
      ...targets.filter((to) => !theirs.includes(to)).map((to) => difference('edge-hidden', name, to)),
      ...theirs.filter((to) => !targets.includes(to)).map((to) => difference('edge-extra', name, to)),
    ];
  });
  return [...stackDifferences, ...edges];
}

const TEXTS: Readonly<Record<Difference['kind'], (stack: string, target: string) => string>> = {
  'stack-hidden': (stack) => `terragrunt find leaves out ${stack}: it cannot read it, or took it out of a cycle.`,
  'stack-extra': (stack) =>
    `terragrunt finds a unit in ${stack}, which is not a folder of stacks: infra leaves it out.`,
  'edge-hidden': (stack, target) =>
    `terragrunt find does not see that ${stack} depends on ${target}: it cannot evaluate ${stack}.`,
  'edge-extra': (stack, target) => `terragrunt finds that ${stack} depends on ${target}: the text does not tell.`,
};

function difference(kind: Difference['kind'], stack: string, target?: string): Difference {
  return { kind, stack, ...(target === undefined ? {} : { target }), text: TEXTS[kind](stack, target ?? '') };
}
