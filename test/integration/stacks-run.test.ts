import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProcessIdentity } from '../../src/lib/clients/process/client.ts';
import { applyStack } from '../../src/lib/stacks/run/apply-stack.ts';
import { finishStack, planStack } from '../../src/lib/stacks/run/plan-stack.ts';
import { takeRunLock } from '../../src/lib/stacks/run/run-lock.ts';
import { EXPIRY_MS, takeVaultLock } from '../../src/lib/stacks/tier0/vault-lock.ts';
import { writeTree } from '../unit/stacks/support/tree.ts';
import { makeWorld, type World } from '../unit/stacks/support/world.ts';

const DEAD: ProcessIdentity = { pid: 1, startedAt: 'another boot', host: '' };

async function deadIdentity(world: World): Promise<ProcessIdentity> {
  return { ...DEAD, host: (await world.deps.clients.processes.self()).host };
}

async function calls(
  world: World,
): Promise<readonly { verb: string; args: readonly string[]; app: string; pg: string }[]> {
  const text = await readFile(join(world.root, 'calls.log'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** A real child that is alive until the test lets it go. */
async function liveChild(world: World): Promise<{ identity: ProcessIdentity; end: () => void }> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const started = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  const self = await world.deps.clients.processes.self();
  // The identity that the client itself gives to its own process shows the form of `startedAt`.
  const ownTicks = (await readFile(`/proc/${self.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19] ?? '';
  const ticks = started.split(') ')[1]?.split(' ')[19] ?? '';
  const identity = { pid: child.pid ?? 0, startedAt: self.startedAt.replace(ownTicks, ticks), host: self.host };
  expect(await world.deps.clients.processes.liveness(identity)).toBe('alive');
  return { identity, end: () => child.kill('SIGKILL') };
}

describe('a Tier-1 stack', () => {
  it('gets its connection from Vault as a secret, and names stack, user, host and run to the database', async () => {
    const world = await makeWorld({ pgAddress: '127.0.0.1:15432/terraform_state?sslmode=disable' });
    world.vault.paths.set('database/static-creds/pg-terraform-state', { username: 'tf', password: 'p@ss/w:rd' });
    const stack = world.stack('rbac', 1);
    const plan = await planStack(world.deps, stack, world.run);
    expect(await applyStack(world.deps, plan, stack, world.run)).toMatchObject({
      state: undefined,
      counts: { create: 1 },
    });
    for (const call of await calls(world)) {
      expect(call.pg).toBe('set');
      expect(call.app).toMatch(/^infra stack=rbac user=tester host=\S+ run=r1$/);
      expect(JSON.stringify(call.args)).not.toContain('p@ss');
    }
    await finishStack(world.deps, plan);
    expect(await readdir(join(world.deps.stateFolder, 'plans'))).toEqual([]);
    expect(world.git('log', '--oneline').trim().split('\n')).toHaveLength(1);
  });

  it('says which credentials are missing before anything runs', async () => {
    const world = await makeWorld({ pgAddress: '127.0.0.1:15432/x' });
    await expect(planStack(world.deps, world.stack('rbac', 1), world.run)).rejects.toMatchObject({
      code: 'stack.no-pg-credentials',
      status: 'denied',
    });
    expect(existsSync(join(world.root, 'calls.log'))).toBe(false);
  });

  it.each([
    [{ locked: true }, { code: 'stack.locked', status: 'busy', nothingChanged: true }],
    [
      { planFails: true },
      {
        code: 'stack.plan-failed',
        status: 'fail',
        nothingChanged: true,
        message: expect.stringContaining('Missing map element'),
      },
    ],
  ])('tells a held lock from a plan that cannot be made: %o', async (behaviour, expected) => {
    const world = await makeWorld();
    const deps = { ...world.deps, env: { ...world.deps.env, PG_CONN_STR: 'postgres://x' } };
    await writeFile(join(world.root, 'stacks/rbac/behaviour.json'), JSON.stringify(behaviour));
    await expect(planStack(deps, world.stack('rbac', 1), world.run)).rejects.toMatchObject(expected);
    expect(await readdir(join(world.deps.stateFolder, 'plans'))).toEqual([]);
  });
});

describe('stacks.run: wrapper', () => {
  it('plans and applies through the wrapper, the lock timeout by environment, and leaves the state to it', async () => {
    const world = await makeWorld({ run: 'wrapper' });
    const wrapper = join(world.root, 'scripts/tg');
    await world.deps.clients.files.makeFolder(join(world.root, 'scripts'), 0o755);
    await writeFile(
      wrapper,
      '#!/bin/sh\necho "tg: $TF_CLI_ARGS_apply" >> "$(git rev-parse --show-toplevel)/tg.log"\necho not json\nexec terragrunt "$@"\n',
    );
    await chmod(wrapper, 0o755);
    const stack = world.stack('vault', 0);
    const plan = await planStack(world.deps, stack, world.run);
    expect(await applyStack(world.deps, plan, stack, world.run)).toMatchObject({ state: undefined });
    expect(await readFile(join(world.root, 'tg.log'), 'utf8')).toContain('tg: -lock-timeout=5m');
    const apply = (await calls(world)).find(({ verb }) => verb === 'apply');
    expect(apply?.args.at(-1)).toBe(plan.file);
    expect(existsSync(join(world.root, 'state/stacks/vault/terraform.tfstate.enc'))).toBe(false);
  });
});

describe('the lock file of a run', () => {
  const request = (world: World, more: object = {}) => ({
    stateFolder: world.deps.stateFolder,
    siteRoot: world.root,
    target: 'user-alice',
    run: 'r2',
    waitMs: 0,
    interrupt: world.interrupt.signal,
    ...more,
  });

  it('excludes a second run while infra lives, naming it, and is free after release', async () => {
    const world = await makeWorld();
    const lock = await takeRunLock(world.deps.clients, request(world, { run: 'r1' }));
    await expect(takeRunLock(world.deps.clients, request(world))).rejects.toMatchObject({
      code: 'run.locked',
      status: 'busy',
      message: expect.stringContaining('run r1'),
    });
    await lock.release();
    const next = await takeRunLock(world.deps.clients, request(world));
    expect(next.previous).toBeUndefined();
  });

  it('waits for the living child of a dead infra, and takes over with the evidence when it has ended', async () => {
    const world = await makeWorld();
    const { identity, end } = await liveChild(world);
    const lock = await takeRunLock(world.deps.clients, request(world, { run: 'killed' }));
    await lock.setChild(identity);
    const [file = ''] = await readdir(join(world.deps.stateFolder, 'locks'));
    const path = join(world.deps.stateFolder, 'locks', file);
    const holder = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...holder, infra: await deadIdentity(world) }));
    let waited = '';
    const taken = takeRunLock(
      world.deps.clients,
      request(world, {
        onWait: (text: string) => {
          waited = text;
          end();
        },
      }),
    );
    expect((await taken).previous).toMatchObject({ run: 'killed', child: identity });
    expect(waited).toContain(`waiting for pid ${identity.pid}, which run killed left`);
  });

  it('counts a holder on another host as alive: it cannot be judged', async () => {
    const world = await makeWorld();
    await takeRunLock(world.deps.clients, request(world, { run: 'elsewhere' }));
    const [file = ''] = await readdir(join(world.deps.stateFolder, 'locks'));
    const path = join(world.deps.stateFolder, 'locks', file);
    await writeFile(path, JSON.stringify({ run: 'elsewhere', infra: { ...DEAD, host: 'other-host' } }));
    await expect(takeRunLock(world.deps.clients, request(world))).rejects.toMatchObject({ code: 'run.locked' });
  });

  it('is taken over by exactly one of many that see a dead holder at once', async () => {
    const world = await makeWorld();
    const path = join(world.deps.stateFolder, 'locks');
    await takeRunLock(world.deps.clients, request(world));
    const [file = ''] = await readdir(path);
    await writeFile(join(path, file), JSON.stringify({ run: 'dead', infra: await deadIdentity(world) }));
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, () => takeRunLock(world.deps.clients, request(world))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(path)).toEqual([file]);
  });

  it('is not taken from a successor who was quicker: what was judged dead must still be there', async () => {
    const world = await makeWorld();
    const path = join(world.deps.stateFolder, 'locks');
    await takeRunLock(world.deps.clients, request(world));
    const [file = ''] = await readdir(path);
    await writeFile(join(path, file), JSON.stringify({ run: 'dead', infra: await deadIdentity(world) }));
    const { files } = world.deps.clients;
    let isFirst = true;
    const slow = {
      ...files,
      async createExclusive(target: string, content: string, mode: number) {
        if (target.endsWith('.taking') && isFirst) {
          isFirst = false;
          await takeRunLock(world.deps.clients, request(world, { run: 'quicker' }));
        }
        return files.createExclusive(target, content, mode);
      },
    };
    const late = takeRunLock({ ...world.deps.clients, files: slow }, request(world, { run: 'late' }));
    await expect(late).rejects.toMatchObject({ code: 'run.locked', message: expect.stringContaining('run quicker') });
  });

  it('removes the plan of a killed run, and keeps that of a living one', async () => {
    const world = await makeWorld();
    const stack = world.stack('vault');
    const dead = await planStack(world.deps, stack, world.run);
    const living = await planStack(world.deps, stack, world.run);
    await writeFile(join(dead.file, '../owner.json'), JSON.stringify(await deadIdentity(world)));
    await planStack(world.deps, stack, world.run);
    expect(existsSync(dead.file)).toBe(false);
    expect(existsSync(living.file)).toBe(true);
  });
});

describe('the advisory lock in Vault', () => {
  const path = 'secret/locks/vault';

  it('names the holder by compare-and-set, refuses a second one, and is released by its holder', async () => {
    const world = await makeWorld();
    const lock = await takeVaultLock(world.deps, 'vault');
    expect(world.vault.secrets.get(path)?.data).toMatchObject({ holder: { user: 'tester', run: 'r1' } });
    await expect(takeVaultLock({ ...world.deps, runId: 'r2' }, 'vault')).rejects.toMatchObject({
      code: 'stack.locked',
      status: 'busy',
      message: expect.stringMatching(/tester on .*run r1/),
    });
    await lock.release();
    expect(world.vault.secrets.get(path)?.data).toEqual({});
    await (await takeVaultLock(world.deps, 'vault')).release();
  });

  it('is taken from a dead holder of this machine, not while its child lives', async () => {
    const world = await makeWorld();
    const { identity, end } = await liveChild(world);
    const holder = {
      infra: await deadIdentity(world),
      user: 'x',
      run: 'old',
      renewedAt: new Date().toISOString(),
      child: identity,
    };
    world.vault.secrets.set(path, { version: 3, data: { holder } });
    await expect(takeVaultLock(world.deps, 'vault')).rejects.toMatchObject({ code: 'stack.locked' });
    end();
    await expect.poll(() => world.deps.clients.processes.liveness(identity)).toBe('dead');
    await (await takeVaultLock(world.deps, 'vault')).release();
  });

  it('is taken from a holder elsewhere only after it has missed its heartbeats', async () => {
    const world = await makeWorld();
    const holder = (ageMs: number) => ({
      infra: { ...DEAD, host: 'other' },
      user: 'x',
      run: 'old',
      renewedAt: new Date(Date.now() - ageMs).toISOString(),
    });
    world.vault.secrets.set(path, { version: 1, data: { holder: holder(EXPIRY_MS - 60_000) } });
    await expect(takeVaultLock(world.deps, 'vault')).rejects.toMatchObject({ code: 'stack.locked' });
    world.vault.secrets.set(path, { version: 1, data: { holder: holder(EXPIRY_MS + 60_000) } });
    await (await takeVaultLock(world.deps, 'vault')).release();
  });

  it('stops the apply when another program holds it, before anything has changed', async () => {
    const world = await makeWorld();
    const stack = world.stack('vault');
    const plan = await planStack(world.deps, stack, world.run);
    world.vault.secrets.set(path, { version: 1, data: { locked_by: 'somebody' } });
    await expect(applyStack(world.deps, plan, stack, world.run)).rejects.toMatchObject({
      code: 'stack.locked',
      nothingChanged: true,
    });
    expect((await calls(world)).some(({ verb }) => verb === 'apply')).toBe(false);
  });

  it('is a warning, not silence, where the token may not write locks', async () => {
    const world = await makeWorld();
    const stack = world.stack('vault');
    const plan = await planStack(world.deps, stack, world.run);
    world.vault.denied = true;
    const { findings } = await applyStack(world.deps, plan, stack, world.run);
    expect(findings).toMatchObject([{ verdict: 'WARN', id: 'stack.vault-lock' }]);
  });
});

describe('what terragrunt leaves behind', () => {
  const CONNECTION = 'postgres://tf:canary-password@127.0.0.1/x';
  const BACKEND = `# Generated by Terragrunt. Sig: x\nterraform {\n  backend "pg" {\n    conn_str = "${CONNECTION}"\n  }\n}\n`;

  it('keeps no password of the database and no copy of a readable state, in the unit or in its cache', async () => {
    const world = await makeWorld();
    const stack = world.stack('vault');
    const cache = 'stacks/vault/.terragrunt-cache/a/b';
    const record = JSON.stringify({ backend: { type: 'pg', config: { conn_str: CONNECTION } } }, null, 1);
    await writeTree(world.root, {
      'stacks/vault/backend.tf': BACKEND,
      'stacks/vault/.terraform/terraform.tfstate': record,
      [`${cache}/stacks/vault/backend.tf`]: BACKEND,
      [`${cache}/stacks/vault/.terraform/terraform.tfstate`]: record,
      [`${cache}/state/stacks/vault/terraform.tfstate`]: '{"canary-state":1}',
      [`${cache}/stacks/vault/main.tf`]: '',
    });
    const plan = await planStack(world.deps, stack, world.run);
    await applyStack(world.deps, plan, stack, world.run);
    await finishStack(world.deps, plan);
    const left = await readdir(stack.folder, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      left.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(texts.join()).not.toContain('canary');
    expect(existsSync(join(world.root, cache, 'stacks/vault/main.tf'))).toBe(true);
  });

  it('leaves a backend.tf alone that somebody wrote by hand', async () => {
    const world = await makeWorld();
    const own = 'terraform {\n  backend "pg" {\n    conn_str = var.x\n  }\n}\n';
    await writeTree(world.root, { 'stacks/vault/backend.tf': own });
    await finishStack(world.deps, await planStack(world.deps, world.stack('vault'), world.run));
    expect(await readFile(join(world.root, 'stacks/vault/backend.tf'), 'utf8')).toBe(own);
  });

  it('notices a state that the unit keeps somewhere else', async () => {
    const world = await makeWorld();
    const stack = world.stack('vault');
    await writeFile(join(stack.folder, 'behaviour.json'), JSON.stringify({ elsewhere: true }));
    const plan = await planStack(world.deps, stack, world.run);
    await expect(applyStack(world.deps, plan, stack, world.run)).rejects.toMatchObject({
      code: 'stack.state-elsewhere',
      status: 'incomplete',
    });
  });
});
