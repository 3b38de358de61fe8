import type { Clients } from '../clients/clients.ts';
import { isInfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import { discoverStacks } from '../stacks/discover.ts';
import type { ListFilter } from '../stacks/listing/list-stacks.ts';
import { type LockDeps, type LockSource, lockReader } from '../stacks/listing/lock.ts';
import type { Context } from './context.ts';
import { resolveNames } from './stack-selection.ts';

/** The PostgreSQL backend keeps its locks in sessions: a list looks at files and Vault only. */
const NO_POSTGRES = { reason: 'the PostgreSQL backend was not asked' };

type Asked = { readonly tier?: number | undefined; readonly uses?: string | undefined };

/** What the list is cut to. Errors: `usage.unknown-stack` (64), those of `Files`. */
export async function listFilter(
  around: { readonly clients: Pick<Clients, 'files'>; readonly site: Site; readonly cwd: string },
  words: readonly string[],
  { tier, uses }: Asked,
): Promise<ListFilter> {
  const base = { tier: tier === 0 || tier === 1 ? tier : undefined, uses } as const;
  if (words.length === 0) return { ...base, names: undefined };
  const known = await discoverStacks(around.clients, around.site);
  const found = await resolveNames(around, known, words);
  return { ...base, names: new Set(found.map(({ name }) => name)) };
}

/** Where locks are looked for. A Vault that cannot be reached or asked makes the locks that it holds unknown, nothing else. */
export async function lockSource(
  context: Context,
  clients: Pick<Clients, 'files' | 'processes'>,
  site: Site,
  askVault: boolean,
): Promise<LockSource> {
  const vault = askVault ? await vaultOf(context) : { reason: 'Vault was not asked (--no-locks)' };
  return lockReader({ clients, site, stateFolder: context.stateFolder, vault, postgres: NO_POSTGRES });
}

async function vaultOf(context: Context): Promise<LockDeps['vault']> {
  try {
    return (await context.clients('vault')).vault;
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { reason: error.message };
  }
}
