import { expect, test } from 'vitest';
import { overlap } from '../../../../src/lib/runbooks/mail/judge/addresses.ts';

test.each([
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['192.0.2.0/24', '192.0.2.133', true],
  ['192.0.2.133', '192.0.2.0/24', true],
  ['192.0.2.0/25', '192.0.2.133', false],
  ['10.0.0.0/8', '10.200.0.0/16', true],
  ['0.0.0.0/0', '203.0.113.1', true],
  ['2001:db8::1', '2001:0db8:0:0:0:0:0:1', true],
  ['2001:db8::/32', '2001:db8:ffff::9', true],
  ['2001:db8::/32', '2001:db9::9', false],
  ['::/0', '192.0.2.7', false],
  ['::ffff:192.0.2.7', '::ffff:c000:207', true],
  ['192.0.2.0/33', '192.0.2.7', false],
  ['192.0.2', '192.0.2.7', false],
  ['AS64500', '192.0.2.7', false],
  ['', '', false],
])('%s and %s have an address in common: %s', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
  expect(overlap(other, one)).toBe(expected);
});
