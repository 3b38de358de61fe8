import type { Secret } from '../../secrets/secret.ts';

/** One row; every value as the server writes it, so that no number loses a digit and no time its microseconds. */
export type Row = Readonly<Record<string, string | null>>;

/** An open connection. Values travel as parameters `$1`, `$2`, …; times are written in UTC. */
export type Session = { query(text: string, values?: readonly string[]): Promise<readonly Row[]> };

/** `timeoutMs` is for the whole session, from the first packet to the last answer. */
export type SessionOptions = {
  readonly applicationName: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

/**
 * PostgreSQL by a connection string of the form `postgres://user:password@host:port/database?sslmode=…`, as the pg backend
 * of OpenTofu and Terraform takes it. `sslmode` means what it means to libpq; without one the server's certificate is
 * verified. Errors: `postgres.bad-address` (78), `network.not-loopback` (78), `postgres.denied` (77: credentials or a
 * missing privilege), `postgres.no-database` (78), `postgres.unreachable`, `postgres.timeout`, `postgres.tls`,
 * `postgres.failed` (69, with the server's own first line).
 */
export type Postgres = {
  /** Runs `work` on a connection of its own, which is closed whatever happens. */
  session<T>(connection: Secret, options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T>;
};
