import { randomBytes } from 'node:crypto';
import type { Clients } from '../clients/clients.ts';
import { isInfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import { discoverStacks } from '../stacks/discover.ts';
import type { ListFilter } from '../stacks/listing/list-stacks.ts';
import { type LockDeps, type LockSource, lockReader } from '../stacks/listing/lock.ts';
import { pgLockSource } from '../stacks/locks/lock-source.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import { resolveNames } from './stack-selection.ts';

/** How long a list waits for the state database, in milliseconds. */
const ASK_MS = 3000;

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
  clients: LockDeps['clients'],
  site: Site,
  askVault: boolean,
  env: Host['env'],
): Promise<LockSource> {
  const notAsked = (name: string) => ({ reason: `${name} was not asked (--no-locks)` });
  const vault = askVault ? await vaultOf(context) : notAsked('Vault');
  const postgres = askVault ? await postgresOf(context, site, env) : notAsked('the state database');
  return lockReader({ clients, site, stateFolder: context.stateFolder, vault, postgres });
}

/** One look at the state database for all stacks; its password comes from Vault unless PG_CONN_STR says it. */
async function postgresOf(context: Context, site: Site, env: Host['env']): Promise<LockDeps['postgres']> {
  try {
    const clients = await context.clients('clock', 'files', 'git', 'postgres', 'processes', 'terragrunt', 'vault');
    return pgLockSource({ clients, site, env, runId: randomBytes(4).toString('hex') }, ASK_MS);
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { reason: error.message };
  }
}

async function vaultOf(context: Context): Promise<LockDeps['vault']> {
  try {
    return (await context.clients('vault')).vault;
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { reason: error.message };
  }
}
