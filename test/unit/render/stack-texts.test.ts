import { expect, test } from 'vitest';
import { affectedText } from '../../../src/lib/render/stack-affected.ts';
import { graphText } from '../../../src/lib/render/stack-graph.ts';
import { mermaidText } from '../../../src/lib/render/stack-graph-formats.ts';
import { stackListText } from '../../../src/lib/render/stack-list.ts';
import { makeStyle, PLAIN } from '../../../src/lib/render/style.ts';
import type { AffectedStack } from '../../../src/lib/stacks/affected/affected.ts';
import { graphOf } from '../../../src/lib/stacks/graph/graph.ts';

const narrow = makeStyle({ colorLevel: 0, unicode: false, width: 40 });
const plain = (name: string, ...dependencies: string[]) => ({ name, dependencies });

const affected = (stacks: readonly AffectedStack[], more: object = {}): string =>
  affectedText(PLAIN, {
    base: { ref: 'origin/master', commit: 'b'.repeat(40), because: 'the default branch of origin' },
    mergeBase: 'a1b2c3d4'.repeat(5),
    behind: 0,
    changed: 3,
    stacks,
    removed: [],
    unattributed: [],
    ...more,
  });

test('reasons say which way a change takes', () => {
  const reasons = [
    { kind: 'own', path: 'stacks/blog/main.tf' },
    { kind: 'module', path: 'modules/tls/main.tf', via: 'modules/ingress → modules/tls' },
    { kind: 'module', path: 'modules/ingress/main.tf', via: 'modules/ingress' },
    { kind: 'input', path: 'scripts/boot.sh', via: 'stacks/blog/main.tf' },
  ] as const;
  expect(
    affected([{ name: 'blog', reasons }])
      .split('\n')
      .slice(3),
  ).toEqual([
    '  blog  stacks/blog/main.tf',
    '        modules/tls/main.tf (module by way of modules/ingress)',
    '        modules/ingress/main.tf (module)',
    '        scripts/boot.sh (read by stacks/blog/main.tf)',
  ]);
});

test('many reasons, and many files without a stack, are counted after the first', () => {
  const reasons = Array.from({ length: 9 }, (_, at) => ({ kind: 'own', path: `stacks/blog/${at}.tf` }) as const);
  const unattributed = Array.from({ length: 20 }, (_, at) => `docs/${at}.md`);
  const text = affected([{ name: 'blog', reasons }], { unattributed });
  expect(text).toContain('and 5 more');
  expect(text).toContain('Touching no stack: 20 files');
  expect(text).toContain('and 8 more: --json lists them');
});

test('what is removed is said not to be destroyed, and what only the base has not to be looked at', () => {
  const text = affected([], { removed: ['blog'], behind: 2 });
  expect(text).toContain('Removed: blog. What it made is still there; nothing here destroys it.');
  expect(text).toContain('origin/master has 2 commits that are not here');
});

test('names and paths cannot write to the terminal', () => {
  const text = affected([{ name: 'a\u001b[31m', reasons: [{ kind: 'own', path: 'x\u202ey' }] }]);
  expect([text.includes('\u001b'), text.includes('\u202e')]).toEqual([false, false]);
});

test('a graph fits a narrow terminal without Unicode, and draws no edge that others imply', () => {
  const leaves = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'].map((name) => plain(`leaf-${name}`, 'b', 'a'));
  const graph = graphOf([plain('a'), plain('b', 'a'), ...leaves]);
  const text = graphText(narrow, { graph, stacks: [] });
  expect(text).toBe(
    [
      '9 stacks, 15 dependencies in 3 waves',
      'a',
      '`- b',
      '   `- leaf-five, leaf-four, leaf-one,',
      '      leaf-seven, leaf-six, leaf-three,',
      '      leaf-two',
    ].join('\n'),
  );
});

test('a stack below two others is drawn twice, what is below it once', () => {
  const graph = graphOf([plain('a'), plain('b'), plain('c', 'a', 'b'), plain('d', 'c')]);
  expect(graphText(PLAIN, { graph, stacks: [] }).split('\n').slice(1)).toEqual([
    'a',
    '└─ c',
    '   └─ d',
    'b',
    '└─ c (see above)',
  ]);
});

test('mermaid and its words cannot be confused by names', () => {
  expect(mermaidText(graphOf([plain('end'), plain('a"b', 'end')]))).toBe(
    'graph LR\n  s0["a#quot;b"]\n  s1["end"]\n  s0 --> s1',
  );
});

test('a list says of locks once why they are unknown, and who holds one', () => {
  const listed = (name: string, lock: Parameters<typeof stackListText>[1]['stacks'][number]['lock']) => ({
    stack: { name, folder: '', tier: 1 as const, dependencies: [], readsUsers: false, empty: false },
    ci: 'app' as const,
    dependants: { direct: 1, all: 3 },
    lock,
    lastRun: { run: 'r', operation: 'user add', at: '2026-01-05T09:00:00Z', outcome: 'applied' as const },
  });
  const unknown = { state: 'unknown', reason: 'not asked' } as const;
  const held = { state: 'held', by: 'ada on desk (pid 7)', since: '2026-01-05T08:59:00Z' } as const;
  const text = stackListText(PLAIN, {
    problems: [],
    total: 3,
    stacks: [listed('a', unknown), listed('b', unknown), listed('c', held)],
  });
  expect(text.split('\n')).toEqual([
    'stack  tier  CI   needed by    last run (UTC)            lock',
    'a      1     app  1, 3 in all  2026-01-05 09:00 applied  ?',
    'b      1     app  1, 3 in all  2026-01-05 09:00 applied  ?',
    'c      1     app  1, 3 in all  2026-01-05 09:00 applied  held by ada on desk',
    expect.stringMatching(/^ {57}\(pid 7\), since/),
    expect.anything(),
    '',
    '? 2 locks unknown: not asked',
  ]);
});
