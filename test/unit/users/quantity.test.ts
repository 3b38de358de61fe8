import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuProblem, memoryProblem, podsProblem, sameQuantity } from '../../../src/lib/users/quantity.ts';

test.each([
  ['1', '1000m', true],
  ['0.5', '500m', true],
  ['4Gi', '4096Mi', true],
  ['1e3', '1k', true],
  ['1E', '1000P', true],
  ['1.', '1', true],
  ['4Gi', '4G', false],
  ['2', '20', false],
  ['9007199254740993', '9007199254740992', false],
  ['x', 'x', false],
])('%s and %s are the same size: %s', (a, b, expected) => {
  expect(sameQuantity(a, b)).toBe(expected);
});

test.each(['2', '500m', '0.25', '1e1', '12'])('%s is an amount of CPU', (text) =>
  expect(cpuProblem(text)).toBeUndefined(),
);
test.each(['', '-1', '+1', '0', '0m', '1 ', ' 1', '2 cores', '1,5', '0.0001', '1e99', '١', '4Gi', '0x10', 'NaN'])(
  '%j is no amount of CPU',
  (text) => expect(cpuProblem(text)).toBeDefined(),
);
test.each(['4Gi', '512Mi', '8G', '8589934592', '0.5Gi'])('%s is an amount of memory', (text) =>
  expect(memoryProblem(text)).toBeUndefined(),
);
test.each(['', '8', '4gi', '4GB', '4 Gi', '100m', '0Gi', '-4Gi', '9999Ei'])('%j is no amount of memory', (text) =>
  expect(memoryProblem(text)).toBeDefined(),
);
test.each(['', '0', '-1', '1.5', '1k', '1e3', '99999999'])('%j is no number of pods', (text) =>
  expect(podsProblem(text)).toBeDefined(),
);

test('no text breaks it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.eEkKMGiTPnum+-]{0,50}$/)), (text) => {
      for (const check of [cpuProblem, memoryProblem, podsProblem]) check(text);
    }),
  );
});
