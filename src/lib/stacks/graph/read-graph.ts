import type { Clients } from '../../clients/clients.ts';
import type { Site } from '../../site/site.ts';
import { discoverStacks } from '../discover.ts';
import { makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import type { StackGraph } from './graph.ts';
import { graphOf } from './graph.ts';
import { implicitEdges } from './implicit.ts';

/** The stacks of the repository and their graph, implicit edges included. Errors: those of `Files`. */
export async function readGraph(
  clients: Pick<Clients, 'files'>,
  site: Site,
): Promise<{ readonly stacks: readonly Stack[]; readonly graph: StackGraph }> {
  const modules = makeModuleReader(clients.files);
  const stacks = await discoverStacks(clients, site, modules);
  const implicit = await implicitEdges(modules, stacks, site.vault.users.key.value);
  return { stacks, graph: graphOf(stacks, implicit) };
}
