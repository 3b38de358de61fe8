import { isInfraError } from '../../errors.ts';
import type { StackDeps } from '../deps.ts';
import type { Stack } from '../stack.ts';
import { parseApplicationName, sessionWords } from './application-name.ts';
import { locksOf, onStateDatabase } from './look-postgres.ts';
import { readPgLocks } from './pg-locks.ts';

/** An error must not wait longer for the name of whoever caused it. */
const ASK_MS = 2000;

/**
 * Who holds a Tier-1 stack's state, in words for an error message: the pg backend's own message names the one who was
 * refused. Undefined when the database does not say it within two seconds, or nobody holds it any more.
 */
export async function whoHolds(deps: StackDeps, stack: Stack): Promise<string | undefined> {
  const { clock, postgres } = deps.clients;
  if (postgres === undefined) return undefined;
  const end = new AbortController();
  const tooLate = clock.sleep(ASK_MS, end.signal).then(
    () => undefined,
    () => undefined, // Answered in time.
  );
  const asked = onStateDatabase({ ...deps, clients: { ...deps.clients, postgres } }, { timeoutMs: ASK_MS }, readPgLocks)
    .then((found) => words(locksOf(found, stack.name), stack.name))
    .catch((error: unknown) => {
      // The error that is being told is the lock; that its holder could not be asked for adds nothing to do.
      if (isInfraError(error)) return undefined;
      throw error;
    });
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    end.abort();
    asked.catch(() => undefined); // Too late to matter.
  }
}

function words(locks: ReturnType<typeof locksOf>, stack: string): string | undefined {
  const own = locks.find(({ lock }) => lock === 'state') ?? locks[0];
  if (own === undefined) return undefined;
  const { application, role, address, backendStart } = own.holder;
  const since = backendStart === undefined ? '' : `, since ${backendStart.slice(0, 19).replace(' ', 'T')}Z`;
  const who = `${sessionWords(application, role, address)}${since}`;
  if (own.lock === 'state') return who;
  const maker = parseApplicationName(application)?.stack;
  return `${who}, who makes the first state of ${maker ?? (own.schema === undefined ? 'a new stack' : stack)}`;
}
