import { InfraError } from '../../errors.ts';
import type { SeenHolder } from './look.ts';
import { lockInfoPath } from './look-file.ts';
import { type LockDeps, lookAtPostgres, onStateDatabase, type PgSeen } from './look-postgres.ts';
import { freeVault } from './look-vault.ts';
import { readPgLocks, terminate } from './pg-locks.ts';

/** How long a backend may take to end, and the pause between two looks. */
const END_MS = 5000;
const LOOK_MS = 50;

/**
 * Releases one lock, after a last look: whoever came alive or changed meanwhile keeps it.
 * Errors: `lock.holder-changed` (75), `lock.still-held` (75), those of `Postgres`, `Vault` and `Files`.
 */
export async function release(deps: LockDeps, stack: string, seen: SeenHolder): Promise<void> {
  if (seen.postgres !== undefined) return endBackend(deps, stack, seen.postgres);
  if (seen.vault !== undefined) return freeVault(deps, stack, seen.vault);
  // The local backend's info file is all that can be left of it: the kernel's lock ends with its process.
  if (seen.holder.place === 'file') return deps.clients.files.remove(lockInfoPath(deps, stack));
  throw new InfraError(
    'lock.not-releasable',
    'refused',
    `${seen.holder.who} holds infra's own lock file of ${stack}; only the machine it was started on can tell whether it works.`,
    { hints: [`On that machine: infra stack unlock ${stack}`], nothingChanged: true },
  );
}

async function endBackend(deps: LockDeps, stack: string, { lock, holder }: PgSeen): Promise<void> {
  const { clock } = deps.clients;
  await onStateDatabase(deps, { timeoutMs: END_MS + 15_000 }, async (session) => {
    const now = await lookAtPostgres(deps, session, stack, undefined);
    const same = now.seen.find((one) => one.lock.key === lock.key && one.lock.holder.pid === lock.holder.pid);
    if (same === undefined) return; // It let go by itself.
    const isSame = same.lock.holder.backendStart === lock.holder.backendStart;
    if (!isSame || same.holder.life === 'alive') throw changed(stack, holder.who);
    await terminate(session, lock);
    for (let waited = 0; ; waited += LOOK_MS) {
      const { locks } = await readPgLocks(session);
      const { pid, backendStart } = lock.holder;
      if (!locks.some((one) => one.holder.pid === pid && one.holder.backendStart === backendStart)) return;
      if (waited >= END_MS) throw notEnded(stack, holder.who);
      await clock.sleep(LOOK_MS);
    }
  });
}

function changed(stack: string, who: string): InfraError {
  return new InfraError(
    'lock.holder-changed',
    'busy',
    `Looked once more before releasing ${stack}: ${who} works again, or somebody else has its place.`,
    {
      hints: [`infra stack unlock ${stack} --dry-run`],
      nothingChanged: true,
    },
  );
}

function notEnded(stack: string, who: string): InfraError {
  return new InfraError(
    'lock.still-held',
    'busy',
    `Told PostgreSQL to end the session of ${who}: it still holds ${stack} after ${END_MS / 1000} s.`,
    {
      hints: [`infra stack unlock ${stack} --dry-run`, 'A backend that waits for its disk ends later.'],
    },
  );
}
