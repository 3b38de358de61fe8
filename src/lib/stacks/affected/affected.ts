import { join, relative } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import type { FileChange, StatusLine } from '../../clients/git/client.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { discoverStacks, stacksFolder } from '../discover.ts';
import { graphOf, wavesOf } from '../graph/graph.ts';
import { makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import type { Area, ReasonKind } from './areas.ts';
import { isWholeTree, makeAreaReader } from './areas.ts';
import type { Base } from './base.ts';
import { chooseBase, mergeBaseOf } from './base.ts';

/** One changed file and how it touches a stack. Paths are relative to the repository. */
export type Reason = { readonly kind: ReasonKind; readonly path: string; readonly via?: string };

/** A stack with something changed in what decides its plan. */
export type AffectedStack = { readonly name: string; readonly reasons: readonly Reason[] };

/** What changed since the merge base, committed or not, and what that touches. */
export type Affected = {
  readonly base: Base;
  readonly mergeBase: string;
  /** Commits of the base that are not in HEAD: what they changed is not looked at. */
  readonly behind: number;
  /** Number of changed files, uncommitted ones included. */
  readonly changed: number;
  /** In the order of their declared dependencies. */
  readonly stacks: readonly AffectedStack[];
  /** Stacks that are gone. Nothing here destroys what they made. */
  readonly removed: readonly string[];
  /** Changed files that touch no stack as far as the text tells; scaffolds count as no stack. */
  readonly unattributed: readonly string[];
};

/** A changed file: its absolute path, and whether it is gone. */
type Change = { readonly path: string; readonly gone: boolean };

/** What may be given: the revision to compare with, and the environment that names it in a pipeline. */
export type AffectedOptions = {
  readonly base?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
};

/** One reason a file and stack: the plainest. */
const PRECEDENCE: readonly ReasonKind[] = ['own', 'module', 'root', 'input'];

/**
 * The stacks touched by what changed between the merge base and the working tree, each with every reason. The graph of
 * modules and inputs is the working tree's: a link that was cut is a change of the file that held it.
 * Errors: those of `chooseBase`, `mergeBaseOf`, `Git` and `Files`; `affected.no-git` (78).
 */
export async function findAffected(
  clients: Pick<Clients, 'git' | 'files'>,
  site: Site,
  options: AffectedOptions = {},
): Promise<Affected> {
  const { git, files } = clients;
  // Git names real paths; everything below speaks of the same ones.
  const root = (await files.realPath(site.root.value)) ?? site.root.value;
  const real: Site = { ...site, root: { ...site.root, value: root } };
  const modules = makeModuleReader(files);
  const [top, stacks] = await Promise.all([git.root(root), discoverStacks(clients, real, modules)]);
  if (top === undefined) {
    throw new InfraError('affected.no-git', 'config', `${site.root.value} is not in a git repository.`, {
      hints: ['Changes are found by git: run infra in a clone.'],
    });
  }
  if ((await git.head(root)) === undefined) {
    throw new InfraError(
      'affected.no-commit',
      'config',
      `${root} has no commit yet: there is nothing to compare with.`,
    );
  }
  const base = await chooseBase(clients, real, options);
  const [mergeBase, behind, pending] = await Promise.all([
    mergeBaseOf(clients, root, base),
    git.countBetween(root, 'HEAD', base.commit),
    git.status(top, []),
  ]);
  const changes = changesOf(top, await git.changes(top, mergeBase, 'HEAD'), pending);

  const live = stacks.filter((stack) => stack.scaffold !== true);
  const read = makeAreaReader(clients, real, modules);
  const touched = changes.length === 0 ? [] : await touches(read, real, live, changes);
  const removed = removedStacks(real, stacks, changes);
  const order = wavesOf(
    graphOf(stacks),
    touched.map(({ name }) => name),
  ).flat();
  const attributed = new Set(touched.flatMap(({ reasons }) => reasons.map(({ path }) => path)));
  const inRemoved = (path: string): boolean =>
    removed.some((name) => path.startsWith(`${relative(root, join(stacksFolder(real), name))}/`));
  return {
    base,
    mergeBase,
    behind,
    changed: changes.length,
    stacks: touched.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    removed,
    unattributed: changes
      .map(({ path }) => relative(root, path))
      .filter((path) => !attributed.has(path) && !inRemoved(path)),
  };
}

/** Committed since, staged, edited and untracked, each path once, sorted. */
function changesOf(top: string, committed: readonly FileChange[], pending: readonly StatusLine[]): readonly Change[] {
  const gone = new Map<string, boolean>();
  for (const { code, path } of committed) gone.set(path, code === 'D');
  // A folder that is a repository of its own is reported with a slash.
  for (const { code, path } of pending) gone.set(path.replace(/\/$/, ''), code.includes('D') && code[0] !== 'A');
  return [...gone]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, isGone]) => ({ path: join(top, path), gone: isGone }));
}

async function touches(
  read: (stack: Stack) => Promise<readonly Area[]>,
  site: Site,
  stacks: readonly Stack[],
  changes: readonly Change[],
): Promise<AffectedStack[]> {
  const root = site.root.value;
  const found = await Promise.all(
    stacks.map(async (stack) => {
      const areas = (await read(stack)).filter((area) => !isWholeTree(site, area));
      const sorted = PRECEDENCE.flatMap((kind) => areas.filter((area) => area.kind === kind));
      const reasons = changes.flatMap(({ path }): Reason[] => {
        const area = sorted.find((each) => isIn(path, each));
        if (area === undefined) return [];
        const via = area.via === undefined ? {} : { via: area.via };
        return [{ kind: area.kind, path: relative(root, path), ...via }];
      });
      return { name: stack.name, reasons };
    }),
  );
  return found.filter(({ reasons }) => reasons.length > 0);
}

/** True when a changed path lies in an area, or is a link that the area lies behind. */
function isIn(path: string, area: Area): boolean {
  if (area.open === true && path.startsWith(area.path)) return true;
  const place = area.path.replace(/\/$/, '');
  return path === place || path.startsWith(`${place}/`) || place.startsWith(`${path}/`);
}

/** Folders whose terragrunt.hcl is gone since the merge base. */
function removedStacks(site: Site, stacks: readonly Stack[], changes: readonly Change[]): readonly string[] {
  const known = new Set(stacks.map(({ name }) => name));
  const folder = stacksFolder(site);
  return changes.flatMap(({ path, gone }) => {
    const [name = '', file, ...deeper] = relative(folder, path).split('/');
    const isUnit = file === 'terragrunt.hcl' && deeper.length === 0 && name !== '..';
    return gone && isUnit && !known.has(name) && !name.startsWith('_') ? [name] : [];
  });
}
