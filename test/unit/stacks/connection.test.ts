import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applicationName } from '../../../src/lib/stacks/run/connection.ts';

describe('application name', () => {
  it('tells stack, user, host and run', () => {
    expect(applicationName('rbac', 'wizard', 'devvm.lan', '8f2c')).toBe(
      'infra stack=rbac user=wizard host=devvm run=8f2c',
    );
  });

  it('never exceeds 63 bytes and keeps stack and run whole while they fit, whatever the names', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z-]{1,20}$/), text, text, (stack, user, host) => {
        const name = applicationName(stack, user, host, '8f2c');
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
        expect(name.startsWith(`infra stack=${stack} user=`)).toBe(true);
        expect(name.endsWith(' run=8f2c')).toBe(true);
      }),
    );
  });
});
