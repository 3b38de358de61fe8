import { describe, expect, it } from 'vitest';
import { InfraError } from '../../../src/lib/errors.ts';
import { applyOrder } from '../../../src/lib/stacks/order.ts';
import type { Stack } from '../../../src/lib/stacks/stack.ts';
import type { User } from '../../../src/lib/users/entry.ts';
import { makeSite } from './support/site.ts';

function user(...domains: readonly string[]): User {
  return {
    name: 'alice',
    entry: { role: 'namespace-owner', email: 'alice@example.com', namespaces: ['alice'], domains, quota: {} },
  };
}

function stack(name: string, dependencies: readonly string[] = [], more: Partial<Stack> = {}): Stack {
  return { name, folder: `/r/stacks/${name}`, tier: 1, dependencies, readsUsers: true, empty: false, ...more };
}

const EXTRACTED: readonly Stack[] = [
  stack('infra', [], { readsUsers: false }),
  stack('k8s-dashboard', ['platform']),
  stack('cloudflared', ['platform']),
  stack('woodpecker', ['platform', 'vault']),
  stack('rbac', ['infra']),
  stack('platform', ['infra'], { readsUsers: false, empty: true }),
  stack('vault', ['platform'], { tier: 0 }),
  stack('_template', ['platform'], { scaffold: true }),
];

const site = makeSite({ root: '/r' });
const names = (order: ReturnType<typeof applyOrder>): readonly string[] =>
  order.apply.map(({ stack: each }) => each.name);

describe('apply order', () => {
  it('is vault, platform, rbac, cloudflared, k8s-dashboard, woodpecker where everything was extracted', () => {
    const order = applyOrder(EXTRACTED, user('myapp'), site);
    expect(names(order)).toEqual(['vault', 'platform', 'rbac', 'cloudflared', 'k8s-dashboard', 'woodpecker']);
    expect(order.apply.map(({ reason }) => reason)).toEqual([
      'first: it makes the namespace that the others need',
      'empty here, kept for its order',
      'after vault: it makes the namespaces',
      'after vault: it makes the namespaces',
      'after rbac: it reads the token that rbac makes',
      'last: its apply restarts Woodpecker',
    ]);
    expect(order.leftOut).toEqual([]);
  });

  it('leaves cloudflared out, with the reason, for a user without domains', () => {
    const order = applyOrder(EXTRACTED, user(), site);
    expect(names(order)).not.toContain('cloudflared');
    expect(order.leftOut.map(({ stack: each, reason }) => [each.name, reason])).toEqual([
      ['cloudflared', 'reads k8s_users, left out: alice has no domains'],
    ]);
  });

  it('is vault, platform, woodpecker in the documented shape', () => {
    const documented = [stack('woodpecker'), stack('platform', ['infra']), stack('vault', ['platform'])];
    expect(names(applyOrder(documented, user(), site))).toEqual(['vault', 'platform', 'woodpecker']);
  });

  it('puts other readers where their declared and their implicit dependencies allow, woodpecker still last', () => {
    const more = [
      ...EXTRACTED,
      stack('zz-app', ['middle', 'woodpecker']),
      stack('aa-app', [], { waitsFor: [{ stack: 'zz-app', because: 'it reads the Secret x' }] }),
      stack('middle', ['k8s-dashboard'], { readsUsers: false }),
    ];
    const order = applyOrder(more, user(), site);
    expect(names(order)).toEqual(['vault', 'platform', 'rbac', 'k8s-dashboard', 'zz-app', 'aa-app', 'woodpecker']);
    expect(order.apply.find(({ stack: each }) => each.name === 'aa-app')?.reason).toBe(
      'after zz-app: it reads the Secret x',
    );
  });

  it('still gives every reader once when they wait for each other, and says so', () => {
    const order = applyOrder([stack('a', ['b']), stack('b', ['a'])], user(), site);
    expect(names(order)).toEqual(['a', 'b']);
    expect(order.warnings[0]).toContain('a, b wait for each other');
  });

  it('is what users.apply says, with a warning for readers that it forgets', () => {
    const order = applyOrder(EXTRACTED, user(), makeSite({ root: '/r', apply: ['rbac', 'vault', 'rbac', 'infra'] }));
    expect(names(order)).toEqual(['rbac', 'vault', 'infra']);
    expect(order.warnings).toEqual([
      'users.apply (test) leaves out k8s-dashboard, cloudflared, woodpecker, which reads k8s_users: it keeps its old users.',
    ]);
  });

  it('refuses a users.apply that names no stack of the repository, or a scaffold', () => {
    const bad = (): unknown =>
      applyOrder(EXTRACTED, user(), makeSite({ root: '/r', apply: ['vault', 'rbacc', '_template'] }));
    expect(bad).toThrow(InfraError);
    expect(bad).toThrow(/rbacc, _template/);
  });
});
