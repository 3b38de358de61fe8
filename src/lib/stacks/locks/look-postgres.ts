import type { Clients } from '../../clients/clients.ts';
import type { Session, SessionOptions } from '../../clients/postgres/client.ts';
import { InfraError } from '../../errors.ts';
import type { StackDeps } from '../deps.ts';
import { connectionString } from '../run/connection.ts';
import { parseApplicationName, sessionWords } from './application-name.ts';
import type { Holder } from './holder.ts';
import { judgePgHolder, type KnownRun } from './pg-life.ts';
import type { PgLock, PgLocks } from './pg-locks.ts';
import { readPgLocks } from './pg-locks.ts';

/** What looking for locks uses besides what stacks are run with. */
export type LockDeps = Omit<StackDeps, 'clients'> & {
  readonly clients: StackDeps['clients'] & Pick<Clients, 'machine' | 'postgres'>;
};

/** A holder in the state database with what is needed to end it. */
export type PgSeen = { readonly holder: Holder; readonly lock: PgLock };

/** Milliseconds: whoever tries a lock has the creation lock for an instant; one that holds it is there at a second look. */
const INSTANT_MS = 250;

/** Opens a session of infra's own on the state database. Errors: those of `connectionString` and `Postgres`. */
export async function onStateDatabase<T>(
  deps: Pick<StackDeps, 'env' | 'runId' | 'site'> & {
    readonly clients: StackDeps['clients'] & Pick<Clients, 'postgres'>;
  },
  options: Omit<SessionOptions, 'applicationName'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const connection = await connectionString(deps);
  return deps.clients.postgres.session(
    connection,
    { ...options, applicationName: `infra unlock run=${deps.runId}` },
    work,
  );
}

/**
 * The locks that stand in a stack's way: its state's, its own creation lock, and the one that all stacks share. A schema is
 * named like its stack; one that infra holds for the stack counts whatever its schema is called.
 * Errors: `lock.schema-hidden` (77).
 */
export function locksOf(found: PgLocks, stack: string): readonly PgLock[] {
  if (found.hidden.includes(stack)) {
    throw new InfraError(
      'lock.schema-hidden',
      'denied',
      `Read the states of the database: the role may not read schema ${stack}, so whether ${stack} is locked is not known.`,
      { hints: [`grant usage on schema "${stack}" and select on "${stack}".states to the role of PG_CONN_STR`] },
    );
  }
  return found.locks.filter(
    ({ schema, holder }) =>
      schema === stack || schema === undefined || parseApplicationName(holder.application)?.stack === stack,
  );
}

/** Who holds a stack's locks in the state database. Errors: those of `Postgres`. */
export async function lookAtPostgres(
  deps: LockDeps,
  session: Session,
  stack: string,
  known: KnownRun | undefined,
): Promise<{ readonly seen: readonly PgSeen[]; readonly hasSchema: boolean }> {
  const found = await readPgLocks(session);
  let locks = locksOf(found, stack);
  if (locks.some(({ lock }) => lock === 'creation')) {
    await deps.clients.clock.sleep(INSTANT_MS);
    const again = locksOf(await readPgLocks(session), stack);
    locks = again.filter(({ lock, ...held }) => lock === 'state' || locks.some((one) => isSame(one, held)));
  }
  const seen = await Promise.all(
    locks.map(async (lock) => ({ lock, holder: await holderOf(deps, found, lock, known) })),
  );
  return { seen, hasSchema: found.schemas.includes(stack) };
}

function isSame(a: Pick<PgLock, 'key' | 'holder'>, b: Pick<PgLock, 'key' | 'holder'>): boolean {
  return a.key === b.key && a.holder.pid === b.holder.pid && a.holder.backendStart === b.holder.backendStart;
}

async function holderOf(deps: LockDeps, found: PgLocks, lock: PgLock, known: KnownRun | undefined): Promise<Holder> {
  const { application, role, address, pid, backendStart, state, stateChange } = lock.holder;
  const { life, evidence } = await judgePgHolder(deps.clients.machine, lock.holder, found, known);
  const named = parseApplicationName(application);
  const idle =
    state === 'idle' && stateChange !== undefined ? [`Its session has been idle since ${iso(stateChange)}.`] : [];
  const where = address === undefined ? [] : [`It comes from ${address}.`];
  const shared =
    lock.lock === 'creation' && lock.schema === undefined
      ? [
          `It makes the first state of ${named?.stack ?? 'some stack'}; until then no stack of this database can be locked.`,
        ]
      : [];
  return {
    place: 'postgres',
    lock: lock.lock,
    id: `backend-${pid}`,
    who: sessionWords(application, role, address),
    since: backendStart === undefined ? undefined : iso(backendStart),
    lastSeen: stateChange === undefined ? undefined : iso(stateChange),
    life,
    evidence: [...evidence, ...shared, ...(life === 'alive' ? [] : [...where, ...idle])],
    hints: named === undefined ? [] : [`infra run show ${named.run}   (on ${named.host})`],
    blocks: true,
  };
}

/** `2026-11-21 05:19:44.123456+00` as ISO 8601. */
function iso(text: string): string {
  return new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z')).toISOString();
}
