import { createServer } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { Postgres } from '../../src/lib/clients/postgres/client.ts';
import { Secret } from '../../src/lib/secrets/secret.ts';

/** A server to ask, with one role and one database. */
export type PostgresCaseEnv = { readonly client: Postgres; readonly url: string };

const OPTIONS = { applicationName: 'a name', timeoutMs: 20_000 };

function changed(url: string, change: (parsed: URL) => void): Secret {
  const parsed = new URL(url);
  change(parsed);
  return new Secret(parsed.href);
}

/** What every PostgreSQL has to do with the client. There is no stand-in for it: only the real one plays them. */
export const postgresCases: readonly {
  readonly name: string;
  readonly run: (env: PostgresCaseEnv) => Promise<void>;
}[] = [
  {
    name: 'values come as the server writes them: no digit is lost, absent is null, times are UTC',
    run: async ({ client, url }) => {
      const rows = await client.session(new Secret(url), OPTIONS, (session) =>
        session.query(
          "select 9007199254740993::bigint as big, null as none, timestamptz '2026-01-05 10:00:00.123456+01' as at, $1::text as given",
          ['ü'],
        ),
      );
      expect(rows).toEqual([{ big: '9007199254740993', none: null, at: '2026-01-05 09:00:00.123456+00', given: 'ü' }]);
    },
  },
  {
    name: 'a session bears its name, and is gone when the work is done',
    run: async ({ client, url }) => {
      const names = (session: { query(text: string): Promise<readonly unknown[]> }) =>
        session.query("select application_name from pg_stat_activity where application_name like 'a name%'");
      expect(await client.session(new Secret(url), OPTIONS, names)).toHaveLength(1);
      expect(await client.session(new Secret(url), { ...OPTIONS, applicationName: 'a name too' }, names)).toEqual([
        { application_name: 'a name too' },
      ]);
    },
  },
  {
    name: 'a wrong password is denied, and appears nowhere',
    run: async ({ client, url }) => {
      const wrong = changed(url, (parsed) => {
        parsed.password = 'canary-wrong';
      });
      const error: unknown = await client.session(wrong, OPTIONS, async () => 0).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'postgres.denied', status: 'denied' });
      expect(`${String(error)}${JSON.stringify(error)}`).not.toContain('canary-wrong');
    },
  },
  {
    name: 'a database that is not there is told apart',
    run: async ({ client, url }) => {
      const other = changed(url, (parsed) => {
        parsed.pathname = '/nowhere';
      });
      await expect(client.session(other, OPTIONS, async () => 0)).rejects.toMatchObject({
        code: 'postgres.no-database',
      });
    },
  },
  {
    name: 'a server without TLS is refused unless the address allows it; `prefer` goes on without',
    run: async ({ client, url }) => {
      const mode = (name: string | undefined) =>
        changed(url, (parsed) => {
          if (name === undefined) parsed.searchParams.delete('sslmode');
          else parsed.searchParams.set('sslmode', name);
        });
      for (const strict of [undefined, 'require', 'verify-full']) {
        await expect(client.session(mode(strict), OPTIONS, async () => 0)).rejects.toMatchObject({
          code: 'postgres.tls',
        });
      }
      expect(await client.session(mode('prefer'), OPTIONS, (session) => session.query('select 1 as one'))).toEqual([
        { one: '1' },
      ]);
    },
  },
  {
    name: 'a port that nobody listens on is unreachable, a silent one times out',
    run: async ({ client, url }) => {
      const at = (port: number) =>
        changed(url, (parsed) => {
          parsed.port = String(port);
        });
      await expect(client.session(at(9), OPTIONS, async () => 0)).rejects.toMatchObject({
        code: 'postgres.unreachable',
      });
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void silent.close());
      const address = silent.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      await expect(client.session(at(port), { ...OPTIONS, timeoutMs: 200 }, async () => 0)).rejects.toMatchObject({
        code: 'postgres.timeout',
      });
    },
  },
  {
    name: 'a query that takes too long is left, and one that is wrong says why',
    run: async ({ client, url }) => {
      await expect(
        client.session(new Secret(url), { ...OPTIONS, timeoutMs: 300 }, (session) =>
          session.query('select pg_sleep(60)'),
        ),
      ).rejects.toMatchObject({ code: 'postgres.timeout' });
      await expect(
        client.session(new Secret(url), OPTIONS, (session) => session.query('select x')),
      ).rejects.toMatchObject({ code: 'postgres.failed', message: expect.stringContaining('(42703)') });
    },
  },
  {
    name: 'a connection that the server ends is unreachable',
    run: async ({ client, url }) => {
      await expect(
        client.session(new Secret(url), OPTIONS, (session) =>
          session.query('select pg_terminate_backend(pg_backend_pid())'),
        ),
      ).rejects.toMatchObject({ code: 'postgres.unreachable' });
    },
  },
  {
    name: 'what is no connection URL is refused, and not quoted',
    run: async ({ client }) => {
      for (const text of ['host=x password=canary-dsn', 'postgres://', 'canary', 'postgres://u:canary%@h/d']) {
        const error: unknown = await client
          .session(new Secret(text), OPTIONS, async () => 0)
          .catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'postgres.bad-address' });
        expect(String(error)).not.toContain('canary');
      }
    },
  },
  {
    name: 'in the sandbox no address but loopback is asked',
    run: async ({ client, url }) => {
      const away = changed(url, (parsed) => {
        parsed.hostname = '192.0.2.1';
      });
      await expect(client.session(away, OPTIONS, async () => 0)).rejects.toMatchObject({
        code: 'network.not-loopback',
      });
    },
  },
];
