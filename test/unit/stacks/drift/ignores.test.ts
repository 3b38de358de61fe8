import { describe, expect, test } from 'vitest';
import type { IgnoredFinding } from '../../../../src/lib/site/site.ts';
import { expiredIgnores, partIgnored } from '../../../../src/lib/stacks/drift/ignores.ts';
import type { Change } from '../../../../src/lib/stacks/stack.ts';
import { makeSite } from '../support/site.ts';

const at = (address: string): Change => ({ address, type: 'x', class: 'update', digest: '', namesUser: false });

function site(...entries: readonly Partial<IgnoredFinding>[]) {
  const value = entries.map((entry) => ({ finding: 'stack.drift', reason: 'r', expires: '2026-01-31', ...entry }));
  return { ...makeSite({ root: '/r' }), ignore: { value, source: 'test' } };
}

const NOW = new Date('2026-01-31T23:59:59Z');
const ignored = (subject: string | undefined, stack: string, address: string, now = NOW): boolean =>
  partIgnored(site(subject === undefined ? {} : { subject }), stack, [at(address)], now).ignored.length === 1;

describe('accepted drift', () => {
  test.each<[string | undefined, string, string, boolean]>([
    [undefined, 'any', 'x.y', true],
    ['rbac', 'rbac', 'x.y', true],
    ['rbac', 'rbac2', 'x.y', false],
    ['k8s-*', 'k8s-portal', 'x.y', true],
    ['rbac:x.y', 'rbac', 'x.y', true],
    ['rbac:x.y', 'rbac', 'x.yy', false],
    ['*:null_resource.*', 'dbaas', 'null_resource.a["b:c"]', true],
    ['*:module.a["b"].x.y', 'dbaas', 'module.a["b"].x.y', true],
    ['*:module.*.x.*', 'dbaas', 'module.a.x.y', true],
    ['*:a*a', 'dbaas', 'a', false],
    ['*:ab*ba*', 'dbaas', 'aba', false],
  ])('%j, stack %s, %s: %s', (subject, stack, address, expected) => {
    expect(ignored(subject, stack, address)).toBe(expected);
  });

  test('counts to the end of its day, and is named from then on', () => {
    expect(ignored('rbac', 'rbac', 'x.y', new Date('2026-02-01T00:00:00Z'))).toBe(false);
    expect(expiredIgnores(site({ subject: 'rbac' }), NOW)).toEqual([]);
    expect(expiredIgnores(site({ subject: 'rbac' }), new Date('2026-02-01T00:00:00Z'))).toMatchObject([
      { verdict: 'WARN', title: 'ignore of rbac' },
    ]);
  });

  test('only parts of a stack may be accepted, and other findings accept no drift', () => {
    const parted = partIgnored(site({ subject: 'rbac:x.y' }), 'rbac', [at('x.y'), at('x.z')], NOW);
    expect(parted.changes.map(({ address }) => address)).toEqual(['x.z']);
    expect(partIgnored(site({ finding: 'mail.port' }), 'rbac', [at('x.y')], NOW).ignored).toEqual([]);
  });
});
