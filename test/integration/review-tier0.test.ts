import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InfraError } from '../../src/lib/errors.ts';
import { assertTier0Ready } from '../../src/lib/stacks/preflight/tier0.ts';
import { applyStack } from '../../src/lib/stacks/run/apply-stack.ts';
import { finishStack, planStack } from '../../src/lib/stacks/run/plan-stack.ts';
import { markPending } from '../../src/lib/stacks/tier0/pending.ts';
import { makeWorld, type World } from '../unit/stacks/support/world.ts';

const plain = (world: World): string => join(world.root, 'state/stacks/vault/terraform.tfstate');
const behave = (world: World, behaviour: object): Promise<void> =>
  writeFile(join(world.root, 'stacks/vault/behaviour.json'), JSON.stringify(behaviour));
const heads = (world: World): readonly string[] => [
  world.git('rev-parse', 'HEAD').trim(),
  execFileSync('git', ['-C', world.origin, 'rev-parse', 'main'], { encoding: 'utf8' }).trim(),
];

/** Somebody pushes a change of one file from a clone of their own. */
async function pushElsewhere(world: World, file: string): Promise<void> {
  const other = join(world.folder, 'other');
  if (!existsSync(other)) execFileSync('git', ['clone', '-q', world.origin, other]);
  await writeFile(join(other, file), 'x');
  for (const args of [
    ['add', '.'],
    ['commit', '-q', '-m', 'x'],
    ['push', '-q'],
  ])
    execFileSync('git', ['-c', 'user.name=o', '-c', 'user.email=o@example.com', '-C', other, ...args]);
}

async function apply(world: World) {
  const stack = world.stack('vault');
  const plan = await planStack(world.deps, stack, world.run);
  return applyStack(world.deps, plan, stack, world.run).finally(() => finishStack(world.deps, plan));
}

describe('a clone that lacks commits of its upstream', () => {
  it('is refused before anything is planned, whatever they changed, because its state could not be pushed', async () => {
    const world = await makeWorld();
    await pushElsewhere(world, 'README.md');
    const refusal = { code: 'stack.behind-upstream', status: 'refused', message: expect.stringContaining('push') };
    await expect(assertTier0Ready(world.deps, [world.stack('vault')])).rejects.toMatchObject(refusal);
    await expect(apply(world)).rejects.toMatchObject(refusal);
    expect(existsSync(join(world.root, 'calls.log'))).toBe(false);
    world.git('pull', '-q', '--rebase');
    expect(await apply(world)).toMatchObject({ state: 'pushed' });
  });

  it('does where nothing is pushed and they changed something else', async () => {
    const world = await makeWorld({ push: false });
    await pushElsewhere(world, 'README.md');
    expect(await apply(world)).toMatchObject({ state: 'committed' });
  });
});

describe('a clone in the middle of something', () => {
  it('is refused before anything is planned, because the state could not be committed', async () => {
    const world = await makeWorld();
    world.git('update-ref', 'MERGE_HEAD', 'HEAD');
    await expect(assertTier0Ready(world.deps, [world.stack('vault')])).rejects.toMatchObject({
      code: 'stack.git-underway',
      status: 'refused',
      hints: ['git merge --continue, or git merge --abort'],
    });
  });
});

describe('a dry run', () => {
  const dryRun = (world: World) => ({ ...world.run, dryRun: true });
  const look = async (world: World) => {
    const plan = await planStack(world.deps, world.stack('vault'), dryRun(world));
    await finishStack(world.deps, plan);
    return plan;
  };

  it('saves no state that a killed run left, plans with it, and leaves it for the run that may save it', async () => {
    const world = await makeWorld();
    await apply(world);
    const before = heads(world);
    const lineage = 'lineage-vault';
    await writeFile(plain(world), JSON.stringify({ version: 4, serial: 7, lineage, resources: [] }), { mode: 0o600 });
    await markPending(world.deps, 'vault', undefined);
    expect((await look(world)).summary.priorResources).toBe(0);
    expect(heads(world)).toEqual(before);
    expect(await readFile(plain(world), 'utf8')).toContain('"serial":7');
    await finishStack(world.deps, await planStack(world.deps, world.stack('vault'), world.run));
    expect(heads(world)[0]).not.toBe(before[0]);
    expect(heads(world)[1]).toBe(heads(world)[0]);
    expect(existsSync(plain(world))).toBe(false);
  });

  it('neither commits nor pushes an encrypted state that a killed run left', async () => {
    const world = await makeWorld({ push: false });
    await apply(world);
    world.git('reset', '-q', '--soft', 'HEAD~1');
    await markPending(world.deps, 'vault', undefined);
    const [local] = heads(world);
    await look(world);
    expect(heads(world)[0]).toBe(local);
    expect(world.git('status', '--porcelain')).toContain('terraform.tfstate.enc');
  });

  it('leaves the marker and the lock of a killed run alone', async () => {
    const world = await makeWorld();
    await apply(world);
    await markPending(world.deps, 'vault', undefined);
    const dead = { pid: 1, startedAt: 'another boot', host: (await world.deps.clients.processes.self()).host };
    const holder = { infra: dead, user: 'x', run: 'r0', renewedAt: new Date().toISOString() };
    const held = { version: 9, data: { holder } };
    world.vault.secrets.set('secret/locks/vault', held);
    await look(world);
    expect(world.vault.secrets.get('secret/locks/vault')).toEqual(held);
    expect(await readdir(join(world.deps.stateFolder, 'tier0'))).toHaveLength(1);
    await finishStack(world.deps, await planStack(world.deps, world.stack('vault'), world.run));
    expect(world.vault.secrets.get('secret/locks/vault')?.data).toEqual({});
    expect(await readdir(join(world.deps.stateFolder, 'tier0'))).toEqual([]);
  });

  it('does not push a state that was committed only', async () => {
    const world = await makeWorld();
    world.git('remote', 'set-url', '--push', 'origin', join(world.folder, 'nowhere'));
    await expect(apply(world)).rejects.toMatchObject({ code: 'stack.state-not-pushed' });
    world.git('remote', 'set-url', '--push', 'origin', world.origin);
    const before = heads(world);
    expect(before[0]).not.toBe(before[1]);
    await look(world);
    expect(heads(world)).toEqual(before);
    await behave(world, { none: true });
    await finishStack(world.deps, await planStack(world.deps, world.stack('vault'), world.run));
    expect(heads(world)[1]).toBe(heads(world)[0]);
  });
});

it('a copy of a readable state that a killed run was just writing does not stay', async () => {
  const world = await makeWorld();
  await apply(world);
  const half = join(dirname(plain(world)), '.terraform.tfstate.0123456789ab.tmp');
  await writeFile(half, '{"resources":["in clear"]}', { mode: 0o600 });
  await finishStack(world.deps, await planStack(world.deps, world.stack('vault'), world.run));
  expect(await readdir(dirname(plain(world)))).toEqual(['terraform.tfstate.enc']);
});

describe('the repository’s wrapper', () => {
  const inPipeline = (world: World) => ({ ...world.deps, env: { ...world.deps.env, CI: 'woodpecker' } });

  it('is not run in a checkout that is thrown away, unless the site says that it pushes', async () => {
    const world = await makeWorld({ run: 'wrapper', push: 'default' });
    const stacks = [world.stack('vault')];
    await expect(assertTier0Ready(inPipeline(world), stacks)).rejects.toMatchObject({
      code: 'stack.ephemeral-checkout',
      message: expect.stringContaining('scripts/tg is not known to push'),
    });
    expect(await assertTier0Ready(world.deps, stacks)).toBeUndefined();
    const pushing = await makeWorld({ run: 'wrapper', push: true });
    expect(await assertTier0Ready(inPipeline(pushing), [pushing.stack('vault')])).toBeUndefined();
  });

  it('is not run in a clone that lacks somebody’s state', async () => {
    const world = await makeWorld({ run: 'wrapper' });
    await pushElsewhere(world, 'stacks/vault/main.tf');
    await expect(assertTier0Ready(world.deps, [world.stack('vault')])).rejects.toMatchObject({
      code: 'stack.behind-upstream',
    });
  });
});

it('a push that lost against another run in the same clone is fine when that one took the commit along', async () => {
  const world = await makeWorld();
  const { git } = world.deps.clients;
  const stack = world.stack('vault');
  const plan = await planStack(world.deps, stack, world.run);
  const push: typeof git.push = async () => {
    world.git('push', '-q', 'origin', 'HEAD:main');
    throw new InfraError('git.rejected', 'busy', 'cannot lock ref');
  };
  const deps = { ...world.deps, clients: { ...world.deps.clients, git: { ...git, push } } };
  expect(await applyStack(deps, plan, stack, world.run)).toMatchObject({ state: 'pushed' });
  await finishStack(world.deps, plan);
});
