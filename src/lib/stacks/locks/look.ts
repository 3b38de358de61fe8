import { type InfraError, isInfraError } from '../../errors.ts';
import type { Stack } from '../stack.ts';
import type { Holder, LockPlace, LookedAt } from './holder.ts';
import { lookAtFile } from './look-file.ts';
import { lookAtMachine } from './look-machine.ts';
import { type LockDeps, lookAtPostgres, onStateDatabase, type PgSeen } from './look-postgres.ts';
import { lookAtVault, type VaultSeen } from './look-vault.ts';
import type { KnownRun } from './pg-life.ts';

/** A holder and how its place names it. */
export type SeenHolder = { readonly holder: Holder; readonly postgres?: PgSeen; readonly vault?: VaultSeen };

/** Everything that was seen of a stack's locks. `error` is the first place that should have answered and did not. */
export type Look = {
  readonly lookedAt: readonly LookedAt[];
  readonly seen: readonly SeenHolder[];
  readonly error: InfraError | undefined;
};

/** How long the state database may take to say who holds what. */
const ASK_MS = 15_000;

/**
 * Looks at every place where a lock of the stack can lie. A place that does not answer is `unknown`, never free.
 * Errors: only what is no InfraError.
 */
export async function lookAtLocks(deps: LockDeps, stack: Stack): Promise<Look> {
  const machine = await attempt('machine', async () => {
    const found = await lookAtMachine(deps, stack.name);
    return { seen: found === undefined ? [] : [{ holder: found, run: found.run }] };
  });
  const run = machine.seen[0];
  const known: KnownRun | undefined = run === undefined ? undefined : { run: run.run, life: run.holder.life };
  const others =
    stack.tier === 1
      ? [
          await attempt('postgres', async (): Promise<Found<SeenHolder>> => {
            const { seen, hasSchema } = await onStateDatabase(deps, { timeoutMs: ASK_MS }, (session) =>
              lookAtPostgres(deps, session, stack.name, known),
            );
            const reason = `there is no schema ${stack.name}: it has no state yet, or keeps it elsewhere`;
            return {
              seen: seen.map((postgres) => ({ holder: postgres.holder, postgres })),
              ...(hasSchema ? {} : { reason }),
            };
          }),
          skipped('file', 'its state lies in PostgreSQL'),
          skipped('vault', 'only Tier 0 takes a lock in Vault'),
        ]
      : [
          skipped('postgres', 'its state is a file'),
          await attempt('file', async (): Promise<Found<SeenHolder>> => {
            const found = await lookAtFile(deps, stack.name);
            return { seen: found === undefined ? [] : [{ holder: found }] };
          }),
          await attempt('vault', async (): Promise<Found<SeenHolder>> => {
            const found = await lookAtVault(deps, stack.name);
            return { seen: found === undefined ? [] : [{ holder: found.holder, vault: found }] };
          }),
        ];
  const all = [...others, machine];
  return {
    lookedAt: all.map(({ lookedAt }) => lookedAt),
    seen: all.flatMap(({ seen }) => seen),
    error: all.find(({ error }) => error !== undefined)?.error,
  };
}

type Part<S> = { readonly lookedAt: LookedAt; readonly seen: readonly S[]; readonly error?: InfraError };

/** `reason` says more about a place that is free. */
type Found<S> = { readonly seen: readonly S[]; readonly reason?: string };

async function attempt<S extends SeenHolder>(place: LockPlace, look: () => Promise<Found<S>>): Promise<Part<S>> {
  try {
    const { seen, ...more } = await look();
    return { lookedAt: { place, state: seen.some(({ holder }) => holder.blocks) ? 'held' : 'free', ...more }, seen };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { lookedAt: { place, state: 'unknown', reason: error.message }, seen: [], error };
  }
}

function skipped(place: LockPlace, reason: string): Part<SeenHolder> {
  return { lookedAt: { place, state: 'skipped', reason }, seen: [] };
}
