import { makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import type { ManyContext } from './context.ts';
import { isPipeline } from './pipeline.ts';

/** A stack that this run does not apply, and why a person has to. */
export type ByHand = { readonly stack: string; readonly reason: string };

/** Resources that only an administrator of Vault can make (types of the provider hashicorp/vault). */
const ADMINISTERS = /^\s*resource\s+"vault_(?:policy|mount|audit|auth_backend|\w+_auth_backend\w*|identity_\w+)"/m;
/** What an administrator may write and a pipeline's token may not: any policy. */
const PROBE = 'sys/policies/acl/infra-may-write';

/**
 * Parts the stacks of a pipeline: those that administer Vault are left to a person unless the token may write policies.
 * Outside of a pipeline nothing is left out: there a person is. Errors: those of `Files` and `Vault`.
 */
export async function partByHand(
  context: Pick<ManyContext, 'clients' | 'env'>,
  stacks: readonly Stack[],
): Promise<{ readonly apply: readonly Stack[]; readonly byHand: readonly ByHand[] }> {
  if (!isPipeline(context.env)) return { apply: stacks, byHand: [] };
  const reader = makeModuleReader(context.clients.files);
  const administers = await Promise.all(
    stacks.map(async ({ folder }) =>
      (await reader.reachable(folder)).some(({ files }) => files.some(({ text }) => ADMINISTERS.test(text))),
    ),
  );
  const found = stacks.filter((_, at) => administers[at] === true);
  if (found.length === 0) return { apply: stacks, byHand: [] };
  const may = (await context.clients.vault.capabilities([PROBE]))[PROBE] ?? [];
  if (['create', 'update', 'root', 'sudo'].some((capability) => may.includes(capability)))
    return { apply: stacks, byHand: [] };
  const reason = 'it administers Vault, and this pipeline’s token may not (sys/policies/acl): a person applies it';
  return {
    apply: stacks.filter((stack) => !found.includes(stack)),
    byHand: found.map(({ name }) => ({ stack: name, reason })),
  };
}
