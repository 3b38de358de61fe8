import { type InfraError, isInfraError } from '../../errors.ts';
import type { LockSource, LockState } from '../listing/lock.ts';
import { parseApplicationName, sessionWords } from './application-name.ts';
import { locksOf, onStateDatabase } from './look-postgres.ts';
import { type PgLock, type PgLocks, readPgLocks } from './pg-locks.ts';

type SourceDeps = Parameters<typeof onStateDatabase>[0];

/**
 * The locks of the pg backend for many stacks, with one look at the state database for all of them. A database that
 * does not answer within `timeoutMs` makes them unknown.
 */
export function pgLockSource(deps: SourceDeps, timeoutMs: number): LockSource {
  let look: Promise<PgLocks | InfraError> | undefined;
  return async (stack): Promise<LockState> => {
    look ??= onStateDatabase(deps, { timeoutMs }, readPgLocks).catch((error: unknown) => {
      if (isInfraError(error)) return error;
      throw error;
    });
    const found = await look;
    if (isInfraError(found)) return { state: 'unknown', reason: found.message };
    if (found.hidden.includes(stack.name)) return { state: 'unknown', reason: 'its schema may not be read' };
    const own = locksOf(found, stack.name);
    const held = own.find(({ lock }) => lock === 'state') ?? own[0];
    return held === undefined ? { state: 'free' } : heldState(held);
  };
}

function heldState({ lock, schema, holder }: PgLock): LockState {
  const who = sessionWords(holder.application, holder.role, holder.address);
  const maker = parseApplicationName(holder.application)?.stack ?? schema ?? 'a new stack';
  const by = lock === 'state' ? who : `${who}, who makes the first state of ${maker}`;
  const since = holder.backendStart?.replace(' ', 'T').replace(/\+00$/, 'Z');
  return { state: 'held', by, ...(since === undefined ? {} : { since: new Date(since).toISOString() }) };
}
