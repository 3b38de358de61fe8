import { expect, test } from 'vitest';
import { nearest, unknownName } from '../../../src/lib/cli/suggest.ts';

test.each([
  ['alcie', ['alice', 'bob'], ['alice']],
  ['complete', ['completion', 'user list'], ['completion']],
  ['wood', ['woodpecker', 'vault'], ['woodpecker']],
  ['zzz', ['alice', 'bob'], []],
  ['config shwo', ['config show', 'config check', 'config schema'], ['config show']],
  ['ALICE', ['alice'], ['alice']],
])('who types %s may mean one of %j: %j', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toEqual(meant);
});

test('at most three suggestions, nearest first', () => {
  expect(nearest('user1', ['user4', 'user3', 'user2', 'user1', 'user5'])).toEqual(['user1', 'user2', 'user3']);
});

test('an unknown user ends with 64 and a suggestion, or with where to look', () => {
  expect(unknownName('user', 'alcie', ['alice'])).toMatchObject({
    code: 'usage.unknown-user',
    status: 'usage',
    hints: ['Did you mean alice?'],
  });
  expect(unknownName('user', 'zzz', ['alice', 'bob']).hints).toEqual(['There are 2: infra user list']);
  expect(unknownName('user', 'zzz', []).hints).toEqual(['There is no user at all.']);
});
