import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { documentOf } from '../document.ts';
import { ADD_ALICE, addAlice, INFRA, infra, infraJson } from './user-add/infra.ts';
import {
  appliesOf,
  entriesOf,
  everything,
  heads,
  hold,
  lastWords,
  leftovers,
  letGo,
  onRequest,
  spansShow,
  stateOnRemote,
  usersSecret,
} from './user-add/platform.ts';
import { onTerminal } from './user-add/terminal.ts';

/** The first thing that the stack vault makes: from here on its apply is on its way. */
const APPLYING = 'POST /api/v1/namespaces';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

/** Does something while the stack vault is applied: nothing more gets done until it is let go. */
const whileHeld = (act: () => void): void =>
  onRequest(sandbox.kubernetes, APPLYING, () => {
    hold(sandbox, 'vault');
    act();
  });

const childInterrupted = (): Promise<void> =>
  spansShow(sandbox, () => appliesOf(sandbox, 'vault')[0]?.signals.includes('SIGINT') === true);

/** The same, and lets go as soon as the child has its interrupt. */
const whileApplying = (act: () => void): void =>
  whileHeld(() => {
    act();
    void childInterrupted().then(() => letGo(sandbox));
  });

/** What is left by an interruption in the middle of the apply of vault, whoever sent it; then the same command completes. */
async function expectInterruptedApply(
  document: unknown,
  status: 'sigint' | 'sigterm',
  exitStatus: number,
): Promise<void> {
  expect(document).toMatchObject({ status, exitStatus, error: { code: 'stack.apply-interrupted' } });
  expect(appliesOf(sandbox, 'vault')).toMatchObject([{ signals: ['SIGINT'], end: expect.any(Number) }]);
  const saved = await stateOnRemote(sandbox, 'vault');
  expect(saved.serial).toBe(2);
  expect(saved.addresses).toContain('kubernetes_namespace.user_namespace["alice"]');
  expect(saved.addresses).not.toContain('vault_identity_entity.namespace_owner["alice"]');
  expect(heads(sandbox).local).toBe(heads(sandbox).remote);
  expect(leftovers(sandbox)).toEqual([]);
  expect(lastWords(sandbox, 4)).toMatchObject({
    lines: ['child-ended stack vault', 'state-committed stack vault', 'step-failed stack vault', 'run-end'],
    end: { status, code: 'stack.apply-interrupted' },
  });
  await sandbox.setFaults({});
  expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok', result: 'completed' });
  expect(entriesOf(usersSecret(sandbox), 'alice')).toBe(1);
  expect(leftovers(sandbox)).toEqual([]);
}

describe('without a terminal', () => {
  it('nothing is ever asked: 4 without --yes, although nobody has closed stdin', async () => {
    const before = everything(sandbox);
    const child = spawn(process.execPath, [INFRA, ...ADD_ALICE, '--json'], {
      env: sandbox.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.stderr += chunk));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(4);
    expect(documentOf(said.stdout)).toMatchObject({ status: 'refused', error: { code: 'users.not-confirmed' } });
    expect(said.stderr).not.toContain('Go on?');
    expect(everything(sandbox)).toEqual(before);
  });

  it('what is missing is named instead of asked for: 64', async () => {
    const run = await infraJson(sandbox, ['user', 'add', 'alice', '--yes']);
    expect(run.document).toMatchObject({ status: 'usage', exitStatus: 64, error: { code: 'users.missing' } });
    expect(run.document.error?.message).toContain('email');
  });
});

describe('a reader that goes away', () => {
  it.each([['--json'], ['--no-color']])('does not stop the work (%s)', async (flag) => {
    const child = spawn(process.execPath, [INFRA, ...ADD_ALICE, '--yes', flag], {
      env: sandbox.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    expect(lastWords(sandbox, 1)).toEqual({ lines: ['run-end'], end: { status: 'ok' } });
    expect((await addAlice(sandbox)).document).toMatchObject({ result: 'nothing-to-change' });
  });
});

describe('SIGTERM', () => {
  it('in the middle of an apply: one interrupt for the child, state saved and pushed, one document, 143', async () => {
    const run = await infra(sandbox, [...ADD_ALICE, '--yes', '--json'], {
      onStart: (child) => whileApplying(() => void child.kill('SIGTERM')),
    });
    expect(run.status).toBe(143);
    await expectInterruptedApply(documentOf(run.stdout), 'sigterm', 143);
  });

  it('sent again reaches infra, which says so, and not the child', async () => {
    const again = async (child: ChildProcess): Promise<void> => {
      child.kill('SIGTERM');
      await childInterrupted();
      child.kill('SIGINT');
    };
    const run = await infra(sandbox, [...ADD_ALICE, '--yes', '--json'], {
      onStart: (child) => whileHeld(() => void again(child)),
      onStderr: (text) => {
        if (text.includes('it was asked once to stop')) letGo(sandbox);
      },
    });
    expect(run.status).toBe(143);
    expect(run.stderr).toContain('it was asked once to stop');
    await expectInterruptedApply(documentOf(run.stdout), 'sigterm', 143);
  });

  it('while plans are made before the edit: 143, and nothing was changed', async () => {
    const before = everything(sandbox);
    const run = await infra(sandbox, [...ADD_ALICE, '--yes', '--json'], {
      onStart: (child) => onRequest(sandbox.vault, 'PUT /v1/transit/decrypt', () => child.kill('SIGTERM')),
    });
    expect(run.status).toBe(143);
    expect(documentOf(run.stdout)).toMatchObject({ status: 'sigterm', error: {} });
    expect(everything(sandbox)).toEqual(before);
  });

  it('while the entry is written: 143, and the same command completes', async () => {
    const run = await infra(sandbox, [...ADD_ALICE, '--yes', '--json'], {
      onStart: (child) => onRequest(sandbox.vault, 'PATCH /v1/secret/data/platform', () => child.kill('SIGTERM')),
    });
    expect(run.status).toBe(143);
    expect(documentOf(run.stdout)).toMatchObject({ status: 'sigterm' });
    expect(appliesOf(sandbox, 'vault')).toEqual([]);
    expect((await addAlice(sandbox)).document).toMatchObject({ status: 'ok' });
    expect(entriesOf(usersSecret(sandbox), 'alice')).toBe(1);
  });
});

describe.runIf(process.platform === 'linux')('on a terminal', () => {
  const jsonFile = (): string => join(sandbox.dir, 'answer.json');

  it('Ctrl-C in the middle of an apply: one interrupt for the child, state saved and pushed, one document, 130', async () => {
    const terminal = onTerminal(sandbox, [...ADD_ALICE, '--yes', '--json'], `> '${jsonFile()}'`);
    whileApplying(() => terminal.press('\x03'));
    expect(await terminal.ended).toBe(130);
    await expectInterruptedApply(documentOf(readFileSync(jsonFile(), 'utf8')), 'sigint', 130);
  });

  it('a second Ctrl-C is told that the child was asked already, and does not reach it', async () => {
    const terminal = onTerminal(sandbox, [...ADD_ALICE, '--yes', '--json'], `> '${jsonFile()}'`);
    whileHeld(() => terminal.press('\x03'));
    await childInterrupted();
    terminal.press('\x03');
    await terminal.shows('it was asked once to stop');
    letGo(sandbox);
    expect(await terminal.ended).toBe(130);
    await expectInterruptedApply(documentOf(readFileSync(jsonFile(), 'utf8')), 'sigint', 130);
  });

  it('a terminal that goes away in the middle of an apply: as SIGTERM, and what cannot be written stops nothing', async () => {
    const terminal = onTerminal(sandbox, [...ADD_ALICE, '--yes', '--json'], `> '${jsonFile()}'`);
    whileApplying(() => terminal.close());
    const answer = (): unknown => {
      const text = existsSync(jsonFile()) ? readFileSync(jsonFile(), 'utf8') : '';
      return text.endsWith('}\n') ? documentOf(text) : undefined;
    };
    await spansShow(sandbox, () => answer() !== undefined);
    await expectInterruptedApply(answer(), 'sigterm', 143);
  });

  it('asks once, and a yes is enough', async () => {
    const terminal = onTerminal(sandbox, [...ADD_ALICE]);
    await terminal.shows('Go on?');
    expect(usersSecret(sandbox).version).toBe(1);
    terminal.press('y\r');
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen().split('What alice has now')).toHaveLength(2);
    expect(usersSecret(sandbox).users).toHaveProperty('alice');
  });

  it.each([
    ['a no', 'n\r', 4, 'refused'],
    ['Ctrl-C', '\x03', 130, 'sigint'],
    ['the end of the input', '\x04', 130, 'sigint'],
  ])('%s to the question changes nothing', async (_answer, keys, exitStatus, status) => {
    const before = everything(sandbox);
    const terminal = onTerminal(sandbox, [...ADD_ALICE, '--json'], `> '${jsonFile()}'`);
    await terminal.shows('Go on?');
    terminal.press(keys);
    expect(await terminal.ended).toBe(exitStatus);
    expect(documentOf(readFileSync(jsonFile(), 'utf8'))).toMatchObject({ status, exitStatus });
    expect(everything(sandbox)).toEqual(before);
  });
});
