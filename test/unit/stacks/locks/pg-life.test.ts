import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../../src/lib/clients/machine/client.ts';
import { judgePgHolder, type KnownRun } from '../../../../src/lib/stacks/locks/pg-life.ts';
import type { PgHolder } from '../../../../src/lib/stacks/locks/pg-locks.ts';

const NAME = 'infra stack=rbac user=bob host=laptop run=c0ffee00';

/** A session as it looks when its client was lost on this machine. */
const holder = (changes: Partial<PgHolder> = {}): PgHolder => ({
  pid: '4711',
  backendStart: '2026-01-05 09:00:00.123456+00',
  application: NAME,
  role: 'tf',
  address: '10.0.0.7',
  port: 40000,
  state: 'idle',
  stateChange: '2026-01-05 09:00:01+00',
  waitsFor: 'Client',
  ...changes,
});

/** A machine on which nothing of it is left. */
const machine = (changes: Partial<Machine> = {}): Machine => ({
  host: 'laptop.example.com',
  startedWith: async () => ({ found: [], hidden: [] }),
  connection: async () => 'none',
  lockersOf: async () => [],
  isOwnAddress: (address) => address === '10.0.0.7',
  ...changes,
});

const HERE = { ownAddress: '10.0.0.7', serverPort: 5432 };
const tofu = (value: string) => ({ pid: 12, program: 'tofu', value });

async function life(
  change: Partial<PgHolder>,
  on: Partial<Machine> = {},
  around = HERE as { ownAddress: string | undefined; serverPort: number },
  known?: KnownRun,
) {
  return (await judgePgHolder(machine(on), holder(change), around, known)).life;
}

describe('whoever holds a lock of the state database', () => {
  test('is dead when it is from here and nothing of it is left here', async () => {
    expect(await life({})).toBe('dead');
  });

  test('is dead when only a program that passes connections on has its connection', async () => {
    expect(await life({}, { connection: async () => ({ owner: { pid: 9, program: 'ssh' } }) })).toBe('dead');
  });

  test.each<[string, Partial<PgHolder>, Partial<Machine>, KnownRun | undefined]>([
    ['its session works', { state: 'active', waitsFor: undefined }, {}, undefined],
    ['its session is inside a transaction', { state: 'idle in transaction', waitsFor: undefined }, {}, undefined],
    [
      'a program of the run is there',
      {},
      { startedWith: async () => ({ found: [tofu(NAME)], hidden: [] }) },
      undefined,
    ],
    [
      'a program of the run is there, whose user PostgreSQL shows in another way',
      { application: 'infra stack=rbac user=jos\\xc3\\xa9 host=laptop run=c0ffee00' },
      {
        startedWith: async () => ({ found: [tofu('infra stack=rbac user=josé host=laptop run=c0ffee00')], hidden: [] }),
      },
      undefined,
    ],
    ['a tofu has its connection', {}, { connection: async () => ({ owner: { pid: 12, program: 'tofu' } }) }, undefined],
    [
      'a tofu of somebody’s hand has its connection',
      { application: '' },
      { connection: async () => ({ owner: { pid: 12, program: 'terraform' } }) },
      undefined,
    ],
    [
      'infra’s lock file knows the run as living',
      { application: NAME, address: undefined },
      {},
      { run: 'c0ffee00', life: 'alive' },
    ],
  ])('is alive when %s', async (_, change, on, known) => {
    expect(await life(change, on, HERE, known)).toBe('alive');
  });

  test.each<[string, Partial<PgHolder>, Partial<Machine>, typeof HERE | undefined]>([
    ['it was started on another machine', { application: NAME.replace('laptop', 'desk') }, {}, undefined],
    ['infra did not start it', { application: 'psql' }, {}, undefined],
    ['its name was cut', { application: NAME.slice(0, 30) }, {}, undefined],
    ['it names this machine but comes from another address', { address: '10.0.0.8' }, {}, undefined],
    ['it came by a socket', { address: undefined, port: undefined }, {}, undefined],
    ['our own address is not this machine’s', {}, { isOwnAddress: () => false }, undefined],
    [
      'its connection is open here and nobody may see whose it is',
      {},
      { connection: async () => ({ owner: undefined }) },
      undefined,
    ],
    ['this system shows no programs', {}, { startedWith: async () => undefined }, undefined],
    [
      'a tofu of somebody else may be it',
      {},
      { startedWith: async () => ({ found: [], hidden: [{ pid: 3, program: 'tofu' }] }) },
      undefined,
    ],
    [
      'a terragrunt of somebody else may be it',
      {},
      { startedWith: async () => ({ found: [], hidden: [{ pid: 3, program: 'terragrunt' }] }) },
      undefined,
    ],
    ['this role may not see its session', { backendStart: undefined, address: undefined }, {}, undefined],
  ])('is not known to be dead when %s', async (_, change, on, around) => {
    expect(await life(change, on, around)).toBe('unknown');
  });

  test('from another address is dead when infra’s lock file names the run, dead, and nothing of it is left', async () => {
    const known = { run: 'c0ffee00', life: 'dead' } as const;
    expect(await life({ address: '10.0.0.8' }, {}, HERE, known)).toBe('dead');
    expect(await life({ address: '10.0.0.8' }, {}, HERE, { ...known, run: 'another' })).toBe('unknown');
    const found = async () => ({ found: [tofu(NAME)], hidden: [] });
    expect(await life({ address: '10.0.0.8' }, { startedWith: found }, HERE, known)).toBe('alive');
  });
});
