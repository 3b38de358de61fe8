import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InfraError } from '../../../src/lib/errors.ts';
import type { User } from '../../../src/lib/users/entry.ts';
import type { RuleFacts } from '../../../src/lib/users/facts.ts';
import { unaskedFacts } from '../../../src/lib/users/facts.ts';
import { checkRules, RULES, rulesError } from '../../../src/lib/users/rules.ts';
import { alice, BOB, facts, USERS } from './facts-for-tests.ts';

const codes = (user: User, known: RuleFacts = facts()): readonly string[] =>
  checkRules(user, known).map((each) => each.code.replace('users.', ''));
const long = 'a'.repeat(64);
const denied = new InfraError('vault.denied', 'denied', 'Vault refused to list secret/metadata (403).');

const CASES: readonly (readonly [title: string, user: User, expected: readonly string[], known?: RuleFacts])[] = [
  ['a new namespace-owner', alice(), []],
  ['a new power-user', alice({ role: 'power-user', namespaces: [] }), []],
  ['an admin with a domain', alice({ role: 'admin', namespaces: [], domains: ['alice'] }), ['domains-ignored']],
  [
    'every quota',
    alice({ quota: { cpu_requests: '500m', memory_requests: '4Gi', memory_limits: '8G', pods: '20' } }),
    [],
  ],
  ['a name with an underscore', alice({}, 'a_b'), ['name-form']],
  ['a name with capitals', alice({}, 'Alice'), ['name-form']],
  ['a name that is an e-mail', alice({}, 'alice@example.com'), ['name-form']],
  ['a name with a slash', alice({}, '../platform'), ['name-form']],
  ['an empty name', alice({}, ''), ['name-form']],
  ['a name of 64 characters', alice({}, long), ['name-form']],
  ['__proto__ as a name', alice({}, '__proto__'), ['name-form']],
  ['constructor as a name', alice({}, 'constructor'), []],
  ['a name that owns a secret', alice({}, 'authentik'), ['name-owns-secret']],
  ['a reserved name that owns a secret', alice({}, 'platform'), ['name-reserved', 'name-owns-secret']],
  ['the name of a stack', alice({}, 'rbac'), ['name-is-stack']],
  ['the name of a static entity', alice({}, 'emo'), ['name-taken-in-vault']],
  [
    'a name whose policies are left over',
    alice({}, 'carl'),
    ['name-taken-in-vault'],
    facts({ vaultNames: { state: 'answered', value: { policies: ['sops-user-carl'], entities: [], groups: [] } } }),
  ],
  ['no e-mail address', alice({ email: 'alice' }), ['email-form']],
  ['an e-mail with a blank', alice({ email: 'alice @example.com' }), ['email-form']],
  ['an e-mail with a line break', alice({ email: 'alice@example.com\n' }), ['email-form']],
  ['an e-mail with capitals', alice({ email: 'Alice@example.com' }), ['email-case']],
  ['another user’s e-mail', alice({ email: 'bob@example.com' }), ['email-taken']],
  ['another user’s e-mail in another case', alice({ email: 'root@example.com' }), ['email-taken']],
  [
    'an e-mail that Authentik writes otherwise',
    alice(),
    ['email-differs-from-authentik'],
    facts({
      authentik: {
        state: 'answered',
        value: { id: 1, username: 'a', email: 'Alice@example.com', active: true, groups: [] },
      },
    }),
  ],
  ['no namespace', alice({ namespaces: [] }), ['namespaces-missing']],
  ['an admin with a namespace', alice({ role: 'admin' }), ['namespaces-ignored']],
  ['a namespace with a dot', alice({ namespaces: ['a.b'] }), ['namespace-form']],
  ['a namespace of 64 characters', alice({ namespaces: [long] }), ['namespace-form']],
  ['a namespace given twice', alice({ namespaces: ['a', 'a'] }), ['namespace-twice']],
  ['the namespace ci', alice({ namespaces: ['ci'] }), ['namespace-ci']],
  ['the namespace kube-system', alice({ namespaces: ['kube-system'] }), ['namespace-system']],
  ['a namespace of the cluster', alice({ namespaces: ['website'] }), ['namespace-exists']],
  ['a namespace that a stack declares', alice({ namespaces: ['plotting-book'] }), ['namespace-declared']],
  ['a namespace whose key protects a state', alice({ namespaces: ['vault'] }), ['namespace-state-key']],
  [
    'another user’s namespace',
    alice({ namespaces: ['bob-lab'] }),
    ['namespace-exists', 'namespace-state-key', 'namespace-shared'],
  ],
  ['a pair that another user has', alice({ namespaces: ['lab'] }, 'bob-bob'), ['namespace-pair']],
  [
    'a colliding pair',
    alice({ namespaces: ['b-c'] }, 'a'),
    ['namespace-pair'],
    facts({}, '{"a-b":{"role":"namespace-owner","email":"x@example.com","namespaces":["c"]}}'),
  ],
  ['a domain with a zone', alice({ domains: ['app.example.com'] }), ['domain-form']],
  ['a wildcard', alice({ domains: ['*'] }), ['domain-form']],
  ['a domain given twice', alice({ domains: ['x', 'x'] }), ['domain-twice']],
  ['another user’s domain', alice({ domains: ['bob-app'] }), ['domain-taken']],
  ['a domain of the platform', alice({ domains: ['blog'] }), ['domain-of-platform']],
  ['a quota of an admin', alice({ role: 'admin', namespaces: [], quota: { pods: '1' } }), ['quota-ignored']],
  ['a quota of CPU in memory units', alice({ quota: { cpu_requests: '4 cores' } }), ['quota-value']],
  ['a quota of memory without a unit', alice({ quota: { memory_limits: '8' } }), ['quota-value']],
  ['a quota of memory in thousandths', alice({ quota: { memory_limits: '8000000000001m' } }), ['quota-value']],
  ['a quota of half a pod', alice({ quota: { pods: '0.5' } }), ['quota-value']],
  ['a negative quota', alice({ quota: { cpu_requests: '-1' } }), ['quota-value']],
  [
    'everything at once',
    alice(
      {
        email: 'Bob@example.com',
        namespaces: ['ci', 'ci'],
        domains: ['a.b', 'blog'],
        quota: { pods: 'x', cpu_requests: '' },
      },
      'vault',
    ),
    [
      'name-reserved',
      'name-is-stack',
      'email-case',
      'email-taken',
      'namespace-twice',
      'namespace-ci',
      'domain-form',
      'domain-of-platform',
      'quota-value',
      'quota-value',
    ],
  ],
];

describe('rules', () => {
  const cases = CASES.map(([title, user, expected, known]) => ({ title, user, expected, known }));
  test.each(cases)('$title', ({ user, expected, known }) => {
    expect(codes(user, known)).toEqual(expected);
  });

  test('an entry does not collide with its own objects', () => {
    const bob = alice({ email: 'bob@example.com', namespaces: ['bob-lab'], domains: ['bob-app'] }, 'bob');
    expect(codes(bob)).toEqual([]);
  });

  test('a stored entry that was never applied does not own a secret of its name', () => {
    const users = `{"authentik":${BOB}}`;
    expect(codes(alice({}, 'authentik'), facts({}, users))).toEqual(['name-owns-secret']);
  });

  test('roots that may not be listed refuse with 77, other silence with its own status', () => {
    const [forbidden] = checkRules(alice(), facts({ roots: { state: 'unknown', reason: 'forbidden', error: denied } }));
    expect(forbidden).toMatchObject({ code: 'users.roots-not-listable', status: 'denied' });
    const gone = new InfraError('vault.unreachable', 'unavailable', 'Vault did not answer.');
    const [silent] = checkRules(alice(), facts({ roots: { state: 'unknown', reason: 'unreachable', error: gone } }));
    expect(silent).toMatchObject({ code: 'users.roots-unknown', status: 'unavailable' });
  });

  test('a source that was not answered is listed, never taken for an empty one', () => {
    const known = facts({
      namespaces: { state: 'unknown', reason: 'forbidden', error: denied },
      stacks: { state: 'not-configured', detail: 'the repository is not read' },
    });
    expect(codes(alice(), known)).toEqual([]);
    expect(unaskedFacts(known).map(({ id, verdict, reason }) => [id, verdict, reason])).toEqual([
      ['users.facts.namespaces', 'UNKNOWN', 'forbidden'],
      ['users.facts.stacks', 'SKIP', 'not-configured'],
      ['users.facts.authentik', 'SKIP', 'not-configured'],
    ]);
  });

  test('one violation keeps its code, several are listed with the status that matters most', () => {
    const one = rulesError('rbac', checkRules(alice({}, 'rbac'), facts()));
    expect([one.code, one.exitStatus]).toEqual(['users.name-is-stack', 65]);
    const roots = facts({ roots: { state: 'unknown', reason: 'forbidden', error: denied } });
    const several = rulesError('Alice', checkRules(alice({}, 'Alice'), roots));
    expect([several.code, several.exitStatus, several.violations.length]).toEqual(['users.rules', 77, 2]);
  });

  test('every message is a sentence and no word can break it', () => {
    const word = fc.string({ unit: 'binary' });
    const entry = fc.record({
      role: fc.constantFrom('namespace-owner', 'power-user', 'admin'),
      email: word,
      namespaces: fc.array(word),
      domains: fc.array(word),
      quota: fc.record({ cpu_requests: word, memory_requests: word, memory_limits: word, pods: word }),
    });
    fc.assert(
      fc.property(word, entry, (name, given) => {
        for (const { message } of checkRules({ name, entry: given as User['entry'] }, facts())) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: a message must hold none.
          expect(message).toMatch(/^(?!.*[\u0000-\u001f\u007f-\u009f\u202a-\u202e])["A-Z].*[.?]$/);
        }
      }),
    );
  });

  test('a valid user passes whatever the others are called', () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(label, (name) => {
        fc.pre(codes(alice({ namespaces: [] }, name)).every((code) => code === 'namespaces-missing') && name !== 'ci');
        const known = facts({ namespaces: { state: 'answered', value: [] } }, USERS);
        expect(codes(alice({ namespaces: [`${name}-x`.slice(0, 63)] }, name), known)).toEqual([]);
      }),
    );
  });

  test('rules have distinct ids', () => {
    expect(new Set(RULES.map((rule) => rule.id)).size).toBe(RULES.length);
  });
});
