import { describe, expect, it } from 'vitest';
import type { Stack } from '../../../../src/lib/stacks/stack.ts';
import { makeExclusive } from '../../../../src/lib/stacks/waves/exclusive.ts';
import { levelsOf, needsAmong } from '../../../../src/lib/stacks/waves/needs.ts';
import { defaultParallelism } from '../../../../src/lib/stacks/waves/parallelism.ts';

const stack = (name: string, dependencies: readonly string[] = [], more: Partial<Stack> = {}): Stack => ({
  name,
  folder: `/repo/stacks/${name}`,
  tier: 1,
  dependencies,
  readsUsers: false,
  empty: false,
  ...more,
});

const plain = (needs: ReadonlyMap<string, readonly string[]>): object => Object.fromEntries(needs);

describe('what chosen stacks wait for', () => {
  const all = [
    stack('infra'),
    stack('platform', ['infra']),
    stack('vault', ['platform']),
    stack('app', ['vault', 'gone']),
  ];

  it('are dependencies among them, those through stacks that are not chosen too', () => {
    expect(plain(needsAmong(['app', 'infra'], all))).toEqual({ app: ['infra'], infra: [] });
    expect(plain(needsAmong(['app', 'vault'], all))).toEqual({ app: ['vault'], vault: [] });
  });

  it('are in waves, each behind all that it waits for', () => {
    const waves = levelsOf(needsAmong(['app', 'infra', 'platform', 'vault'], all));
    expect(Object.fromEntries(waves)).toEqual({ infra: 0, platform: 1, vault: 2, app: 3 });
  });

  it('are also those whose objects it needs without saying so, unless they wait for it', () => {
    const undeclared = [stack('dashboard'), stack('rbac'), stack('vault', ['rbac'])];
    const implicit = [
      { from: 'dashboard', to: 'rbac' },
      { from: 'rbac', to: 'dashboard' },
      { from: 'rbac', to: 'vault' },
      { from: 'rbac', to: 'gone' },
    ];
    expect(plain(needsAmong(['dashboard', 'rbac', 'vault'], undeclared, implicit))).toEqual({
      dashboard: ['rbac'],
      rbac: [],
      vault: ['rbac'],
    });
  });

  it.each([
    ['itself', [stack('a', ['a'])], 'a → a'],
    ['two', [stack('a', ['b']), stack('b', ['a'])], 'a → b → a'],
    ['a circle that it merely reaches', [stack('a', ['b']), stack('b', ['c']), stack('c', ['b'])], 'b → c → b'],
  ])('refuses a circle of %s with its path', (_what, stacks, path) => {
    expect(() => needsAmong(['a'], stacks)).toThrow(path);
  });

  it('does not mind a circle that no chosen stack reaches', () => {
    expect(plain(needsAmong(['x'], [stack('x'), stack('a', ['b']), stack('b', ['a'])]))).toEqual({ x: [] });
  });
});

describe('the default parallelism', () => {
  const GIB = 1024 ** 3;
  it.each([
    [2, 16 * GIB, 4],
    [64, 256 * GIB, 16],
    [8, 4 * GIB, 5],
    [4, 0.5 * GIB, 1],
  ])('of %d cores and %d bytes is %d', (cores, memoryBytes, wanted) => {
    expect(defaultParallelism({ cores, memoryBytes })).toBe(wanted);
  });
});

describe('an exclusive queue', () => {
  it('runs one piece after another, also after one that failed', async () => {
    const alone = makeExclusive();
    const log: string[] = [];
    const piece = (name: string, fails = false) =>
      alone(async () => {
        log.push(`begin ${name}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`end ${name}`);
        if (fails) throw new Error(name);
        return name;
      });
    const all = await Promise.allSettled([piece('a'), piece('b', true), piece('c')]);
    expect(log).toEqual(['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
