import { describe, expect, test } from 'vitest';
import type { Postgres, Row } from '../../../../src/lib/clients/postgres/client.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { whoHolds } from '../../../../src/lib/stacks/locks/who-holds.ts';
import { failureOf } from '../../../../src/lib/stacks/run/failure.ts';
import { makeWorld } from '../support/world.ts';

const LOCKED = {
  diagnostics: [
    {
      severity: 'error',
      summary: 'Error acquiring the state lock',
      detail: 'Error message: Workspace is already locked: default\nLock Info:\n  Who: the-refused@here',
      means: 'lock-held',
    },
  ],
  text: '',
} as const;

/** A database whose session answers the queries in their order. */
const answering = (...answers: readonly (readonly Row[])[]): Postgres => ({
  session: (_connection, _options, work) => {
    const left = [...answers];
    return work({ query: async () => left.shift() ?? [] });
  },
});

const SCHEMAS = [{ schema: 'rbac', quoted: 'rbac', own: '10.0.0.7', port: '5432', readable: 'true' }];
const held = (key: string): Row => ({
  key,
  pid: '7',
  start: '2026-01-05 09:00:00.5+00',
  application: 'infra stack=rbac user=bob host=laptop run=c0ffee00',
  role: 'tf',
  address: '10.0.0.8',
  port: '40000',
  state: 'idle',
  change: '2026-01-05 09:00:01+00',
  waits: 'Client',
});

async function message(postgres: Postgres | undefined, asked: number[] = []): Promise<string> {
  const world = await makeWorld({ pgAddress: '127.0.0.1:17/terraform_state' });
  const clock = {
    ...world.deps.clients.clock,
    sleep: async (ms: number) => {
      asked.push(ms);
      if (asked.length > 1) return;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const clients = { ...world.deps.clients, clock, ...(postgres === undefined ? {} : { postgres }) };
  const env = { ...world.deps.env, PG_CONN_STR: 'postgres://u@127.0.0.1/d' };
  const error = await failureOf({ ...world.deps, clients, env }, world.stack('rbac', 1), 'plan', LOCKED);
  expect(error).toMatchObject({ code: 'stack.locked', status: 'busy', nothingChanged: true });
  expect(error.message).not.toContain('the-refused');
  return error.message;
}

describe('an error about a lock', () => {
  test('names the holder, as the state database tells it', async () => {
    const said = await message(answering(SCHEMAS, [{ schema: 'rbac', id: '42' }], [held('42'), held('43')]));
    expect(said).toContain('locked by bob on laptop, run c0ffee00, since 2026-01-05T09:00:00Z.');
  });

  test('says what a creation lock is about', async () => {
    const said = await message(answering(SCHEMAS, [{ schema: 'rbac', id: '42' }], [held('-1')]));
    expect(said).toContain('run c0ffee00, since 2026-01-05T09:00:00Z, who makes the first state of rbac');
  });

  test('waits two seconds at most for a name', async () => {
    const asked: number[] = [];
    const silent: Postgres = { session: () => new Promise(() => undefined) };
    expect(await message(silent, asked)).toContain('locked by another run');
    expect(asked).toEqual([2000]);
  });

  test('is the same error without a database that answers, or without a client for it', async () => {
    const refused: Postgres = {
      session: async () => {
        throw new InfraError('postgres.unreachable', 'unavailable', 'refused');
      },
    };
    expect(await message(refused)).toContain('locked by another run');
    expect(await message(undefined)).toContain('locked by another run');
    expect(await message(answering(SCHEMAS, [], []))).toContain('locked by another run');
    const hidden = SCHEMAS.map((row) => ({ ...row, readable: 'false' }));
    expect(await message(answering(hidden, []))).toContain('locked by another run');
  });

  test('a defect is not hidden behind it', async () => {
    const world = await makeWorld();
    const broken: Postgres = {
      session: async () => {
        throw new TypeError('a defect');
      },
    };
    const deps = { ...world.deps, clients: { ...world.deps.clients, postgres: broken }, env: { PG_CONN_STR: 'x' } };
    await expect(whoHolds(deps, world.stack('rbac', 1))).rejects.toThrow('a defect');
  });
});
