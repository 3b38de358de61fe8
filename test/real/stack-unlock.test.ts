import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { creationKey } from '../../src/lib/stacks/locks/pg-keys.ts';
import { type Infra, makeInfra } from './harness/infra.ts';
import { type Postgres, startPostgres } from './harness/postgres.ts';
import { detour, makeStateDatabase, type StateDatabase, sessionName } from './harness/state-database.ts';
import { skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';
import { makeWorkspace, type Workspace } from './harness/workspace.ts';

const reason = skipReason('tofu', 'terragrunt-1.1.0', 'postgres', 'initdb', 'psql', 'git');
if (reason !== undefined) console.warn(`stack-unlock.test.ts is skipped: ${reason}`);

/** The key of every advisory lock that is held, as PostgreSQL tells it. */
const KEYS = `select ((classid::bigint << 32) | objid::bigint) from pg_locks where locktype = 'advisory' order by 1`;

describe.skipIf(reason !== undefined)('infra stack unlock, with a real pg backend', () => {
  let workspace: Workspace;
  let postgres: Postgres;
  let database: StateDatabase;
  let infra: Infra;

  beforeAll(async () => {
    workspace = await makeWorkspace('unlock');
    postgres = await startPostgres();
    database = await makeStateDatabase(workspace, postgres, ['app', 'other']);
    infra = await makeInfra(database);
  });
  afterAll(async () => {
    await postgres?.stop();
    await workspace?.remove();
  });

  /** A session whose client is lost: PostgreSQL does not know it yet. */
  async function lost(stack: string, application: string | undefined): Promise<void> {
    const way = await detour(postgres);
    onTestFinished(() => way.stop());
    const holding = await database.hold(stack, { url: way.url, ...(application === undefined ? {} : { application }) });
    await holding.kill();
    expect(await database.sql(KEYS)).not.toBe('');
  }

  test('nobody holds it: says so, and ends with 0', async () => {
    expect(await infra.json('stack', 'unlock', 'app')).toMatchObject({ exitStatus: 0, outcome: 'free', holders: [] });
  });

  test('a living tofu that infra started is named, and never ended: not by --yes, not by --force', async () => {
    const holding = await database.hold('app', { application: sessionName('app', 'aaaa0001') });
    for (const flags of [[], ['--yes'], ['--yes', '--force'], ['--dry-run']]) {
      expect(await infra.json('stack', 'unlock', 'app', ...flags)).toMatchObject({
        exitStatus: 4,
        outcome: 'held',
        released: [],
        error: { code: 'lock.holder-alive', message: expect.stringContaining('tester on') },
        holders: [{ place: 'postgres', lock: 'state', life: 'alive', who: expect.stringContaining('run aaaa0001') }],
      });
    }
    await holding.open();
    expect(await holding.ended).toBe(0);
    expect(await infra.json('stack', 'unlock', 'app')).toMatchObject({ exitStatus: 0, outcome: 'free' });
  });

  test('a living tofu that somebody started by hand here is known by its connection', async () => {
    const holding = await database.hold('app');
    expect(await infra.json('stack', 'unlock', 'app', '--yes', '--force')).toMatchObject({
      exitStatus: 4,
      error: { code: 'lock.holder-alive' },
      holders: [{ life: 'alive', evidence: [expect.stringMatching(/belongs to tofu, pid \d+/)] }],
    });
    await holding.open();
    expect(await holding.ended).toBe(0);
  });

  test('killed with its tofu, it holds nothing: PostgreSQL frees it at once', async () => {
    const holding = await database.hold('app', { application: sessionName('app', 'aaaa0002') });
    await holding.kill();
    await until('the lock to be free', async () => ((await database.sql(KEYS)) === '' ? true : undefined));
    expect(await infra.json('stack', 'unlock', 'app')).toMatchObject({ exitStatus: 0, outcome: 'free' });
  });

  test('killed without its tofu, the tofu still holds it, lives, and is left to end', async () => {
    const holding = await database.hold('app', { application: sessionName('app', 'aaaa0003'), behind: true });
    await holding.kill();
    expect(await infra.json('stack', 'unlock', 'app', '--yes')).toMatchObject({
      exitStatus: 4,
      error: { code: 'lock.holder-alive' },
      holders: [{ life: 'alive' }],
    });
    await holding.open();
    await until('the tofu to end', async () => ((await database.sql(KEYS)) === '' ? true : undefined));
    expect((await database.tofu('app', ['plan', '-input=false', '-detailed-exitcode'])).status).not.toBe(1);
  });

  test('lost by its client, on this machine, it is dead: asked first, then released and proved free', async () => {
    await lost('app', sessionName('app', 'aaaa0004'));
    expect(await infra.json('stack', 'unlock', 'app', '--dry-run')).toMatchObject({
      exitStatus: 0,
      outcome: 'would-release',
      holders: [{ life: 'dead' }],
    });
    expect(await infra.json('stack', 'unlock', 'app')).toMatchObject({
      exitStatus: 4,
      error: { code: 'lock.not-confirmed' },
    });
    expect((await database.tofu('app', ['plan', '-input=false'])).status).toBe(1);
    const document = await infra.json('stack', 'unlock', 'app', '--yes');
    expect(document).toMatchObject({ exitStatus: 0, outcome: 'released', after: [] });
    expect(document.released).toEqual([document.holders[0].id]);
    expect((await database.tofu('app', ['plan', '-input=false'])).status).toBe(0);
  });

  test('two unlocks of one dead holder, and somebody who waits: one releases, and whoever comes next is left alone', async () => {
    await lost('app', sessionName('app', 'aaaa0005'));
    const waiting = database.tofu('app', ['apply', '-auto-approve', '-input=false', '-lock-timeout=60s']);
    const ended = await Promise.all([
      infra.json('stack', 'unlock', 'app', '--yes'),
      infra.json('stack', 'unlock', 'app', '--yes'),
    ]);
    expect(ended.some(({ outcome }) => outcome === 'released')).toBe(true);
    expect(ended.every(({ exitStatus }) => [0, 4, 75].includes(exitStatus as number))).toBe(true);
    expect((await waiting).status).toBe(0);
  });

  test('lost on another machine, nothing tells: refused, and released only when its id is typed', async () => {
    await lost('app', sessionName('app', 'aaaa0006', 'far-away'));
    for (const flags of [['--yes'], ['--yes', '--force']]) {
      expect(await infra.json('stack', 'unlock', 'app', ...flags)).toMatchObject({
        exitStatus: 4,
        error: { code: 'lock.holder-unknown' },
        holders: [{ life: 'unknown', who: 'tester on far-away, run aaaa0006' }],
      });
    }
    const wrong = await typed(['stack', 'unlock', 'app', '--force'], () => 'backend-1');
    expect(wrong).toMatchObject({ status: 4 });
    expect(await database.sql(KEYS)).not.toBe('');
    const right = await typed(
      ['stack', 'unlock', 'app', '--force'],
      (screen) => /type (backend-\d+)/.exec(screen)?.[1] ?? '',
    );
    expect(right).toMatchObject({ status: 0 });
    expect(right.screen).toContain('app is free');
    expect(await database.sql(KEYS)).toBe('');
  });

  test('the lock for making a state: OpenTofu’s, one a schema, by the key that OpenTofu computes', async () => {
    const holding = await database.hold('fresh-tofu', { application: sessionName('fresh-tofu', 'aaaa0007') });
    expect(await database.sql(KEYS)).toBe(creationKey('fresh-tofu'));
    // It is nobody else's business.
    expect(await infra.json('stack', 'unlock', 'app')).toMatchObject({ outcome: 'free' });
    await holding.open();
    expect(await holding.ended).toBe(0);
  });

  test.skipIf(!existsSync('/usr/local/bin/terraform'))(
    'the lock for making a state: Terraform’s, which all stacks share, names the stack that is made',
    async () => {
      const holding = await database.hold('fresh-terraform', {
        program: 'terraform',
        application: sessionName('fresh-terraform', 'aaaa0008'),
      });
      expect(await infra.json('stack', 'unlock', 'app', '--yes')).toMatchObject({
        exitStatus: 4,
        holders: [
          {
            lock: 'creation',
            life: 'alive',
            evidence: expect.arrayContaining([expect.stringContaining('fresh-terraform')]),
          },
        ],
      });
      await holding.open();
      expect(await holding.ended).toBe(0);
    },
  );

  test('a state that this role may not read: 77, and it is not called free', async () => {
    await database.sql(
      "create role narrow login password 'narrow-password'; grant connect on database terraform_state to narrow",
    );
    const url = new URL(postgres.url);
    [url.username, url.password] = ['narrow', 'narrow-password'];
    const narrow = await makeInfra(database, { PG_CONN_STR: url.href });
    expect(await narrow.json('stack', 'unlock', 'app')).toMatchObject({
      exitStatus: 77,
      outcome: 'unknown',
      error: { code: 'lock.schema-hidden' },
    });
    // Another program's table of that name is no state.
    await database.sql('create schema elsewhere; create table elsewhere.states (code text)');
    expect(await infra.json('stack', 'unlock', 'app')).toMatchObject({ outcome: 'free' });
  });

  test('a session that this role may not see is not known to be dead, and never ended', async () => {
    const url = new URL(postgres.url);
    await database.sql(
      "create role peeker login password 'peeker-password'; grant usage on schema app to peeker; grant select on app.states to peeker",
    );
    [url.username, url.password] = ['peeker', 'peeker-password'];
    const holding = await database.hold('app', { application: sessionName('app', 'aaaa0010') });
    const peeker = await makeInfra(database, { PG_CONN_STR: url.href });
    expect(await peeker.json('stack', 'unlock', 'app', '--yes', '--force')).toMatchObject({
      exitStatus: 4,
      holders: [{ life: 'unknown', who: expect.stringContaining('run aaaa0010') }],
    });
    await holding.open();
    expect(await holding.ended).toBe(0);
  });

  test('a local state: the process that has it locked is named; what it leaves behind when killed locks nothing', async () => {
    const holding = await database.hold('vault', { local: join(database.dir, 'state/stacks/vault/terraform.tfstate') });
    expect(await infra.json('stack', 'unlock', 'vault', '--yes', '--force')).toMatchObject({
      exitStatus: 4,
      error: { code: 'lock.holder-alive' },
      holders: [
        { place: 'file', life: 'alive', evidence: [expect.stringMatching(/^tofu, pid \d+, works on the state/)] },
      ],
    });
    await holding.kill();
    const document = await infra.json('stack', 'unlock', 'vault');
    expect(document.holders).toMatchObject([{ place: 'file', life: 'dead', blocks: false }]);
    // There is no token for Vault: whether somebody has its lock is not known.
    expect(document).toMatchObject({ exitStatus: 77, outcome: 'unknown' });
  });

  test('a plan that is refused names the holder, not itself', async () => {
    const holding = await database.hold('app', { application: sessionName('app', 'aaaa0009', 'far-away') });
    const patient = await makeInfra(database, { TG_LOCK_TIMEOUT: '0s' });
    const document = await patient.json('stack', 'plan', 'app');
    expect(JSON.stringify(document)).toContain('locked by tester on far-away, run aaaa0009, since 2');
    await holding.open();
    expect(await holding.ended).toBe(0);
  });

  test('a database that does not answer: 69, and nothing is called free', async () => {
    const deaf = await makeInfra(database, {
      PG_CONN_STR: 'postgres://tf:x@127.0.0.1:9/terraform_state?sslmode=disable',
    });
    const document = await deaf.json('stack', 'unlock', 'app');
    expect(document).toMatchObject({ exitStatus: 69, outcome: 'unknown', error: { code: 'postgres.unreachable' } });
    expect(document.lookedAt).toContainEqual(expect.objectContaining({ place: 'postgres', state: 'unknown' }));
  });

  /** infra on a terminal of its own, made by script(1); answers the question about the holder. */
  async function typed(args: readonly string[], answer: (screen: string) => string) {
    const words = [process.execPath, infra.program, ...args].map((word) => `'${word}'`).join(' ');
    const child = spawn('/usr/bin/script', ['-qec', `exec ${words}`, '/dev/null'], {
      env: { ...infra.env, TERM: 'xterm', SHELL: '/bin/sh', COLUMNS: '200' },
      cwd: database.dir,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let screen = '';
    let isAnswered = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      screen += chunk;
      if (isAnswered || !/type backend-\d+/.test(screen)) return;
      isAnswered = true;
      child.stdin.write(`${answer(screen)}\r`);
    });
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { status, screen };
  }
});
