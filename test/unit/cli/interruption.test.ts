import { expect, test } from 'vitest';
import { makeInterrupter, orInterrupted } from '../../../src/lib/cli/interruption.ts';

const never = new Promise<never>(() => {});

test('work that finishes by itself is returned, also after a signal', async () => {
  const { interruption, interrupt } = makeInterrupter();
  interrupt('sigint');
  expect(await orInterrupted(Promise.resolve('partial'), interruption, 60_000)).toBe('partial');
});

test('work that ignores the signal is given up with the reason of the signal', async () => {
  const { interruption, interrupt } = makeInterrupter();
  const work = orInterrupted(never, interruption, 1);
  interrupt('sigterm');
  await expect(work).rejects.toMatchObject({ code: 'interrupted.sigterm', status: 'sigterm', exitStatus: 143 });
});

test('held work is waited for, however long the grace is over', async () => {
  const { interruption, interrupt } = makeInterrupter();
  const apply = Promise.withResolvers<string>();
  const work = orInterrupted(
    interruption.hold(() => apply.promise),
    interruption,
    1,
  );
  interrupt('sigint');
  // Another interruption with the same grace, and nothing held, runs out several times meanwhile.
  for (let i = 0; i < 5; i += 1) {
    const other = makeInterrupter();
    other.interrupt('sigint');
    await expect(orInterrupted(never, other.interruption, 1)).rejects.toThrow();
  }
  expect(interruption.held).toBe(true);
  apply.resolve('state saved');
  expect(await work).toBe('state saved');
  expect(interruption.held).toBe(false);
});

test('the first signal decides', () => {
  const { interruption, interrupt } = makeInterrupter();
  interrupt('sigterm');
  interrupt('sigint');
  expect(interruption.status).toBe('sigterm');
});
