import type { Ran } from './program.ts';

/** A session that holds or waits for the lock under which authentik migrates its database. */
export type LockHolder = {
  readonly pid: number;
  readonly state: string;
  readonly seconds: number;
  readonly granted: boolean;
};

/** What PostgreSQL can tell about itself. */
export type Postgres = {
  /** `full`: not even the administrator gets in. `down`: nothing listens. */
  readonly answers: 'yes' | 'full' | 'down';
  readonly connections: {
    readonly authentik: number;
    readonly idleInTransaction: number;
    readonly all: number;
    readonly max: number;
  };
  readonly locks: readonly LockHolder[];
  /** Rows of the proxy's session table and the latest end, Unix seconds; undefined where there is no such table. */
  readonly proxySessions: { readonly count: number; readonly maxExpires: number } | undefined;
};

/**
 * `psql -c SQL` in the primary, answering the questions that a diagnosis asks. Only -A with -t is played; -F is
 * honoured. A statement that is not known fails as a wrong one does.
 */
export function psql(state: Postgres): (args: readonly string[]) => Ran {
  return (args) => {
    if (state.answers !== 'yes') return refused(state.answers);
    if (!hasShort(args, 'A') || !hasShort(args, 't'))
      return { exitCode: 1, stdout: '', stderr: 'psql: only -A -t is played here\n' };
    const separator = optionOf(args, '-F') ?? '|';
    const statements = args.flatMap((word, at) => (args[at - 1] === '-c' ? [word] : []));
    let stdout = '';
    for (const sql of statements) {
      const rows = answer(state, sql.toLowerCase());
      if (typeof rows === 'string') return { exitCode: 1, stdout, stderr: rows };
      stdout += rows.map((row) => `${row.join(separator)}\n`).join('');
    }
    return { exitCode: 0, stdout, stderr: '' };
  };
}

type Rows = readonly (readonly (string | number)[])[];

function answer(state: Postgres, sql: string): Rows | string {
  if (/^\s*set\s/.test(sql)) return [];
  if (sql.includes('pg_locks')) {
    return state.locks.map(({ pid, state: of, seconds, granted }) => [pid, of, seconds, granted ? 't' : 'f']);
  }
  if (sql.includes('authentik_providers_proxy_proxysession')) {
    if (state.proxySessions === undefined) {
      return 'ERROR:  relation "authentik_providers_proxy_proxysession" does not exist\nLINE 1: ...\n';
    }
    const { count, maxExpires } = state.proxySessions;
    return [[count, count === 0 ? 0 : maxExpires]];
  }
  if (sql.includes('pg_stat_activity')) {
    const { authentik, idleInTransaction, all, max } = state.connections;
    return [[authentik, idleInTransaction, all, max]];
  }
  return 'ERROR:  syntax error at or near "?"\n';
}

function refused(how: 'full' | 'down'): Ran {
  const socket = 'connection to server on socket "/controller/run/.s.PGSQL.5432" failed';
  const why =
    how === 'full'
      ? 'FATAL:  sorry, too many clients already'
      : 'No such file or directory\n\tIs the server running locally and accepting connections on that socket?';
  return { exitCode: 2, stdout: '', stderr: `psql: error: ${socket}: ${why}\n` };
}

function hasShort(args: readonly string[], letter: string): boolean {
  return args.some((word) => /^-[A-Za-z]+$/.test(word) && !word.startsWith('-c') && word.includes(letter));
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at === -1 ? args.find((word) => word.startsWith(name) && word.length > 2)?.slice(2) : args[at + 1];
}
