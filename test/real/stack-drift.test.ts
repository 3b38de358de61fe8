import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Infra, makeInfra } from './harness/infra.ts';
import { type Postgres, startPostgres } from './harness/postgres.ts';
import { must } from './harness/run.ts';
import { makeStateDatabase, type StateDatabase, sessionName } from './harness/state-database.ts';
import { skipReason } from './harness/tools.ts';
import { makeWorkspace, type Workspace } from './harness/workspace.ts';

const reason = skipReason('tofu', 'terragrunt-1.1.0', 'postgres', 'initdb', 'psql', 'git');
if (reason !== undefined) console.warn(`stack-drift.test.ts is skipped: ${reason}`);

describe.skipIf(reason !== undefined)('infra stack drift, with terragrunt, tofu and a real pg backend', () => {
  let workspace: Workspace;
  let postgres: Postgres;
  let database: StateDatabase;
  let infra: Infra;
  let colleague: string;

  beforeAll(async () => {
    workspace = await makeWorkspace('drift');
    postgres = await startPostgres();
    database = await makeStateDatabase(workspace, postgres, ['app', 'other']);
    infra = await makeInfra(database);
    const origin = join(workspace.dir, 'origin.git');
    colleague = join(workspace.dir, 'colleague');
    await git(database.dir, 'clone', '-q', '--bare', database.dir, origin);
    await git(database.dir, 'remote', 'add', 'origin', origin);
    await git(database.dir, 'fetch', '-q', 'origin');
    await git(database.dir, 'branch', '-q', '--set-upstream-to=origin/master');
    await git(workspace.dir, 'clone', '-q', origin, colleague);
  });
  afterAll(async () => {
    await postgres?.stop();
    await workspace?.remove();
  });

  const git = (cwd: string, ...args: string[]): Promise<string> =>
    must('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.test', ...args], { cwd, env: database.env });

  /** A colleague changes what a stack declares, and pushes. */
  async function push(stack: string, value: string): Promise<void> {
    const file = join(colleague, 'stacks', stack, 'main.tf');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/input = .*/, `input = "${value}"`));
    await git(colleague, 'commit', '-qam', `Set ${stack} to ${value}`);
    await git(colleague, 'push', '-q');
  }
  const applyElsewhere = (stack: string): Promise<string> =>
    must(join(database.env.PATH ?? '', 'terragrunt'), ['apply', '-auto-approve', '-input=false', '--non-interactive'], {
      cwd: join(colleague, 'stacks', stack),
      env: database.env,
    });

  /** Everything below infra's state folder that could hold a plan or a second working tree. */
  async function left(): Promise<readonly string[]> {
    const state = join(infra.env.XDG_STATE_HOME ?? '', 'infra');
    const folders = ['plans', 'trees'].map((name) => join(state, name)).filter((path) => existsSync(path));
    return (await Promise.all(folders.map((path) => readdir(path)))).flat();
  }

  test('clean, also while somebody holds the lock; a Pushgateway is told every stack', async () => {
    const got: string[] = [];
    const gateway = createServer((request, response) => {
      void text(request).then((said) => {
        if (request.method === 'POST') got.push(request.url ?? '', said);
        response.writeHead(200).end(request.method === 'GET' ? '{"status":"success","data":[]}' : '');
      });
    });
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void gateway.close());
    const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    const holding = await database.hold('other', { application: sessionName('other', 'bbbb0001', 'far-away') });
    const document = await infra.json('stack', 'drift', '--all', '--exit-code', '--push-gateway', url);
    // vault is Tier 0 here, and was never applied.
    const states = Object.fromEntries(
      document.stacks.map(({ stack, state }: { stack: string; state: string }) => [stack, state]),
    );
    expect(states).toMatchObject({ app: 'clean' });
    expect(states.other).not.toBe('failed');
    expect(got[0]).toBe('/metrics/job/drift-detection');
    const words = { clean: 0, failed: 1, drift: 2 } as Readonly<Record<string, number>>;
    for (const [name, state] of Object.entries(states))
      expect(got[1]).toContain(`drift_stack_state{stack="${name}"} ${words[String(state)]}\n`);
    expect(got[1]).toMatch(/^drift_detection_last_run_timestamp \d+$/m);
    await holding.open();
    expect(await holding.ended).toBe(0);
    expect(await left()).toEqual([]);
  });

  test('a checkout that is behind what somebody has applied shows no drift: the newest commit is planned', async () => {
    await push('app', 'two');
    await applyElsewhere('app');
    const before = await git(database.dir, 'rev-parse', 'HEAD');
    const document = await infra.json('stack', 'drift', 'app', '--exit-code');
    expect(document).toMatchObject({
      exitStatus: 0,
      secondLookAt: (await git(colleague, 'rev-parse', 'HEAD')).trim(),
      stacks: [{ stack: 'app', state: 'settled', changes: [] }],
    });
    expect(await git(database.dir, 'rev-parse', 'HEAD')).toBe(before);
    expect((await git(database.dir, 'worktree', 'list')).trim().split('\n')).toHaveLength(1);
    expect(await left()).toEqual([]);
  });

  test('a commit that nobody applied is drift, and is named as its reason', async () => {
    await push('app', 'three');
    await git(database.dir, 'pull', '-q', '--ff-only');
    const document = await infra.json('stack', 'drift', 'app', '--exit-code');
    expect(document).toMatchObject({
      exitStatus: 1,
      groups: [
        {
          class: 'update',
          what: 'terraform_data.x',
          stacks: ['app'],
          explanation: { title: 'Set app to three', path: 'stacks/app/main.tf' },
        },
      ],
    });
    expect(JSON.stringify(document)).not.toContain(postgres.password);
    expect(await left()).toEqual([]);
    await applyElsewhere('app');
    expect(await infra.json('stack', 'drift', 'app', '--exit-code')).toMatchObject({
      exitStatus: 0,
      stacks: [{ state: 'clean' }],
    });
  });

  test('a state that cannot be read is no drift, and not clean', async () => {
    const deaf = await makeInfra(database, {
      PG_CONN_STR: 'postgres://tf:x@127.0.0.1:9/terraform_state?sslmode=disable',
    });
    const document = await deaf.json('stack', 'drift', 'app', '--exit-code');
    expect(document).toMatchObject({ exitStatus: 2, stacks: [{ state: 'failed', changes: [] }], groups: [] });
  });

  test('stack list names who holds a lock of the pg backend', async () => {
    const holding = await database.hold('other', { application: sessionName('other', 'bbbb0002', 'far-away') });
    const listed = (await infra.json('stack', 'list')).stacks as readonly { name: string; lock?: object }[];
    expect(listed.find(({ name }) => name === 'other')?.lock).toMatchObject({
      state: 'held',
      by: 'tester on far-away, run bbbb0002',
    });
    expect(listed.find(({ name }) => name === 'app')?.lock).toMatchObject({ state: 'free' });
    await holding.open();
    expect(await holding.ended).toBe(0);
  });
});
