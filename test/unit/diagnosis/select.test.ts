import { expect, test } from 'vitest';
import type { Recorded } from '../../../src/lib/diagnosis/collected.ts';
import { selectProbes } from '../../../src/lib/diagnosis/select.ts';
import { askUntil } from '../../../src/lib/diagnosis/wait.ts';
import { heldClock } from './held-clock.ts';
import { settle, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

const runbook = tinyRunbook(['tiny.outpost.logs', 'tiny.outpost.shm', 'tiny.edge.direct'].map((id) => tinyProbe(id)));
const selected = (only: readonly string[], skip: readonly string[] = [], first = false): readonly string[] =>
  selectProbes(runbook, { only, skip, first });

test('a word is an id, an id without the subject, a layer, an anchor or a pattern', () => {
  expect(selected(['tiny.outpost.logs'])).toEqual(['tiny.outpost.logs']);
  expect(selected(['outpost.shm'])).toEqual(['tiny.outpost.shm']);
  expect(selected(['edge'])).toEqual(['tiny.edge.direct']);
  expect(selected(['tiny-edge-direct'])).toEqual(['tiny.edge.direct']);
  expect(selected(['*.s*'])).toEqual(['tiny.outpost.shm']);
  expect(selected([], ['outpost'])).toEqual(['tiny.edge.direct']);
  expect(selected([], [], true)).toEqual(['tiny.outpost.logs']);
});

test('a word that names nothing, and a selection of nothing, are usage errors', () => {
  expect(() => selected(['outposts'])).toThrow('No probe of tiny is called outposts.');
  expect(() => selected([], ['nope'])).toThrow('No probe of tiny is called nope.');
  expect(() => selected(['edge'], ['edge'])).toThrow('No probe is left to ask.');
  expect(() => selected(['.'])).toThrow('No probe');
});

const answer = (ended: Recorded['ended'] = 'complete'): Recorded => ({
  ...{ subject: 'tiny', at: '2026-04-18T12:00:00Z', durationMs: 0, reviews: 0, options: {}, selected: [], ignore: [] },
  ...{ isKept: false, collected: [], ended },
});

test('waiting asks again until it is good, and the last answer counts', async () => {
  const clock = heldClock();
  const state = { asked: 0 };
  const running = askUntil(
    async () => {
      state.asked += 1;
      return { ...answer(), durationMs: state.asked };
    },
    {
      ...{ clock, waitMs: 60_000, signal: new AbortController().signal },
      isGood: ({ durationMs }) => durationMs === 3,
      onAgain: () => {},
    },
  );
  for (const _ of [1, 2, 3]) {
    await settle();
    clock.pass(5000);
  }
  expect((await running).durationMs).toBe(3);
});

test('waiting ends when its time is over, at once after a signal, and after a deadline', async () => {
  const waits = async (ms: number, ended: Recorded['ended'], signal = new AbortController().signal) => {
    const clock = heldClock();
    const state = { asked: 0 };
    const ask = async (): Promise<Recorded> => {
      state.asked += 1;
      return answer(ended);
    };
    const running = askUntil(ask, { clock, waitMs: ms, signal, isGood: () => false, onAgain: () => {} });
    for (const _ of [1, 2, 3, 4]) {
      await settle();
      clock.pass(5000);
    }
    return { asked: state.asked, ended: (await running).ended };
  };
  expect(await waits(7000, 'complete')).toEqual({ asked: 3, ended: 'complete' });
  expect(await waits(60_000, 'deadline')).toEqual({ asked: 1, ended: 'deadline' });
  expect(await waits(60_000, 'complete', AbortSignal.abort())).toEqual({ asked: 1, ended: 'interrupted' });
});
