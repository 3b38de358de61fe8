import { implicitEdges } from '../graph/implicit.ts';
import { makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import type { Needs } from '../waves/needs.ts';
import { needsAmong } from '../waves/needs.ts';
import type { ManyContext } from './context.ts';

/**
 * What the chosen stacks wait for: what terragrunt is told, and what the text of their modules implies (the namespaces
 * that vault makes of the users, Secrets that another stack's plan looks up). Errors: `stack.cycle` (65), those of `Files`.
 */
export async function needsOf(
  { clients, site }: Pick<ManyContext, 'clients' | 'site'>,
  chosen: readonly Stack[],
  known: readonly Stack[],
): Promise<Needs> {
  const implicit = await implicitEdges(makeModuleReader(clients.files), known, site.vault.users.key.value);
  return needsAmong(
    chosen.map(({ name }) => name),
    known,
    implicit,
  );
}
