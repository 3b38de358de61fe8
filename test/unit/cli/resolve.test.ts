import { describe, expect, test } from 'vitest';
import { type Resolved, resolve } from '../../../src/lib/cli/resolve.ts';

const SURFACE = {
  commands: [
    'completion',
    'user:add',
    'user:list',
    'run:show',
    'doctor',
    'diagnose',
    'diagnose:authentik',
    'diagnose:site',
  ],
  topics: ['user', 'run', 'diagnose'],
};

const of = (line: string): Resolved => resolve(line === '' ? [] : line.split(' '), SURFACE);
const errorOf = (line: string) => {
  const resolved = of(line);
  if (resolved.kind !== 'error') throw new Error(`${line} was taken for ${resolved.kind}`);
  return { code: resolved.error.code, status: resolved.error.status, hints: resolved.error.hints };
};

describe('a command', () => {
  test.each([
    ['user add alice --yes', 'user:add', ['alice', '--yes']],
    ['doctor', 'doctor', []],
    ['diagnose --json', 'diagnose', ['--json']],
    ['diagnose authentik --list', 'diagnose:authentik', ['--list']],
    ['--json diagnose weather --list', 'diagnose:site', ['weather', '--list', '--json']],
    ['run show -- --help', 'run:show', ['--', '--help']],
    ['--json user list', 'user:list', ['--json']],
    ['--repo /srv/infra --json user add alice', 'user:add', ['alice', '--repo', '/srv/infra', '--json']],
    ['--json run show 8f2c -- tail', 'run:show', ['8f2c', '--json', '--', 'tail']],
  ])('%s runs %s', (line, id, argv) => {
    expect(of(line)).toEqual({ kind: 'command', id, argv });
  });
});

describe('help', () => {
  test.each([
    ['', []],
    ['--help', []],
    ['help', []],
    ['user --help', ['user']],
    ['help user add', ['user', 'add']],
    ['user add alice -h', ['user', 'add']],
  ])('%j shows help for %j', (line, words) => {
    expect(of(line)).toEqual({ kind: 'help', words });
  });
});

describe('what is not a command', () => {
  test('a near miss is refused with what may have been meant, never run', () => {
    expect(errorOf('user ad alice')).toEqual({
      code: 'usage.unknown-command',
      status: 'usage',
      hints: ['Did you mean: infra user add', 'All commands: infra user --help'],
    });
    expect(errorOf('usr add').hints).toContain('Did you mean: infra user add');
    expect(errorOf('doctr').hints).toContain('Did you mean: infra doctor');
  });

  test('a word of a topic that is like no other lists what there is', () => {
    expect(errorOf('user frobnicate').hints).toEqual([
      'There is: infra user add',
      'There is: infra user list',
      'All commands: infra user --help',
    ]);
  });

  test('a misspelt command with --help is still an unknown command', () => {
    expect(errorOf('usr --help').code).toBe('usage.unknown-command');
  });

  test('a bare topic says what could follow', () => {
    expect(errorOf('run')).toEqual({
      code: 'usage.incomplete-command',
      status: 'usage',
      hints: ['infra run show'],
    });
  });

  test('flags alone are no command', () => {
    expect(errorOf('--json').code).toBe('usage.incomplete-command');
    expect(errorOf('--frobnicate').code).toBe('usage.incomplete-command');
  });

  test('names of object properties are no commands', () => {
    for (const word of ['constructor', '__proto__', 'toString'])
      expect(errorOf(word).code).toBe('usage.unknown-command');
  });
});
