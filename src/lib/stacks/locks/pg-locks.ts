import type { Row, Session } from '../../clients/postgres/client.ts';
import { creationKey, SHARED_CREATION_KEY, STATES_TABLE } from './pg-keys.ts';

/** One session that holds an advisory lock of the state database. Times are UTC as PostgreSQL writes them. */
export type PgHolder = {
  readonly pid: string;
  /** With the pid it names one backend for good. Undefined: this role may not see it. */
  readonly backendStart: string | undefined;
  readonly application: string;
  readonly role: string;
  /** Undefined for a Unix socket, and where this role may not see it: then `backendStart` is undefined too. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** `idle`, `active`, `idle in transaction`, …; undefined: may not be seen. */
  readonly state: string | undefined;
  readonly stateChange: string | undefined;
  readonly waitsFor: string | undefined;
};

/** A lock that is held. `schema` undefined: the creation lock that all stacks of the database share. */
export type PgLock = {
  readonly key: string;
  readonly lock: 'state' | 'creation';
  readonly schema: string | undefined;
  readonly holder: PgHolder;
};

/** Everything that the state database tells of locks. */
export type PgLocks = {
  readonly locks: readonly PgLock[];
  /** Schemas that hold states and may be read. */
  readonly schemas: readonly string[];
  /** Schemas that hold states which this role may not read: whether they are locked is not known. */
  readonly hidden: readonly string[];
  /** The address that our own session comes from; undefined for a Unix socket. */
  readonly ownAddress: string | undefined;
  readonly serverPort: number;
};

/** All schemas with a table of states, by its columns too: any program may call a table that. */
const SCHEMAS = `
select n.nspname as schema, quote_ident(n.nspname) as quoted, host(inet_client_addr()) as own, inet_server_port()::text as port,
       (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'))::text as readable
  from (select 1) one
  left join pg_class c on c.relname = '${STATES_TABLE}' and c.relkind = 'r'
        and 3 = (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attname in ('id', 'name', 'data') and not a.attisdropped)
  left join pg_namespace n on n.oid = c.relnamespace
 order by 1`;

/** A lock of one 64-bit key is told as its two halves, with objsubid 1 (PostgreSQL's documentation, pg_locks). */
const HELD = `
select ((l.classid::bigint << 32) | l.objid::bigint)::text as key, l.pid::text as pid, a.backend_start::text as start,
       coalesce(a.application_name, '') as application, coalesce(a.usename::text, '?') as role, host(a.client_addr) as address,
       a.client_port::text as port, a.state, a.state_change::text as change, a.wait_event_type as waits
  from pg_locks l left join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'advisory' and l.granted and l.objsubid = 1
   and l.database = (select oid from pg_database where datname = current_database())`;

/** Reads which states of the database are locked, and by which sessions. Errors: those of `Postgres`. */
export async function readPgLocks(session: Session): Promise<PgLocks> {
  const rows = await session.query(SCHEMAS);
  const all = rows.flatMap(({ schema, quoted, readable }) => (schema && quoted ? [{ schema, quoted, readable }] : []));
  const known = all.filter(({ readable }) => readable === 'true');
  const ids = known.map(
    ({ quoted }, index) =>
      `select $${index + 1}::text as schema, id::text as id from ${quoted}.${STATES_TABLE} where name = 'default'`,
  );
  const states =
    ids.length === 0
      ? []
      : await session.query(
          ids.join(' union all '),
          known.map(({ schema }) => schema),
        );
  const byKey = new Map<string, Pick<PgLock, 'lock' | 'schema'>>([
    [SHARED_CREATION_KEY, { lock: 'creation', schema: undefined }],
    ...known.map(({ schema }) => [creationKey(schema), { lock: 'creation', schema }] as const),
    ...states.flatMap(({ schema, id }) => (schema && id ? [[id, { lock: 'state', schema }] as const] : [])),
  ]);
  const held = await session.query(HELD);
  return {
    locks: held.flatMap((row) => {
      const what = byKey.get(row.key ?? '');
      return what === undefined ? [] : [{ key: row.key ?? '', ...what, holder: holderOf(row) }];
    }),
    schemas: known.map(({ schema }) => schema),
    hidden: all.filter((one) => !known.includes(one)).map(({ schema }) => schema),
    ownAddress: rows[0]?.own ?? undefined,
    serverPort: Number(rows[0]?.port ?? 0),
  };
}

function holderOf(row: Row): PgHolder {
  const port = Number(row.port ?? -1);
  return {
    pid: row.pid ?? '',
    backendStart: row.start ?? undefined,
    application: row.application ?? '',
    role: row.role ?? '?',
    address: row.address ?? undefined,
    port: port > 0 ? port : undefined,
    state: row.state ?? undefined,
    stateChange: row.change ?? undefined,
    waitsFor: row.waits ?? undefined,
  };
}

/** Ends a backend only if it is still that very one and still holds that very lock: pids are given out again. */
const TERMINATE = `
select pg_terminate_backend(a.pid)::text as done
  from pg_stat_activity a join pg_locks l on l.pid = a.pid
 where a.pid = $1::int and a.backend_start = $2::timestamptz
   and l.locktype = 'advisory' and l.granted and l.objsubid = 1
   and ((l.classid::bigint << 32) | l.objid::bigint) = $3::bigint
   and l.database = (select oid from pg_database where datname = current_database())`;

/**
 * Ends exactly one backend. False when it was gone, or had let go of the lock, by the time the statement ran.
 * Errors: those of `Postgres`; `postgres.denied` when the role may not signal it.
 */
export async function terminate(session: Session, lock: Pick<PgLock, 'key' | 'holder'>): Promise<boolean> {
  const { pid, backendStart } = lock.holder;
  if (backendStart === undefined) return false;
  const rows = await session.query(TERMINATE, [pid, backendStart, lock.key]);
  return rows[0]?.done === 'true';
}
