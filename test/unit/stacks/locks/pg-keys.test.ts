import { describe, expect, test } from 'vitest';
import { parseApplicationName, sessionWords } from '../../../../src/lib/stacks/locks/application-name.ts';
import { creationKey } from '../../../../src/lib/stacks/locks/pg-keys.ts';
import { applicationName } from '../../../../src/lib/stacks/run/connection.ts';

describe('the creation lock of a schema', () => {
  test('is minus the FNV-1 hash of schema and table: values of Go’s hash/fnv', () => {
    // FNV-1, 32 bits, of the empty text is its offset basis; "a" is a published test vector (0x050c5d7e).
    expect(creationKey('app')).toMatch(/^-\d+$/);
    expect(creationKey('app')).not.toBe(creationKey('apq'));
    expect(creationKey('app', 'other')).not.toBe(creationKey('app'));
    // Taken by OpenTofu 1.12 for the schema fresh-tofu (test/real/stack-unlock.test.ts takes it anew).
    expect(creationKey('fresh-tofu')).toBe('-3579594498');
  });
});

describe('the name of a session', () => {
  test('is read back as it was written', () => {
    expect(parseApplicationName(applicationName('rbac', 'bob', 'laptop.example.com', 'c0ffee00'))).toEqual({
      stack: 'rbac',
      user: 'bob',
      host: 'laptop',
      run: 'c0ffee00',
    });
  });

  test('with a user and host that were cut away, or none at all, is still one of infra', () => {
    const long = applicationName('a-stack-with-quite-a-long-name', 'somebody', 'some-machine', 'c0ffee00');
    expect(parseApplicationName(long)).toMatchObject({
      stack: 'a-stack-with-quite-a-long-name',
      host: '',
      run: 'c0ff',
    });
  });

  test('of anybody else names nobody, and says where it comes from', () => {
    expect(parseApplicationName('psql')).toBeUndefined();
    expect(sessionWords('psql', 'tf', '10.0.0.7')).toBe(
      'somebody without infra at 10.0.0.7 (role tf, application psql)',
    );
    expect(sessionWords('', 'tf', undefined)).toContain('the database’s own machine');
  });
});
