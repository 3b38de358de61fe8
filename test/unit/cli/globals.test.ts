import { expect, test } from 'vitest';
import { globalsLast, globalsOf } from '../../../src/lib/cli/globals.ts';

test('global flags count only before a --', () => {
  expect(globalsOf(['user', 'list', '--json']).json).toBe(true);
  expect(globalsOf(['sandbox', '--', 'infra', '--json']).json).toBe(false);
});

test('--repo is read in both spellings', () => {
  expect(globalsOf(['--repo', 'a']).repo).toBe('a');
  expect(globalsOf(['--repo=b']).repo).toBe('b');
  expect(globalsOf(['user']).repo).toBeUndefined();
});

test('global flags may stand before the command, others may not', () => {
  expect(globalsLast(['--json', 'user', 'list'])).toEqual(['user', 'list', '--json']);
  expect(globalsLast(['--email', 'x', 'user'])).toEqual(['--email', 'x', 'user']);
});
