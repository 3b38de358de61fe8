import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import type { Clients } from '../clients/clients.ts';
import { InfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import { type Affected, findAffected } from '../stacks/affected/affected.ts';
import { discoverStacks } from '../stacks/discover.ts';
import { graphOf, wavesOf } from '../stacks/graph/graph.ts';
import type { Stack } from '../stacks/stack.ts';
import { unknownName } from './suggest.ts';

/** One stack; shell completion knows the argument by its name `stack`. */
export const stackArg = Args.string({
  description: 'A stack: its name, a path inside it, or `.`.',
  ignoreStdin: true,
});

/** STACK…, for commands that work on several; a quoted pattern such as 'k8s-*' stands for all that it matches. */
export const stacksArg = {
  ...stackArg,
  description: "Stacks: names, paths, or a pattern such as 'k8s-*'.",
  multiple: true as const,
};

/** The flags that choose stacks, for commands that work on several. */
export const selectionFlags = {
  affected: Flags.boolean({ description: 'The stacks that changes since the merge base touch.', default: false }),
  base: Flags.string({ description: 'With --affected: compare with this revision.', helpValue: 'REF' }),
  all: Flags.boolean({ description: 'Every stack but scaffolds.', default: false }),
};

/** What was asked for. */
export type StackChoice = {
  readonly names?: readonly string[] | undefined;
  readonly affected?: boolean;
  readonly base?: string | undefined;
  readonly all?: boolean;
};

/** The chosen stacks in the order of their declared dependencies. */
export type StackSelection = {
  readonly how: 'named' | 'affected' | 'all' | 'working-directory';
  readonly stacks: readonly Stack[];
  /** Every stack of the repository, scaffolds included, for the graph. */
  readonly known: readonly Stack[];
  /** Only with `how: 'affected'`. */
  readonly affected?: Affected;
};

/** Where a command runs: the working directory decides what `.` and a missing name mean. */
export type Surroundings = {
  readonly clients: Pick<Clients, 'git' | 'files'>;
  readonly site: Site;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** What finding a stack by its name or path takes. */
type Place = { readonly clients: Pick<Clients, 'files'>; readonly cwd: string };

/**
 * The stacks that `STACK… | --affected | --all` mean; without any of them the stack of the working directory, never all.
 * Errors: `usage.unknown-stack`, `usage.no-stack`, `usage.scaffold`, `usage.two-selections` (64), those of `findAffected`.
 */
export async function selectStacks(around: Surroundings, choice: StackChoice): Promise<StackSelection> {
  const { clients, site } = around;
  const names = choice.names ?? [];
  assertOneWay(choice, names);
  const known = await discoverStacks(clients, site);
  const inOrder = (wanted: readonly string[]): readonly Stack[] => {
    const byName = new Map(known.map((stack) => [stack.name, stack]));
    return wavesOf(graphOf(known), wanted)
      .flat()
      .flatMap((name) => byName.get(name) ?? []);
  };
  if (choice.affected === true) {
    const affected = await findAffected(clients, site, { base: choice.base, env: around.env });
    return { how: 'affected', stacks: inOrder(affected.stacks.map(({ name }) => name)), known, affected };
  }
  if (choice.all === true) {
    const live = known.filter((stack) => stack.scaffold !== true);
    return { how: 'all', stacks: inOrder(live.map(({ name }) => name)), known };
  }
  const how = names.length > 0 ? 'named' : 'working-directory';
  const found = names.length > 0 ? await resolveNames(around, known, names) : [await stackOfFolder(around, known)];
  const scaffold = found.find((stack) => stack.scaffold === true);
  if (scaffold !== undefined) {
    throw new InfraError('usage.scaffold', 'usage', `${scaffold.name} is a scaffold: it is never planned or applied.`, {
      hints: ['infra stack new NAME'],
    });
  }
  return { how, stacks: inOrder(found.map(({ name }) => name)), known };
}

/** The stacks that words mean, scaffolds included, each once. Errors: `usage.unknown-stack` (64). */
export async function resolveNames(
  around: Place,
  known: readonly Stack[],
  words: readonly string[],
): Promise<readonly Stack[]> {
  const found = new Set<Stack>();
  for (const word of words) for (const stack of await meantBy(around, known, word)) found.add(stack);
  return [...found];
}

async function meantBy(around: Place, known: readonly Stack[], word: string): Promise<readonly Stack[]> {
  const exact = known.find((stack) => stack.name === word || `${stack.name}/` === word);
  if (exact !== undefined) return [exact];
  if (/[*?[]/.test(word)) {
    const pattern = globPattern(word);
    const matching = known.filter((stack) => stack.scaffold !== true && pattern.test(stack.name));
    if (matching.length > 0) return matching;
    throw new InfraError('usage.unknown-stack', 'usage', `No stack matches ${word}.`, { hints: ['infra stack list'] });
  }
  if (word === '.' || word === '..' || word.includes('/')) {
    const inside = await stackAt(around, known, resolve(around.cwd, word));
    if (inside !== undefined) return [inside];
    throw new InfraError('usage.unknown-stack', 'usage', `${resolve(around.cwd, word)} is not inside a stack.`, {
      hints: ['infra stack list'],
    });
  }
  throw unknownName(
    'stack',
    word,
    known.filter((stack) => stack.scaffold !== true).map(({ name }) => name),
  );
}

async function stackOfFolder(around: Surroundings, known: readonly Stack[]): Promise<Stack> {
  const found = await stackAt(around, known, around.cwd);
  if (found !== undefined) return found;
  throw new InfraError('usage.no-stack', 'usage', `No stack was named, and ${around.cwd} is not inside one.`, {
    hints: ['Name stacks, or give --affected or --all.', 'infra stack list'],
  });
}

/** The stack whose folder holds a path, whichever way links lead there. */
async function stackAt(around: Place, known: readonly Stack[], path: string): Promise<Stack | undefined> {
  const holds = (folder: string, at: string): boolean => at === folder || at.startsWith(`${folder}/`);
  const direct = known.find((stack) => holds(stack.folder, path));
  if (direct !== undefined) return direct;
  const real = await around.clients.files.realPath(path);
  if (real === undefined) return undefined;
  const folders = await Promise.all(known.map((stack) => around.clients.files.realPath(stack.folder)));
  return known.find((_, index) => holds(folders[index] ?? '\0', real));
}

function assertOneWay(choice: StackChoice, names: readonly string[]): void {
  const ways = [
    ...(names.length > 0 ? ['names'] : []),
    ...(choice.affected === true ? ['--affected'] : []),
    ...(choice.all === true ? ['--all'] : []),
  ];
  if (ways.length > 1) {
    throw new InfraError(
      'usage.two-selections',
      'usage',
      `Stacks can be chosen in one way only, not by ${ways.join(' and ')}.`,
    );
  }
  if (choice.base !== undefined && choice.affected !== true) {
    throw new InfraError('usage.two-selections', 'usage', '--base says what --affected compares with; it needs it.', {
      hints: ['infra stack … --affected --base REF'],
    });
  }
}

/** A shell pattern over a whole name: `*`, `?`, `[…]`. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    // An unclosed bracket stands for itself, as in a shell.
    return new RegExp(`^${source.replaceAll('[', '\\[').replaceAll(']', '\\]')}$`, 'u');
  }
}
