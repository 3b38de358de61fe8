import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findAffected } from '../../../../src/lib/stacks/affected/affected.ts';
import { gitIn, historyClients, initRepository } from '../support/history.ts';
import { makeSite } from '../support/site.ts';
import { apply, FIRST, render, writeDifference, writeHistory } from './generated-history.ts';
import { expectedOf, mergeBases } from './oracle.ts';

/** How many histories are tried; more in a nightly run. */
const RUNS = Number(process.env.INFRA_PROPERTY_RUNS ?? 150);

const number = fc.nat({ max: 40 });
const operation = fc.tuple(number, number, number, number);
const commit = fc.record({
  parents: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 2 }),
  operations: fc.array(operation, { maxLength: 3 }),
});
const scenario = fc.record({
  commits: fc.array(commit, { maxLength: 7 }),
  base: number,
  uncommitted: fc.array(operation, { maxLength: 3 }),
  staged: fc.boolean(),
});

test('equals a comparison of whole trees, on generated histories with merges, renames, deletions, links and chains', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ commits, base, uncommitted, staged }) => {
      const root = await mkdtemp(join(tmpdir(), 'infra-affected-'));
      try {
        await initRepository(root);
        const history = await writeHistory(root, commits);
        const head = history.length - 1;
        await gitIn(root, 'checkout', '-q', '-f', '-B', 'work', `c${head}`);
        const committed = history[head]?.model ?? FIRST;
        const working = uncommitted.reduce(apply, committed);
        await writeDifference(root, render(committed), render(working));
        if (staged) await gitIn(root, 'add', '-A');

        const onto = base % history.length;
        const found = await findAffected(historyClients(), makeSite({ root }), { base: `c${onto}` });

        const candidates = await Promise.all(
          mergeBases(history, onto, head).map(async (index) => ({
            id: (await gitIn(root, 'rev-parse', `c${index}`)).trim(),
            model: history[index]?.model ?? FIRST,
          })),
        );
        const mergeBase = candidates.find(({ id }) => id === found.mergeBase);
        expect(mergeBase).toBeDefined();
        expect({
          stacks: Object.fromEntries(
            found.stacks.map(({ name, reasons }) => [name, reasons.map(({ kind, path }) => `${kind} ${path}`).sort()]),
          ),
          removed: [...found.removed].sort(),
          unattributed: found.unattributed,
        }).toEqual(expectedOf(mergeBase?.model ?? FIRST, committed, working));
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    }),
    { numRuns: RUNS },
  );
});
