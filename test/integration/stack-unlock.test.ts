import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeProcesses } from '../../src/lib/clients/process/live.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { putVersion } from '../../src/sandbox/vault/kv.ts';
import { enterAlice } from './stack-apply-runs.ts';
import { infra, infraJson } from './user-add/infra.ts';
import { appliesOf, everything, hold, onRequest } from './user-add/platform.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

/** Whether a process is there and no zombie: a killed grandchild is waited for by nobody here. */
async function isHere(pid = 0): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) [ZX] /.test(text);
}

const unlock = (...args: readonly string[]) => infraJson(sandbox, ['stack', 'unlock', ...args]);

/** The lock in Vault of a run of this or another machine. */
function lockInVault(infraProcess: object, renewedAt: Date): void {
  const holder = { infra: infraProcess, user: 'carol', run: 'c0ffee00', renewedAt: renewedAt.toISOString() };
  putVersion(sandbox.vault.state.secrets, 'locks/vault', { holder });
}

const inVault = () => sandbox.vault.state.secrets.get('locks/vault')?.versions.size;

/** A process of this machine that has ended. */
async function ended(): Promise<object> {
  const child = spawn('true', { stdio: 'ignore' });
  await new Promise((resolve) => child.once('close', resolve));
  const self = await makeProcesses({ env: {} }).self();
  return { ...self, pid: child.pid, startedAt: self.startedAt.replace(/\d+$/, '1') };
}

const elsewhere = { pid: 4711, startedAt: 'boot pid:[1] 99', host: 'another-machine' };
const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

describe('infra stack unlock, Tier 0', () => {
  it('says that nobody holds it, and changes nothing', async () => {
    const before = everything(sandbox);
    const { status, document } = await unlock('vault');
    expect(status).toBe(0);
    expect(document).toMatchObject({ outcome: 'free', tier: 0, holders: [], released: [] });
    expect(document.lookedAt).toEqual([
      { place: 'postgres', state: 'skipped', reason: 'its state is a file' },
      { place: 'file', state: 'free' },
      { place: 'vault', state: 'free' },
      { place: 'machine', state: 'free' },
    ]);
    expect(everything(sandbox)).toEqual(before);
  });

  it('the stack of the working directory is meant when none is named', async () => {
    const run = await infra(sandbox, ['stack', 'unlock']);
    expect(run.status).toBe(64);
    expect((await infra(sandbox, ['stack', 'unlock', 'stacks/vault'])).stdout).toContain('Nobody holds vault');
  });

  it('a lock in Vault whose processes of this machine have ended: asked for, then freed and proved', async () => {
    lockInVault(await ended(), minutesAgo(1));
    expect((await unlock('vault', '--dry-run')).document).toMatchObject({
      exitStatus: 0,
      outcome: 'would-release',
      holders: [{ place: 'vault', life: 'dead', id: 'c0ffee00', who: expect.stringContaining('carol') }],
    });
    expect((await unlock('vault')).document).toMatchObject({ exitStatus: 4, error: { code: 'lock.not-confirmed' } });
    const { document } = await unlock('vault', '--yes');
    expect(document).toMatchObject({ exitStatus: 0, outcome: 'released', released: ['c0ffee00'], after: [] });
    const { runs } = (await infraJson(sandbox, ['run', 'list'])).document;
    expect(runs).toEqual([
      expect.objectContaining({ id: document.run, operation: 'stack unlock', target: 'vault', state: 'ok' }),
    ]);
    const journal = await infra(sandbox, ['run', 'show', String(document.run)]);
    expect(journal.status).toBe(0);
    expect((await unlock('vault')).document).toMatchObject({ outcome: 'free' });
  });

  it('a lock in Vault that another machine renewed stays; one that it has not for 15 minutes is dead', async () => {
    lockInVault(elsewhere, minutesAgo(2));
    for (const flags of [['--yes'], ['--yes', '--force']]) {
      expect((await unlock('vault', ...flags)).document).toMatchObject({
        exitStatus: 4,
        released: [],
        error: { code: 'lock.holder-alive', message: expect.stringContaining('carol on another-machine') },
      });
    }
    lockInVault(elsewhere, minutesAgo(16));
    expect((await unlock('vault', '--yes')).document).toMatchObject({ exitStatus: 0, outcome: 'released' });
  });

  it('a document that infra did not write tells nothing: refused without a terminal', async () => {
    putVersion(sandbox.vault.state.secrets, 'locks/vault', { who: 'a script' });
    expect((await unlock('vault', '--yes', '--force')).document).toMatchObject({
      exitStatus: 4,
      error: { code: 'lock.holder-unknown' },
      holders: [{ life: 'unknown', id: 'version-1' }],
    });
  });

  it('keeps the lock of a killed run whose state is not in git: another machine would apply from the older one', async () => {
    lockInVault(await ended(), minutesAgo(1));
    const file = `${createHash('sha256').update(sandbox.repo).digest('hex').slice(0, 12)}-vault.json`;
    const folder = join(sandbox.env.XDG_STATE_HOME ?? '', 'infra/tier0');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), '{}');
    const { document } = await unlock('vault', '--yes');
    expect(document).toMatchObject({
      exitStatus: 4,
      error: { code: 'lock.state-unsaved', hints: [expect.stringContaining('infra stack apply vault')] },
      released: [],
    });
    expect(inVault()).toBe(1);
  });

  it('the info file of a killed tofu locks nothing, and is told apart from a lock', async () => {
    const folder = join(sandbox.repo, 'state/stacks/vault');
    mkdirSync(folder, { recursive: true });
    const info = {
      ID: 'i-1',
      Who: `bob@${hostname()}`,
      Operation: 'OperationTypeApply',
      Created: '2026-01-05T09:00:00Z',
    };
    writeFileSync(join(folder, '.terraform.tfstate.lock.info'), JSON.stringify(info));
    const { document } = await unlock('vault');
    expect(document).toMatchObject({
      exitStatus: 0,
      outcome: 'free',
      holders: [{ place: 'file', life: 'dead', blocks: false, who: `bob@${hostname()} (apply)` }],
    });
    writeFileSync(join(folder, '.terraform.tfstate.lock.info'), JSON.stringify({ ...info, Who: 'bob@far-away' }));
    expect((await unlock('vault', '--yes')).document).toMatchObject({
      exitStatus: 4,
      error: { code: 'lock.holder-unknown' },
    });
    expect(existsSync(join(folder, '.terraform.tfstate.lock.info'))).toBe(true);
  });

  it('a run of this machine that works on the stack is alive, and nothing is released beside it', async () => {
    lockInVault(await ended(), minutesAgo(1));
    const name = `${createHash('sha256').update(sandbox.repo).digest('hex').slice(0, 12)}-stack-vault.json`;
    const folder = join(sandbox.env.XDG_STATE_HOME ?? '', 'infra/locks');
    mkdirSync(folder, { recursive: true });
    const self = await makeProcesses({ env: {} }).self();
    writeFileSync(join(folder, name), JSON.stringify({ infra: self, run: 'beef0001' }));
    expect((await unlock('vault', '--yes')).document).toMatchObject({
      exitStatus: 4,
      released: [],
      error: { code: 'lock.holder-alive', message: expect.stringContaining('beef0001') },
    });
  });
});

describe('infra stack unlock, while terraform has a Tier-0 state locked', () => {
  const lockOf = async (stack: string) => {
    const { document } = await infraJson(sandbox, ['stack', 'list', stack]);
    return (document.stacks as readonly { readonly lock: unknown }[])[0]?.lock;
  };

  it('names somebody on another machine, is not sure that he lives, and releases nothing', async () => {
    // Somebody works on a stack of that name in another clone: that is another state file.
    const besides = { ...process.env, PGAPPNAME: 'infra stack=vault user=erin host=here run=c0ffee01' };
    const stranger = spawn('sleep', ['600'], { cwd: tmpdir(), env: besides, stdio: 'ignore' });
    onTestFinished(() => void stranger.kill('SIGKILL'));
    await sandbox.setFaults({ vault: { lockedBy: 'bob@laptop' } });
    const env = { TG_LOCK_TIMEOUT: '0s' };
    const plan = await infraJson(sandbox, ['stack', 'plan', 'vault'], { env });
    expect(plan.document).toMatchObject({
      exitStatus: 75,
      stacks: [{ state: 'locked', error: { message: expect.stringContaining('bob@laptop (apply), since 2') } }],
    });
    expect(await lockOf('vault')).toEqual({
      state: 'held',
      by: 'bob@laptop (apply)',
      since: expect.stringMatching(/Z$/),
    });
    expect((await unlock('vault', '--yes')).document).toMatchObject({
      exitStatus: 4,
      error: { code: 'lock.holder-unknown' },
      holders: [{ place: 'file', life: 'unknown', who: 'bob@laptop (apply)' }],
      released: [],
    });
  });

  it('an apply of infra itself is alive; what its kill leaves behind is told from it, and the next run clears it', async () => {
    enterAlice(sandbox);
    const during: { seen?: Promise<readonly unknown[]> } = {};
    const killed = await infra(sandbox, ['stack', 'apply', 'vault', '--yes'], {
      onStart: (child) =>
        onRequest(sandbox.kubernetes, 'POST /api/v1/namespaces', () => {
          hold(sandbox, 'vault');
          during.seen = Promise.all([lockOf('vault'), unlock('vault', '--yes')]).finally(() => child.kill('SIGKILL'));
        }),
    });
    expect(killed.signal).toBe('SIGKILL');
    const [lock, refused] = (await during.seen) ?? [];
    expect(lock).toMatchObject({ state: 'held' });
    expect(refused).toMatchObject({
      document: {
        exitStatus: 4,
        released: [],
        error: { code: 'lock.holder-alive' },
        holders: expect.arrayContaining([
          expect.objectContaining({
            place: 'file',
            life: 'alive',
            who: expect.stringContaining(`@${hostname()} (apply)`),
          }),
        ]),
      },
    });

    const [child] = appliesOf(sandbox, 'vault');
    expect(child?.end).toBeUndefined();
    process.kill(child?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(async () => expect(await isHere(child?.pid)).toBe(false), 30_000);
    const left = (await unlock('vault', '--dry-run')).document;
    expect(left.holders).toContainEqual(expect.objectContaining({ place: 'file', life: 'dead', blocks: false }));
    await sandbox.setFaults({});
    const again = await infraJson(sandbox, ['stack', 'apply', 'vault', '--yes']);
    expect(again.document).toMatchObject({ exitStatus: 0 });
    expect((await unlock('vault')).document).toMatchObject({ outcome: 'free', holders: [] });
  });
});

describe('infra stack unlock, Tier 1', () => {
  it('says honestly that the sandbox has no state database to ask', async () => {
    const env = { PG_CONN_STR: 'postgres://tf@127.0.0.1:9/terraform_state?sslmode=disable' };
    const { document } = await infraJson(sandbox, ['stack', 'unlock', 'rbac'], { env });
    expect(document).toMatchObject({ exitStatus: 69, outcome: 'unknown', error: { code: 'postgres.unreachable' } });
    expect(document.lookedAt).toContainEqual(expect.objectContaining({ place: 'postgres', state: 'unknown' }));
  });
});
