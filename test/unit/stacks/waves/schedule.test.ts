import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ended, Worked } from '../../../../src/lib/stacks/waves/schedule.ts';
import { runSchedule } from '../../../../src/lib/stacks/waves/schedule.ts';

/** A DAG of up to 12 tasks, and how each ends at its first and second try. */
type Case = {
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly ends: ReadonlyMap<string, readonly [Worked<string>['state'], Worked<string>['state']]>;
  readonly parallelism: number;
  readonly order: readonly number[];
};

const cases: fc.Arbitrary<Case> = fc
  .record({
    rows: fc.array(
      fc.record({
        needs: fc.array(fc.nat(11), { maxLength: 4 }),
        ends: fc.tuple(
          fc.constantFrom('done', 'done', 'failed', 'again') as fc.Arbitrary<Worked<string>['state']>,
          fc.constantFrom('done', 'failed', 'again') as fc.Arbitrary<Worked<string>['state']>,
        ),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    parallelism: fc.integer({ min: 1, max: 5 }),
    order: fc.infiniteStream(fc.nat()).map((stream) => [...stream.take(60)]),
  })
  .map(({ rows, parallelism, order }) => ({
    // Needs point to earlier tasks only: that makes it a DAG.
    needs: new Map(
      rows.map(({ needs }, at) => [`t${at}`, [...new Set(needs.filter((on) => on < at))].map((on) => `t${on}`)]),
    ),
    ends: new Map(rows.map(({ ends }, at) => [`t${at}`, ends] as const)),
    parallelism,
    order,
  }));

/** What happened, in its order. */
type Seen = { readonly what: 'begin' | 'end'; readonly name: string; readonly running: number };

/** Runs a case; whoever runs is ended in the order that the case says, not in the order in which they began. */
async function play(
  given: Case,
  lane?: (name: string) => string | undefined,
): Promise<{ readonly seen: readonly Seen[]; readonly ended: ReadonlyMap<string, Ended<string>> }> {
  const seen: Seen[] = [];
  const open = new Map<string, (worked: Worked<string>) => void>();
  const order = [...given.order];
  const finishOne = (): void => {
    const names = [...open.keys()];
    const name = names[(order.shift() ?? 0) % Math.max(1, names.length)];
    if (name === undefined) return;
    const tries = seen.filter((each) => each.what === 'begin' && each.name === name).length;
    const state = given.ends.get(name)?.[tries - 1] ?? 'done';
    const end = open.get(name);
    open.delete(name);
    seen.push({ what: 'end', name, running: open.size });
    end?.({ state, value: name });
  };
  const ended = runSchedule<string>({
    needs: given.needs,
    parallelism: given.parallelism,
    signal: new AbortController().signal,
    ...(lane === undefined ? {} : { lane }),
    work: (name) =>
      new Promise((resolve) => {
        open.set(name, resolve);
        seen.push({ what: 'begin', name, running: open.size });
      }),
  });
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    // Every promise that can settle does so before the next one ends.
    await new Promise((resolve) => setImmediate(resolve));
    finishOne();
  }
  return { seen, ended: await over };
}

/** The obviously right answer: a task fails by itself, or is blocked by the failed ones that it reaches. */
function expected({ needs, ends }: Case): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const fails = (name: string): boolean => {
    const [first, second] = ends.get(name) ?? ['done', 'done'];
    return first === 'failed' || (first === 'again' && second !== 'done');
  };
  const culprits = (name: string): readonly string[] =>
    (needs.get(name) ?? []).flatMap((on) => (culprits(on).length > 0 ? culprits(on) : fails(on) ? [on] : []));
  for (const name of needs.keys()) {
    const by = [...new Set(culprits(name))].sort();
    found.set(name, by.length > 0 ? `blocked by ${by.join(' ')}` : fails(name) ? 'failed' : 'done');
  }
  return found;
}

const said = (ended: Ended<string> | undefined): string =>
  ended?.state === 'blocked' ? `blocked by ${ended.by.join(' ')}` : String(ended?.state);

describe('a schedule', () => {
  it('ends every task of any DAG as it must, in any order of completion: blocked are exactly the dependants', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const { ended } = await play(given);
        expect(new Map([...ended].map(([name, how]) => [name, said(how)]))).toEqual(expected(given));
      }),
      { numRuns: 150 },
    );
  });

  it('never runs more than it may, begins nothing before its needs are done, and nothing twice but after `again`', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const { seen } = await play(given);
        expect(Math.max(...seen.map(({ running }) => running))).toBeLessThanOrEqual(given.parallelism);
        for (const [at, { what, name }] of seen.entries()) {
          if (what === 'end') continue;
          const before = seen.slice(0, at);
          for (const on of given.needs.get(name) ?? [])
            expect(before.some((each) => each.what === 'end' && each.name === on)).toBe(true);
        }
        for (const [name, [first]] of given.ends) {
          const begins = seen.filter((each) => each.what === 'begin' && each.name === name).length;
          expect(begins).toBeLessThanOrEqual(first === 'again' ? 2 : 1);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('tries what could not be had again only when nothing else of its wave is left', async () => {
    const needs = new Map([
      ['a', []],
      ['b', []],
      ['c', []],
      ['after-a', ['a']],
    ]);
    const ends = new Map<string, readonly [Worked<string>['state'], Worked<string>['state']]>([
      ['a', ['again', 'done']],
    ]);
    const { seen, ended } = await play({ needs, ends, parallelism: 1, order: [] });
    const begun = seen.filter(({ what }) => what === 'begin').map(({ name }) => name);
    expect(begun).toEqual(['a', 'b', 'c', 'a', 'after-a']);
    expect(said(ended.get('a'))).toBe('done');
  });

  it('keeps a processor busy: whoever has the longest chain behind it goes first', async () => {
    const needs = new Map([
      ['a-alone', []],
      ['z-root', []],
      ['z-middle', ['z-root']],
      ['z-end', ['z-middle']],
    ]);
    const { seen } = await play({ needs, ends: new Map(), parallelism: 1, order: [] });
    expect(seen.filter(({ what }) => what === 'begin').map(({ name }) => name)).toEqual([
      'z-root',
      'z-middle',
      'a-alone',
      'z-end',
    ]);
  });

  it('never runs two tasks of one lane at once, and lets the others pass', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const inLane = (name: string): boolean => Number(name.slice(1)) % 2 === 0;
        const { seen } = await play(given, (name) => (inLane(name) ? 'git' : undefined));
        const open = new Set<string>();
        for (const { what, name } of seen.filter(({ name }) => inLane(name))) {
          if (what === 'begin') open.add(name);
          else open.delete(name);
          expect(open.size).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('begins nothing after the signal and waits for what runs', async () => {
    const stop = new AbortController();
    const needs = new Map([
      ['a', []],
      ['b', []],
      ['c', ['a']],
    ]);
    const ended = await runSchedule<string>({
      needs,
      parallelism: 1,
      signal: stop.signal,
      work: async (name) => {
        stop.abort();
        return { state: 'done', value: name };
      },
    });
    expect([...ended].map(([name, how]) => `${name} ${how.state}`)).toEqual(['a done', 'b not-begun', 'c not-begun']);
  });

  it('throws a defect on, once what runs has ended', async () => {
    const log: string[] = [];
    const running = runSchedule<string>({
      needs: new Map([
        ['a', []],
        ['b', []],
        ['c', []],
      ]),
      parallelism: 2,
      signal: new AbortController().signal,
      work: async (name) => {
        log.push(`begin ${name}`);
        if (name === 'a') throw new TypeError('defect');
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`end ${name}`);
        return { state: 'done', value: name };
      },
    });
    await expect(running).rejects.toThrow('defect');
    expect(log).toEqual(['begin a', 'begin b', 'end b']);
  });
});
