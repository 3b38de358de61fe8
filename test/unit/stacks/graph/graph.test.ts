import { expect, test } from 'vitest';
import { cycleText } from '../../../../src/lib/stacks/graph/cycles.ts';
import { graphOf, relatives, wavesOf } from '../../../../src/lib/stacks/graph/graph.ts';
import { sliceOf } from '../../../../src/lib/stacks/graph/slice.ts';

const nodes = (edges: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(edges).map(([name, dependencies]) => ({ name, dependencies }));

const PLATFORM = { infra: [], platform: ['infra'], vault: ['platform'], blog: ['platform', 'vault'], calico: [] };

test('waves hold what needs nothing but earlier waves', () => {
  expect(graphOf(nodes(PLATFORM)).waves).toEqual([['calico', 'infra'], ['platform'], ['vault'], ['blog']]);
});

test('stacks that are chosen keep the order that runs through others', () => {
  expect(wavesOf(graphOf(nodes(PLATFORM)), ['blog', 'infra', 'calico'])).toEqual([['calico', 'infra'], ['blog']]);
});

test('dependants are counted directly and at any distance', () => {
  expect(relatives(graphOf(nodes(PLATFORM)), 'infra', 'down')).toEqual({
    direct: ['platform'],
    all: ['blog', 'platform', 'vault'],
  });
});

test.each([
  ['with itself', { a: ['a'], b: [] }, ['a → a'], ['a']],
  ['of two', { a: ['b'], b: ['a'] }, ['a → b → a'], ['a', 'b']],
  ['of two, with an innocent leaf', { a: ['b'], b: ['a', 'c'], c: [] }, ['a → b → a'], ['a', 'b']],
  ['of two, with an innocent dependant', { a: ['b'], b: ['a'], d: ['a'] }, ['a → b → a'], ['a', 'b', 'd']],
  ['of four', { a: ['b'], b: ['c'], c: ['d'], d: ['a'] }, ['a → b → c → d → a'], ['a', 'b', 'c', 'd']],
  ['twice, apart', { a: ['a'], b: ['c'], c: ['b'] }, ['a → a', 'b → c → b'], ['a', 'b', 'c']],
] as const)('a cycle %s is told in full, and blames nobody else', (_title, edges, cycles, unordered) => {
  const graph = graphOf(nodes(edges));
  expect(graph.cycles.map(cycleText)).toEqual(cycles);
  expect(graph.unordered).toEqual(unordered);
});

test('a chain of ten thousand stacks is no cycle and overflows nothing', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, at) => [`s${at}`, at === 0 ? [] : [`s${at - 1}`]]),
  );
  expect(graphOf(nodes(chain)).cycles).toEqual([]);
});

test('a target that is no stack is missing, outside, or not to be told', () => {
  const graph = graphOf([
    { name: 'a', dependencies: ['gone', '/elsewhere/c'], unresolved: ['${local.path}'] },
    { name: 'b', dependencies: ['a'] },
  ]);
  expect(graph.missing).toEqual([
    { stack: 'a', target: 'gone', kind: 'missing' },
    { stack: 'a', target: '/elsewhere/c', kind: 'outside' },
    { stack: 'a', target: '${local.path}', kind: 'unresolved' },
  ]);
  expect(graph.waves).toEqual([['a'], ['b']]);
});

test('names that are words elsewhere are names here', () => {
  const graph = graphOf(nodes({ constructor: ['__proto__'], __proto__x: [], 'my app': ['constructor'], '-dash': [] }));
  expect(graph.missing).toEqual([{ stack: 'constructor', target: '__proto__', kind: 'missing' }]);
  expect(graph.waves).toEqual([['-dash', '__proto__x', 'constructor'], ['my app']]);
});

test('a slice goes as deep as it is told, to the sides that it is told', () => {
  const implicit = [{ from: 'calico', to: 'vault', source: 'secret', because: 'x' } as const];
  const graph = graphOf(nodes(PLATFORM), implicit);
  expect(sliceOf(graph, 'vault', { up: true, down: false }).nodes).toEqual(['infra', 'platform', 'vault']);
  expect(sliceOf(graph, 'vault', { up: true, down: false }, 1).nodes).toEqual(['platform', 'vault']);
  const down = sliceOf(graph, 'vault', { up: false, down: true });
  expect(down.nodes).toEqual(['blog', 'calico', 'vault']);
  expect(down.edges.map(({ from, source }) => [from, source])).toEqual([
    ['blog', 'declared'],
    ['calico', 'secret'],
  ]);
});
