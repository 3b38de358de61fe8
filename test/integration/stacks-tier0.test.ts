import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InfraError } from '../../src/lib/errors.ts';
import { applyStack } from '../../src/lib/stacks/run/apply-stack.ts';
import { finishStack, planStack } from '../../src/lib/stacks/run/plan-stack.ts';
import { markPending } from '../../src/lib/stacks/tier0/pending.ts';
import { makeWorld, type World } from '../unit/stacks/support/world.ts';

const behave = (world: World, behaviour: object): Promise<void> =>
  writeFile(join(world.root, 'stacks/vault/behaviour.json'), JSON.stringify(behaviour));

const plain = (world: World): string => join(world.root, 'state/stacks/vault/terraform.tfstate');

/** Serial of the state that the remote holds. */
function serialOnRemote(world: World): number {
  const text = execFileSync('git', ['-C', world.origin, 'show', 'main:state/stacks/vault/terraform.tfstate.enc'], {
    encoding: 'utf8',
  });
  const { data } = JSON.parse(text) as { data: string };
  return (JSON.parse(Buffer.from(data, 'base64').toString()) as { serial: number }).serial;
}

async function apply(world: World) {
  const stack = world.stack('vault');
  const plan = await planStack(world.deps, stack, world.run);
  return applyStack(world.deps, plan, stack, world.run).finally(() => finishStack(world.deps, plan));
}

/** Types a printed command, whatever comes of it. */
async function typed(world: World, command: string): Promise<void> {
  await world.deps.clients.processes.run({ program: 'sh', args: ['-c', command], cwd: world.root });
}

/** Types every printed command one after the other, each whatever became of the one before. */
async function typeHints(world: World, error: InfraError): Promise<void> {
  const commands = error.hints.flatMap((hint) => /^(?:By hand: )?((?:cd|git|sops) .*)$/.exec(hint)?.[1] ?? []);
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) await typed(world, command);
}

describe('a Tier-0 stack', () => {
  it('is planned and applied, and its state is committed alone, pushed, and no longer readable', async () => {
    const world = await makeWorld();
    await writeFile(join(world.root, 'other'), 'staged by somebody');
    world.git('add', 'other');
    expect(await apply(world)).toMatchObject({ state: 'pushed', counts: { create: 1 }, findings: [] });
    expect(serialOnRemote(world)).toBe(1);
    expect(world.git('show', '--stat', '--format=%s', 'HEAD')).toContain('state(vault): update encrypted state');
    expect(world.git('show', '--name-only', '--format=', 'HEAD').trim()).toBe(
      'state/stacks/vault/terraform.tfstate.enc',
    );
    expect(world.git('diff', '--cached', '--name-only').trim()).toBe('other');
    expect(existsSync(plain(world))).toBe(false);
    expect(world.notes.map(({ event }) => event)).toEqual(['child-started', 'child-ended', 'state-committed']);
    expect(world.vault.secrets.get('secret/locks/vault')?.data).toEqual({});
    expect(await readdir(join(world.deps.stateFolder, 'plans'))).toEqual([]);
    expect(await readdir(join(world.deps.stateFolder, 'locks'))).toEqual([]);
  });

  it('makes no commit and leaves nothing readable when only planned, or when nothing changed', async () => {
    const world = await makeWorld();
    await apply(world);
    const head = world.git('rev-parse', 'HEAD');
    await behave(world, { none: true });
    const plan = await planStack(world.deps, world.stack('vault'), world.run);
    expect(plan).toMatchObject({ outcome: 'no-changes', summary: { priorResources: 1 } });
    expect(existsSync(plain(world))).toBe(false);
    expect((await stat(plan.file)).isFile()).toBe(true);
    expect((await stat(join(plan.file, '..'))).mode & 0o777).toBe(0o700);
    await finishStack(world.deps, plan);
    expect(existsSync(plan.file)).toBe(false);
    expect(world.git('rev-parse', 'HEAD')).toBe(head);
  });

  it('has its state saved when the apply fails, and the failure is what is reported', async () => {
    const world = await makeWorld();
    await behave(world, { fail: true });
    await expect(apply(world)).rejects.toMatchObject({
      code: 'stack.apply-failed',
      status: 'fail',
      message: expect.stringContaining('already exists'),
    });
    expect(serialOnRemote(world)).toBe(1);
    expect(existsSync(plain(world))).toBe(false);
  });

  it('keeps its state readable for the owner only when Vault was sealed by the apply, and saves it the next time', async () => {
    const world = await makeWorld();
    await behave(world, { seal: join(world.bin, 'sealed') });
    await expect(apply(world)).rejects.toMatchObject({
      code: 'stack.state-not-encrypted',
      status: 'incomplete',
      message: expect.stringContaining('Vault is sealed'),
    });
    expect((await stat(plain(world))).mode & 0o777).toBe(0o600);
    await rm(join(world.bin, 'sealed'));
    await behave(world, { none: true });
    const plan = await planStack(world.deps, world.stack('vault'), world.run);
    expect(plan.summary.priorResources).toBe(1);
    expect(serialOnRemote(world)).toBe(1);
    expect(existsSync(plain(world))).toBe(false);
  });

  it('is not harmed by the printed way out while Vault is still sealed, and brought home by it afterwards', async () => {
    const world = await makeWorld();
    await apply(world);
    const encrypted = await readFile(`${plain(world)}.enc`);
    const head = world.git('rev-parse', 'HEAD');
    await behave(world, { seal: join(world.bin, 'sealed') });
    const error = await apply(world).catch((caught: unknown) => caught as InfraError);
    // The apply sealed Vault after it had been asked for its lock: the state of the second apply is readable only.
    expect(error).toMatchObject({ code: 'stack.state-not-encrypted' });
    await typeHints(world, error as InfraError);
    expect(await readFile(`${plain(world)}.enc`)).toEqual(encrypted);
    expect(world.git('rev-parse', 'HEAD')).toBe(head);
    await rm(join(world.bin, 'sealed'));
    await typeHints(world, error as InfraError);
    expect(serialOnRemote(world)).toBe(2);
    await behave(world, { none: true });
    await finishStack(world.deps, await planStack(world.deps, world.stack('vault'), world.run));
    expect(existsSync(plain(world))).toBe(false);
  });

  it.each([
    ['empty', ''],
    ['no file of sops', '{"version":4}'],
    ['no state inside', JSON.stringify({ data: Buffer.from('[]').toString('base64'), sops: { age: [{}] } })],
  ])('is refused when the encrypted state is %s, and the message says how to get it back', async (_, text) => {
    const world = await makeWorld();
    await apply(world);
    await behave(world, { none: true });
    await writeFile(`${plain(world)}.enc`, text);
    // Whoever was about to commit it has staged it.
    world.git('add', '.');
    const error = await planStack(world.deps, world.stack('vault'), world.run).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'stack.state-unreadable', status: 'data' });
    const restore = (error as InfraError).hints.map((hint) => /: (git restore .*)$/.exec(hint)?.[1]).find(Boolean);
    execFileSync('sh', ['-c', restore ?? 'false'], { cwd: world.root });
    const plan = await planStack(world.deps, world.stack('vault'), world.run);
    expect(plan.summary.priorResources).toBe(1);
    await finishStack(world.deps, plan);
  });

  it('is not believed to be encrypted when decrypting gives something else', async () => {
    const world = await makeWorld();
    await writeFile(join(world.bin, 'damage'), '');
    await expect(apply(world)).rejects.toMatchObject({
      code: 'stack.state-not-encrypted',
      message: expect.stringContaining('gave another state'),
    });
    expect(existsSync(`${plain(world)}.enc`)).toBe(false);
    expect(existsSync(plain(world))).toBe(true);
  });

  it('is refused when a readable state is newer and nobody of ours left it, and the file stays', async () => {
    const world = await makeWorld();
    await apply(world);
    await writeFile(plain(world), JSON.stringify({ version: 4, serial: 7, lineage: 'lineage-vault', resources: [] }));
    await expect(planStack(world.deps, world.stack('vault'), world.run)).rejects.toMatchObject({
      code: 'stack.plaintext-newer',
      status: 'refused',
    });
    expect(await readFile(plain(world), 'utf8')).toContain('"serial":7');
  });

  it('is brought home by the printed way out of a readable state that is newer, and not harmed when sops fails', async () => {
    const world = await makeWorld();
    await apply(world);
    const encrypted = await readFile(`${plain(world)}.enc`);
    await writeFile(plain(world), JSON.stringify({ version: 4, serial: 7, lineage: 'lineage-vault', resources: [] }));
    const error = await planStack(world.deps, world.stack('vault'), world.run).catch((caught: unknown) => caught);
    const line = (error as InfraError).hints.find((hint) => hint.startsWith('If it is the right one: ')) ?? '';
    const command = line.slice(line.indexOf(': ') + 2);
    await writeFile(join(world.bin, 'sealed'), '');
    await typed(world, command);
    expect(await readFile(`${plain(world)}.enc`)).toEqual(encrypted);
    await rm(join(world.bin, 'sealed'));
    await typed(world, command);
    expect(serialOnRemote(world)).toBe(7);
  });

  it.each([
    ['another lineage', { serial: 2, lineage: 'other' }],
    ['the same serial but other contents', { serial: 1, lineage: 'lineage-vault', resources: [] }],
  ])('is refused for %s even after a killed run', async (_, state) => {
    const world = await makeWorld();
    await apply(world);
    await writeFile(plain(world), JSON.stringify({ version: 4, ...state }));
    await markPending(world.deps, 'vault', undefined);
    await expect(planStack(world.deps, world.stack('vault'), world.run)).rejects.toMatchObject({
      code: 'stack.plaintext-newer',
    });
  });

  it('overwrites a readable state that is older, and one that an interrupted write left empty', async () => {
    const world = await makeWorld();
    await apply(world);
    for (const text of [JSON.stringify({ version: 4, serial: 0, lineage: 'lineage-vault', resources: [] }), '']) {
      await writeFile(plain(world), text);
      const plan = await planStack(world.deps, world.stack('vault'), world.run);
      expect(plan.summary.priorResources).toBe(1);
      await finishStack(world.deps, plan);
    }
  });

  it('recovers what the child of a killed run wrote: encrypted, committed and pushed before anything else', async () => {
    const world = await makeWorld();
    await apply(world);
    await markPending(world.deps, 'vault', undefined);
    await writeFile(
      plain(world),
      JSON.stringify({ version: 4, serial: 2, lineage: 'lineage-vault', resources: [{ mode: 'managed' }] }),
    );
    const plan = await planStack(world.deps, world.stack('vault'), world.run);
    expect(serialOnRemote(world)).toBe(2);
    expect(plan.summary.priorResources).toBe(1);
    expect(existsSync(plain(world))).toBe(false);
  });

  it('finishes the commit and the push of a run that was killed between them', async () => {
    const world = await makeWorld();
    const base = world.git('rev-parse', 'HEAD').trim();
    await apply(world);
    await behave(world, { none: true });
    // Committed, not pushed.
    world.git('push', '-q', '--force', 'origin', `${base}:main`);
    await planStack(world.deps, world.stack('vault'), world.run);
    expect(serialOnRemote(world)).toBe(1);
    // Encrypted, not committed.
    world.git('push', '-q', '--force', 'origin', `${base}:main`);
    world.git('reset', '-q', '--soft', base);
    await expect(planStack(world.deps, world.stack('vault'), world.run)).rejects.toMatchObject({
      code: 'stack.state-uncommitted',
      status: 'refused',
    });
    await markPending(world.deps, 'vault', undefined);
    await planStack(world.deps, world.stack('vault'), world.run);
    expect(serialOnRemote(world)).toBe(1);
  });

  it('is refused while the clone is behind an upstream that changed its state or its inputs, not for other changes where nothing is pushed', async () => {
    const world = await makeWorld({ push: false });
    const other = join(world.folder, 'other');
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=o', '-c', 'user.email=o@example.com', '-C', other, ...args]);
    execFileSync('git', ['clone', '-q', world.origin, other]);
    await writeFile(join(other, 'README.md'), 'x');
    git('add', '.');
    git('commit', '-q', '-m', 'elsewhere');
    git('push', '-q');
    await finishStack(world.deps, await planStack(world.deps, world.stack('vault'), world.run));
    await writeFile(join(other, 'stacks/vault/main.tf'), '# newer');
    git('commit', '-q', '-a', '-m', 'input');
    git('push', '-q');
    await expect(planStack(world.deps, world.stack('vault'), world.run)).rejects.toMatchObject({
      code: 'stack.behind-upstream',
      status: 'refused',
      message: expect.stringMatching(/2 commits ahead.*stacks\/vault/),
    });
  });

  it('says what to type when somebody has pushed meanwhile, and a rebase later finishes it', async () => {
    const world = await makeWorld();
    const stack = world.stack('vault');
    await behave(world, { wait: join(world.folder, 'go') });
    const plan = await planStack(world.deps, stack, world.run);
    const applying = applyStack(world.deps, plan, stack, world.run);
    const outcome = expect(applying).rejects.toMatchObject({ code: 'stack.state-not-pushed', status: 'incomplete' });
    await expect.poll(() => existsSync(join(stack.folder, 'applying')), { timeout: 60_000 }).toBe(true);
    const other = join(world.folder, 'other');
    execFileSync('git', ['clone', '-q', world.origin, other]);
    await writeFile(join(other, 'README.md'), 'x');
    for (const args of [
      ['add', '.'],
      ['commit', '-q', '-m', 'x'],
      ['push', '-q'],
    ]) {
      execFileSync('git', ['-c', 'user.name=o', '-c', 'user.email=o@example.com', '-C', other, ...args]);
    }
    await writeFile(join(world.folder, 'go'), '');
    await outcome;
    expect(existsSync(plain(world))).toBe(true);
    world.git('pull', '-q', '--rebase');
    await behave(world, { none: true });
    await planStack(world.deps, stack, world.run);
    expect(serialOnRemote(world)).toBe(1);
    expect(existsSync(plain(world))).toBe(false);
  });

  it('gives an interrupted child one interrupt, and saves its state', async () => {
    const world = await makeWorld();
    await behave(world, { wait: join(world.folder, 'never') });
    const stack = world.stack('vault');
    const plan = await planStack(world.deps, stack, world.run);
    const outcome = expect(applyStack(world.deps, plan, stack, world.run)).rejects.toMatchObject({
      code: 'stack.apply-interrupted',
      status: 'sigint',
    });
    await expect.poll(() => existsSync(join(stack.folder, 'applying')), { timeout: 60_000 }).toBe(true);
    world.interrupt.abort(new Error('Ctrl-C'));
    await outcome;
    expect(serialOnRemote(world)).toBe(1);
  });

  it('refuses a plan file that is not the one that was shown, and one that became stale', async () => {
    const world = await makeWorld();
    const stack = world.stack('vault');
    const first = await planStack(world.deps, stack, world.run);
    const second = await planStack(world.deps, stack, world.run);
    await applyStack(world.deps, first, stack, world.run);
    await expect(applyStack(world.deps, second, stack, world.run)).rejects.toMatchObject({
      code: 'stack.plan-stale',
      status: 'busy',
      nothingChanged: true,
    });
    await writeFile(second.file, 'another plan');
    await expect(applyStack(world.deps, second, stack, world.run)).rejects.toMatchObject({
      code: 'stack.plan-changed',
      status: 'refused',
      nothingChanged: true,
    });
    expect(serialOnRemote(world)).toBe(1);
  });
});
