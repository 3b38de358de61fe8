import { describe, expect, test } from 'vitest';
import { groupDrift, resourceOf } from '../../../../src/lib/stacks/drift/groups.ts';
import type { DriftReport } from '../../../../src/lib/stacks/drift/result.ts';
import type { Change } from '../../../../src/lib/stacks/stack.ts';

const change = (address: string, changes: Partial<Change> = {}): Change => ({
  address,
  type: 'kubernetes_secret',
  class: 'update',
  attributes: ['data'],
  digest: address,
  namesUser: false,
  ...changes,
});

const report = (stack: string, ...changes: readonly Change[]): DriftReport => ({
  stack,
  tier: 1,
  state: 'drift',
  changes,
  ignored: [],
  firstSeen: undefined,
  error: undefined,
  durationMs: 1,
});

describe('the same change in many stacks', () => {
  test('is one group, whatever module calls and keys lead to it', () => {
    const groups = groupDrift([
      report('a', change('module.tls.kubernetes_secret.tls')),
      report('b', change('module.other["x"].kubernetes_secret.tls[0]')),
      report('c', change('kubernetes_secret.tls'), change('kubernetes_secret.token')),
    ]);
    expect(groups).toMatchObject([
      { what: 'kubernetes_secret.tls', stacks: ['a', 'b', 'c'] },
      { what: 'kubernetes_secret.token', stacks: ['c'] },
    ]);
  });

  test('of other attributes, of another kind, or with another reason to replace, is another one', () => {
    const groups = groupDrift([
      report('a', change('kubernetes_secret.tls')),
      report('b', change('kubernetes_secret.tls', { attributes: ['type'] })),
      report('c', change('kubernetes_secret.tls', { class: 'delete', attributes: [] })),
      report('d', change('kubernetes_secret.tls', { class: 'replace', replacePaths: ['type'] })),
      report('e', change('kubernetes_secret.tls', { class: 'replace', replacePaths: ['name'] })),
    ]);
    expect(groups).toHaveLength(5);
    expect(groups.map((group) => group.class)).toEqual(['delete', 'replace', 'replace', 'update', 'update']);
  });

  test('shows the whole address where all agree', () => {
    const same = change('module.tls["a"].kubernetes_secret.tls');
    expect(groupDrift([report('a', same), report('b', same)])[0]?.what).toBe(same.address);
  });

  test.each([
    ['kubernetes_secret.tls', 'kubernetes_secret.tls'],
    ['module.a["kubernetes_secret.x"].kubernetes_secret.tls["b.c"]', 'kubernetes_secret.tls'],
    ['output.x', 'output.x'],
  ])('%s is the resource %s', (address, resource) => {
    expect(resourceOf({ address, type: 'kubernetes_secret' })).toBe(resource);
  });
});
