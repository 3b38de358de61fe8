import { Socket } from 'node:net';
import { assertLoopback } from '../http/loopback.ts';
import { type Target, targetOf } from './address.ts';
import type { Postgres, Row, Session, SessionOptions } from './client.ts';
import { postgresError, refusesTls, TIMED_OUT } from './errors.ts';

/** With `loopbackOnly` any other address is refused before a packet is sent. */
export type PostgresOptions = { readonly loopbackOnly: boolean };

/** PostgreSQL over the `pg` package, one connection a session. */
export function makePostgres(options: PostgresOptions): Postgres {
  return {
    async session(connection, sessionOptions, work) {
      const target = targetOf(connection);
      assertLoopback(
        `postgres://${target.host.includes(':') ? `[${target.host}]` : target.host}`,
        options.loopbackOnly,
      );
      try {
        return await onConnection(target, sessionOptions, work).catch((error: unknown) => {
          if (!target.plainIsFine || target.ssl === false || !refusesTls(error)) throw error;
          return onConnection({ ...target, ssl: false }, sessionOptions, work);
        });
      } catch (error) {
        throw postgresError(error, target, sessionOptions.timeoutMs);
      }
    },
  };
}

async function onConnection<T>(
  target: Target,
  { applicationName, timeoutMs, signal }: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { Client } = await import('./pg-shim.ts');
  // The socket is ours, so that a server that says nothing can be left at once.
  const socket = new Socket();
  const client = new Client({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: target.password,
    ssl: target.ssl,
    application_name: applicationName,
    stream: () => socket,
    // Every value as the server writes it.
    types: { getTypeParser: () => (value: string) => value } as never,
  });
  const stop = new AbortController();
  try {
    return await Promise.race([talk(client, work), leave(client, timeoutMs, signal, stop.signal)]);
  } finally {
    stop.abort();
    client.removeAllListeners('error');
    client.on('error', () => undefined); // Nothing that a closed connection still says matters.
    socket.destroy();
  }
}

type PgClient = InstanceType<typeof import('./pg-shim.ts').Client>;

async function talk<T>(client: PgClient, work: (session: Session) => Promise<T>): Promise<T> {
  await client.connect();
  await client.query("set timezone to 'UTC'");
  const result = await work({
    async query(text, values = []) {
      return (await client.query<Row>(text, [...values])).rows;
    },
  });
  await client.end();
  return result;
}

/** Rejects when time is up, when the caller gives up, or when the connection breaks between two queries. */
function leave(
  client: PgClient,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  done: AbortSignal,
): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(TIMED_OUT)), timeoutMs);
    const onAbort = (): void => reject(signal?.reason);
    done.addEventListener('abort', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort);
    client.on('error', reject);
  });
}
