import { expect, test } from 'vitest';
import { makeClock } from '../../../../src/lib/clients/clock/live.ts';

const clock = makeClock();

test('tells the time, and a time that only grows', () => {
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(60_000);
  const first = clock.monotonic();
  expect(clock.monotonic()).toBeGreaterThanOrEqual(first);
});

test('sleeps at least as long as asked', async () => {
  const start = clock.monotonic();
  await clock.sleep(20);
  expect(clock.monotonic() - start).toBeGreaterThanOrEqual(18);
});

test('an aborted sleep ends at once with the reason', async () => {
  const controller = new AbortController();
  const sleeping = clock.sleep(60_000, controller.signal);
  const reason = new Error('stop');
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(clock.sleep(60_000, controller.signal)).rejects.toBe(reason);
});
