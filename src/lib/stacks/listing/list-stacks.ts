import type { Clients } from '../../clients/clients.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import { discoverStacks } from '../discover.ts';
import { graphOf, relatives } from '../graph/graph.ts';
import { makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import type { CiClass } from './ci-class.ts';
import { ciClasses } from './ci-class.ts';
import type { LastRun } from './last-run.ts';
import type { LockSource, LockState } from './lock.ts';
import { problemsOf } from './problems.ts';
import { isModule, modulesOf } from './uses.ts';

/** One line of the list. `dependants` count stacks that declare the dependency, directly and at any distance. */
export type ListedStack = {
  readonly stack: Stack;
  readonly ci: CiClass;
  readonly dependants: { readonly direct: number; readonly all: number };
  readonly lock: LockState;
  readonly lastRun: LastRun | undefined;
};

/** The stacks that were asked for and what is wrong with the repository as a whole. */
export type StackList = {
  readonly problems: readonly Finding[];
  readonly stacks: readonly ListedStack[];
  readonly total: number;
};

/** Which stacks. `uses` is a module's path or its last part; no filter lists all. */
export type ListFilter = {
  readonly names: ReadonlySet<string> | undefined;
  readonly tier: 0 | 1 | undefined;
  readonly uses: string | undefined;
};

/** Where the list's facts come from besides the repository. */
export type ListSources = {
  readonly lockOf: LockSource;
  readonly lastRuns: ReadonlyMap<string, LastRun>;
};

/** Lists stacks by name. Locks are asked for those that are listed only. Errors: those of `Files`. */
export async function listStacks(
  clients: Pick<Clients, 'files'>,
  site: Site,
  filter: ListFilter,
  sources: ListSources,
): Promise<StackList> {
  const modules = makeModuleReader(clients.files);
  const stacks = await discoverStacks(clients, site, modules);
  const graph = graphOf(stacks);
  const [problems, ciOf] = await Promise.all([
    problemsOf({ clients, site, modules, stacks, graph }),
    ciClasses(clients, site.root.value),
  ]);
  const uses = filter.uses;
  const wanted = await Promise.all(
    stacks
      .filter(({ name, tier }) => filter.names?.has(name) !== false && (filter.tier ?? tier) === tier)
      .map(async (stack) => {
        const isUser =
          uses === undefined || (await modulesOf(modules, site.root.value, stack)).some((path) => isModule(path, uses));
        return isUser ? [stack] : [];
      }),
  );
  const listed = await Promise.all(
    wanted.flat().map(async (stack): Promise<ListedStack> => {
      const { direct, all } = relatives(graph, stack.name, 'down');
      return {
        stack,
        ci: stack.scaffold === true ? 'none' : ciOf(stack.name),
        dependants: { direct: direct.length, all: all.length },
        lock: stack.scaffold === true ? { state: 'free' } : await sources.lockOf(stack),
        lastRun: sources.lastRuns.get(stack.name),
      };
    }),
  );
  return { problems, stacks: listed, total: stacks.length };
}
