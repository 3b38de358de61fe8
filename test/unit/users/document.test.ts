import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KvRead } from '../../../src/lib/clients/vault/client.ts';
import { isInfraError } from '../../../src/lib/errors.ts';
import { readUsers } from '../../../src/lib/users/document.ts';
import { formViolations } from '../../../src/lib/users/rules.ts';
import { userFromFlags, userFromJson } from '../../../src/lib/users/schema.ts';
import { fakeSite } from '../../fakes/site.ts';
import { present, secretText, USERS } from './facts-for-tests.ts';

const site = fakeSite();
const read = (users: string): ReturnType<typeof readUsers> => readUsers(present(secretText(users)), site);
const code = (work: () => unknown): string => {
  try {
    work();
    return 'nothing thrown';
  } catch (error) {
    return isInfraError(error) ? `${error.code} ${error.exitStatus}` : String(error);
  }
};

describe('readUsers', () => {
  test('reads users, and keeps the source of each', () => {
    const { users, text, version } = read(USERS);
    expect([version, text, [...users.keys()]]).toEqual([7, USERS, ['bob', 'root-admin']]);
    expect(users.get('bob')?.entry).toEqual({
      role: 'namespace-owner',
      email: 'bob@example.com',
      namespaces: ['bob-lab'],
      domains: ['bob-app'],
      quota: {},
    });
    expect(users.get('bob')?.rawText).toContain('9007199254740993');
  });

  const bad: readonly (readonly [string, KvRead, string])[] = [
    ['an absent secret', { state: 'absent' }, 'absent'],
    ['a deleted version', { state: 'deleted', version: 3 }, 'deleted'],
    ['a destroyed version', { state: 'destroyed', version: 3 }, 'destroyed'],
    ['no key', present('{"other":"x"}'), 'no-key'],
    ['an object instead of a string', present('{"k8s_users":{"bob":{}}}'), 'not-text'],
    ['null', present('{"k8s_users":null}'), 'not-text'],
    ['an empty string', present('{"k8s_users":" "}'), 'empty'],
    ['a truncated text', present(secretText('{"bob":{"role":"adm')), 'not-json'],
    ['a comment', present(secretText('{} // users')), 'not-json'],
    ['a trailing comma', present(secretText('{"bob":{},}')), 'not-json'],
    ['a byte order mark', present(secretText('\ufeff{}')), 'not-json'],
    ['a list', present(secretText('[]')), 'not-object'],
    ['JSON in JSON in a string', present(secretText('"{}"')), 'not-object'],
    ['a name that stands twice', present(secretText('{"bob":{},"bob":{}}')), 'duplicate-keys'],
    ['deep nesting', present(secretText(`{"bob":${'['.repeat(5000)}${']'.repeat(5000)}}`)), 'not-json'],
  ];
  test.each(bad)('%s stops with 65 and says how to look', (_title, found, expected) => {
    expect(code(() => readUsers(found, site))).toBe(`users.document-${expected} 65`);
    try {
      readUsers(found, site);
    } catch (error) {
      expect(isInfraError(error) && error.hints.some((hint) => hint.includes('vault kv '))).toBe(true);
      expect(String(error)).toMatch(/It is left as it is\.|None is made\./);
    }
  });

  test('the wrong entry of somebody else is kept with its problems', () => {
    const { users } = read(
      '{"a":1,"b":{"role":"Admin","email":"b@example.com"},"c":{"role":"admin"},"d":{"role":"namespace-owner","email":"d@example.com","namespaces":null},"e":{"role":"namespace-owner","email":"e@example.com","namespaces":["e"],"quota":{"cpu":"4","pods":30}}}',
    );
    const of = (name: string): readonly unknown[] => [users.get(name)?.entry !== undefined, users.get(name)?.problems];
    expect(of('a')).toEqual([false, ['The entry is a JSON number, not an object.']]);
    expect(of('b')).toEqual([false, ['Its role is "Admin", which the stacks ignore without a word.']]);
    expect(of('c')).toEqual([false, ['It has no e-mail: the rbac stack fails for every user.']]);
    expect(of('d')).toEqual([false, ['Its namespaces are not a list of strings: the stacks that read them fail.']]);
    expect(of('e')).toEqual([true, ['Its quota key "cpu" has no effect: the stacks read cpu_requests.']]);
    expect(users.get('e')?.entry?.quota).toEqual({ pods: '30' });
    expect(users.get('b')?.claims.email).toBe('b@example.com');
  });

  test('__proto__ and constructor are names like others', () => {
    const { users } = read('{"__proto__":{"role":"admin","email":"p@example.com"},"constructor":{}}');
    expect([...users.keys()]).toEqual(['__proto__', 'constructor']);
    expect(users.get('__proto__')?.entry?.email).toBe('p@example.com');
  });

  test('no document makes it crash', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify({ a: value })),
        ),
        (users) => {
          expect(code(() => read(users))).toMatch(/^(nothing thrown|users\.document-[a-z-]+ 65)$/);
        },
      ),
    );
  });

  test('10,000 users are read', () => {
    const many = JSON.stringify(
      Object.fromEntries(
        Array.from({ length: 10_000 }, (_, i) => [
          `user-${i}`,
          { role: 'namespace-owner', email: `u${i}@example.com`, namespaces: [`ns-${i}`], quota: { pods: 10 } },
        ]),
      ),
    );
    const found = present(secretText(many));
    expect(readUsers(found, site).users.size).toBe(10_000);
  });
});

describe('input', () => {
  const violations = (parsed: ReturnType<typeof userFromFlags>): readonly string[] =>
    parsed.ok ? [] : parsed.violations.map((each) => each.code.replace('users.', ''));

  test('flags give a user; only what was decided is kept', () => {
    expect(userFromFlags({ name: 'alice', email: 'alice@example.com', quota: ['pods=30'] })).toEqual({
      ok: true,
      user: {
        name: 'alice',
        entry: {
          role: 'namespace-owner',
          email: 'alice@example.com',
          namespaces: ['alice'],
          domains: [],
          quota: { pods: '30' },
        },
      },
    });
  });

  test('the other roles get no namespace by default', () => {
    const parsed = userFromFlags({ name: 'alice', email: 'alice@example.com', role: 'admin' });
    expect(parsed.ok && parsed.user.entry.namespaces).toEqual([]);
  });

  test('all violations are reported at once', () => {
    const parsed = userFromFlags({
      name: 'alice',
      role: 'Admin',
      quota: ['cpu=2', 'storage=1Gi', 'memory=1Gi', 'pod=1', 'x', 'pods=1', 'pods=2'],
    });
    expect(violations(parsed)).toEqual([
      'role-unknown',
      'quota-form',
      'quota-twice',
      'missing',
      'quota-key',
      'quota-key',
      'quota-key',
      'quota-key',
    ]);
    const messages = parsed.ok ? '' : parsed.violations.map((each) => each.message).join('\n');
    for (const meant of [
      'did you mean admin?',
      'cpu_requests',
      'memory_requests and memory_limits',
      'no stack limits storage',
      'did you mean pods',
      '--email',
    ]) {
      expect(messages).toContain(meant);
    }
    expect(parsed.ok ? [] : parsed.missing).toEqual(['--email']);
  });

  test('a wrong form does not hide what else is wrong and can be told without asking anybody', () => {
    const parsed = userFromFlags({ name: 'Bad_Name', email: 'FOO', quota: ['cpu=3', 'pods=0'], domains: ['a.b.c'] });
    const told = parsed.ok ? [] : formViolations(parsed).map((each) => each.code.replace('users.', ''));
    expect(told).toEqual(['quota-key', 'name-form', 'email-form', 'domain-form', 'quota-value']);
  });

  test('a quota called __proto__ is refused like any other unknown one', () => {
    const email = 'alice@example.com';
    expect(violations(userFromFlags({ name: 'alice', email, quota: ['__proto__=1'] }))).toEqual(['quota-key']);
    expect(violations(userFromJson('alice', `{"email":"${email}","quota":{"__proto__":"1"}}`))).toEqual(['quota-key']);
  });

  test('JSON from standard input is held to the same rules', () => {
    expect(userFromJson('alice', '{"email":"alice@example.com","quota":{"pods":30}}')).toEqual(
      userFromFlags({ name: 'alice', email: 'alice@example.com', quota: ['pods=30'] }),
    );
    expect(violations(userFromJson('alice', '{"email":"a@example.com","role":"admin","role":"admin"}'))).toEqual([
      'input-duplicate',
    ]);
    expect(
      violations(userFromJson('alice', '{"mail":"a@example.com","__proto__":{},"namespaces":"a","quota":[]}')),
    ).toEqual(['key-unknown', 'key-unknown', 'input-type', 'input-type', 'missing']);
    expect(violations(userFromJson('alice', '[]'))).toEqual(['input-not-json']);
    expect(violations(userFromJson('alice', ''))).toEqual(['input-not-json']);
  });
});
