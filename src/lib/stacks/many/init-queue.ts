import type { Clients } from '../../clients/clients.ts';
import type { Unit } from '../../clients/terragrunt/client.ts';
import type { StackDeps } from '../deps.ts';
import { failureOf } from '../run/failure.ts';
import type { Stack } from '../stack.ts';
import { makeExclusive } from '../waves/exclusive.ts';

/** Runs before the plan of a stack. */
export type Prepare = (stack: Stack, unit: Unit, signal: AbortSignal) => Promise<void>;

/**
 * Lets only one `init` at a time write into a shared TF_PLUGIN_CACHE_DIR: its documentation says that the cache is not
 * safe for concurrent use, and two inits leave each other "text file busy" or wrong checksums. OpenTofu locks the cache
 * since 1.10 (its release notes), so there nothing waits. Without a shared cache, terragrunt inits by itself.
 */
export function makeInitQueue(deps: StackDeps): Prepare {
  const alone = makeExclusive();
  let version: Promise<boolean> | undefined;
  return async (stack, unit, signal) => {
    const isShared = (unit.env.TF_PLUGIN_CACHE_DIR ?? deps.env.TF_PLUGIN_CACHE_DIR ?? '') !== '';
    if (!isShared) return;
    version ??= locksItsCache(deps.clients, stack);
    if (await version) return;
    const ran = await alone(() => deps.clients.terragrunt.init(unit, signal));
    if (ran.exitCode !== 0) throw await failureOf(deps, stack, 'plan', { diagnostics: [], text: ran.stderr });
  };
}

async function locksItsCache({ terragrunt }: Pick<Clients, 'terragrunt'>, stack: Stack): Promise<boolean> {
  const { tool, toolVersion } = await terragrunt.versions(stack.folder);
  const [major = 0, minor = 0] = toolVersion.split('.').map(Number);
  return tool === 'tofu' && (major > 1 || (major === 1 && minor >= 10));
}
