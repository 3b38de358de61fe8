import { expect, test } from 'vitest';
import { lastRunOf, parseLastRun } from '../../../src/lib/diagnosis/changes.ts';
import { conclude } from '../../../src/lib/diagnosis/conclude.ts';
import type { Json } from '../../../src/lib/diagnosis/json.ts';
import type { Probe } from '../../../src/lib/diagnosis/probe.ts';
import { heldClock } from './held-clock.ts';
import { diagnoseTiny, settle, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

const never = (): Promise<Json> => new Promise(() => {});

/** Hosts that are listed, or those of the last run; and somebody who asks them. */
function hosts(collect: Probe['collect']) {
  const listed = tinyProbe('t.a.hosts', {
    collect,
    timeoutMs: 4000,
    fallback: ({ message }, { remembered }) => remembered && { hosts: remembered.hosts ?? [], because: message },
    judge: (evidence) =>
      JSON.stringify(evidence).includes('because')
        ? { verdict: 'UNKNOWN', reason: 'timeout', detail: JSON.stringify(evidence) }
        : { verdict: 'PASS', detail: 'listed' },
  });
  const asked = tinyProbe('t.b.asked', {
    dependsOn: ['t.a.hosts'],
    collect: async ({ given }) => given.answer('t.a.hosts'),
    judge: (evidence) => ({ verdict: 'PASS', detail: JSON.stringify(evidence) }),
  });
  return tinyRunbook([listed, asked], {
    remember: (judged) => {
      const answer = judged.answer<{ hosts: Json; because?: string }>('t.a.hosts');
      return answer === undefined || answer.because !== undefined ? undefined : { hosts: answer.hosts };
    },
  });
}

test('when the list never comes, those of the last run are asked, in time, and nobody calls it known', async () => {
  const clock = heldClock();
  const running = diagnoseTiny(hosts(never), { clock, deadlineMs: 10_000, remembered: { hosts: ['a', 'b'] } });
  await settle();
  clock.pass(4000);
  const { diagnosis, recorded } = await running;
  expect(diagnosis.ended).toBe('complete');
  expect(diagnosis.findings).toMatchObject([
    { verdict: 'UNKNOWN', reason: 'timeout', detail: expect.stringContaining('no answer within 4 s') },
    { verdict: 'PASS', detail: expect.stringContaining('["a","b"]') },
  ]);
  // What a replay reads is what was judged.
  expect(conclude(hosts(never), recorded)).toEqual(diagnosis);
});

test('without a last run there is no answer, and what stands on it is blocked', async () => {
  const clock = heldClock();
  const running = diagnoseTiny(hosts(never), { clock });
  await settle();
  clock.pass(4000);
  expect((await running).diagnosis.findings).toMatchObject([
    { verdict: 'UNKNOWN', reason: 'timeout' },
    { verdict: 'UNKNOWN', reason: 'blocked', blockedBy: 't.a.hosts' },
  ]);
});

test('after the deadline nothing is gone on with', async () => {
  const clock = heldClock();
  const running = diagnoseTiny(hosts(never), { clock, deadlineMs: 1000, remembered: { hosts: ['a'] } });
  await settle();
  clock.pass(1000);
  expect((await running).diagnosis.findings).toMatchObject([{ reason: 'deadline' }, { reason: 'deadline' }]);
});

test('what a run cannot find out again is kept of the one before', async () => {
  const { diagnosis } = await diagnoseTiny(hosts(async () => ({ hosts: ['a'] })));
  const kept = parseLastRun(JSON.stringify(lastRunOf(diagnosis)));
  expect(kept?.remembered).toEqual({ hosts: ['a'] });
  const { diagnosis: later } = await diagnoseTiny(hosts(() => Promise.reject(new Error('a defect'))));
  expect(lastRunOf(later, kept).remembered).toEqual({ hosts: ['a'] });
});
