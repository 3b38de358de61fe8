import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Command, Flags } from '@oclif/core';
import { describe, expect, test } from 'vitest';
import { documentOf, type PrintedDocument } from '../../document.ts';
import { emptyEnvironment, INFRA, run, TINY } from './run-program.ts';

/** The commands of the tiny CLI have no published schema. */
const tinyDocument = (stdout: string): PrintedDocument => JSON.parse(stdout) as PrintedDocument;

describe('what never reaches a command', () => {
  test.each([
    [['frobnicate', '--json'], 'usage.unknown-command'],
    [['completoin', 'bash', '--json'], 'usage.unknown-command'],
    [['--json', 'frobnicate'], 'usage.unknown-command'],
    [['--json'], 'usage.incomplete-command'],
  ])('%j prints one valid document and ends with 64', async (args, code) => {
    const ended = await run(INFRA, args);
    const document = documentOf(ended.stdout);
    expect(document).toMatchObject({ status: 'usage', exitStatus: 64, command: '' });
    expect(document.error?.code).toBe(code);
    expect([ended.status, ended.stderr]).toEqual([64, '']);
  });

  test('a --json behind -- is not ours', async () => {
    const ended = await run(INFRA, ['frobnicate', '--', '--json']);
    expect([ended.status, ended.stdout]).toEqual([64, '']);
    expect(ended.stderr).toContain('error usage.unknown-command: infra has no command "frobnicate".');
  });

  test('a misspelt command is named, not run', async () => {
    const ended = await run(INFRA, ['completoin', 'bash']);
    expect([ended.status, ended.stdout]).toEqual([64, '']);
    expect(ended.stderr).toContain('Did you mean: infra completion');
  });
});

describe('wrong usage of a command', () => {
  test.each([
    [['completion'], 'usage.missing-argument: What is missing: SHELL'],
    [['completion', 'bash', 'zsh'], 'usage.unexpected-argument: Nothing is expected at: zsh'],
    [['completion', 'tcsh'], 'usage.bad-value: Expected tcsh to be one of: bash, zsh, fish.'],
    [['completion', 'bash', '--nocolor'], 'Did you mean --no-color?'],
  ])('%j ends with 64 and says what is wrong', async (args, text) => {
    const ended = await run(INFRA, args);
    expect([ended.status, ended.stdout]).toEqual([64, '']);
    expect(ended.stderr).toContain(text);
  });

  test.each([
    [['run', 'list', '--limit', '0'], 'usage.bad-value: --limit must be a whole number, at least 1, not "0".'],
    [['stack', 'list', '--tier', '5'], 'usage.bad-value: --tier must be a whole number, at most 1, not "5".'],
    [['diagnose', 'authentik', '--host', 'a b'], 'usage.bad-host: --host a b is not a host name.'],
    [['diagnose', 'mail', '--deadline', '0s'], 'usage.bad-duration: --deadline 0s is not a duration.'],
  ])('%j says which flag, and what it takes', async (args, text) => {
    const ended = await run(INFRA, args);
    expect([ended.status, ended.stdout]).toEqual([64, '']);
    expect(ended.stderr).toContain(`error ${text}\n`);
  });

  test('no flag of any command that takes a number takes a word for a defect', async () => {
    const { parse } = Flags.integer();
    const found = new Map<string, readonly string[]>();
    for (const file of globSync('src/commands/**/*.ts')) {
      const { default: command } = (await import(resolve(file))) as { default: typeof Command };
      const words = relative('src/commands', file).replace(/\.ts$/, '').split('/');
      for (const [name, flag] of Object.entries(command.flags ?? {}))
        if ('parse' in flag && flag.parse === parse) found.set(`--${name}`, words);
    }
    expect(found.size).toBeGreaterThan(5);
    for (const [flag, words] of found) {
      const { status, stderr } = await run(INFRA, [...words, flag, 'many']);
      expect([status, stderr]).toEqual([64, expect.stringContaining(`${flag} must be a whole number`)]);
    }
  });

  test('under --json it is one document, and nothing of the command object is in it', async () => {
    const ended = await run(TINY, ['fail', '--how', 'wrong', '--json']);
    const document = tinyDocument(ended.stdout);
    expect(ended.status).toBe(64);
    expect(Object.keys(document)).toEqual([
      'schemaVersion',
      'command',
      'status',
      'exitStatus',
      'startedAt',
      'durationMs',
      'error',
    ]);
    expect(document.error?.code).toBe('usage.bad-value');
    expect(ended.stdout.length).toBeLessThan(1000);
  });
});

describe('defects', () => {
  test.each(['defect', 'misfit', 'rejection', 'exception', 'nothing-alive'])(
    '%s ends with 70, one document and a private crash report',
    async (how) => {
      const env = { ...emptyEnvironment(), VAULT_TOKEN: 'sesame-open-4711' };
      const ended = await run(TINY, ['fail', '--how', how, '--json'], { env });
      const document = tinyDocument(ended.stdout);
      expect(ended.status).toBe(70);
      expect(document).toMatchObject({ status: 'bug', exitStatus: 70 });
      const folder = join(env.HOME, '.local/state/infra/crashes');
      const [report = ''] = readdirSync(folder);
      expect(document.error?.hints[0]).toContain(join(folder, report));
      expect(statSync(join(folder, report)).mode & 0o077).toBe(0);
      expect(readFileSync(join(folder, report), 'utf8')).toMatch(
        /^infra 1\.2\.3, 20\d\d-.*\n.*\n.*Error: [\s\S]*\n +at /,
      );
      expect(readFileSync(join(folder, report), 'utf8')).not.toContain('sesame');
    },
  );

  test('a state folder that cannot be written does not hide the defect', async () => {
    const ended = await run(TINY, ['fail', '--how', 'defect'], { env: { XDG_STATE_HOME: '/dev/null' } });
    expect(ended.status).toBe(70);
    expect(ended.stderr).toContain('no crash report could be');
  });
});

test('an expected error ends with its own status', async () => {
  expect((await run(TINY, ['fail', '--how', 'expected'])).status).toBe(77);
});
