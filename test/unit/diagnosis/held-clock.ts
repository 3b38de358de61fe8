import type { Clock } from '../../../src/lib/clients/clock/client.ts';

/** Time that stands still until the test lets it pass: sleepers wake when `pass` reaches their end. */
export function heldClock(start = new Date('2026-04-18T12:39:00Z')): Clock & { pass(ms: number): void } {
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  const state = { elapsed: 0 };
  return {
    now: () => new Date(start.getTime() + state.elapsed),
    monotonic: () => state.elapsed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const sleeper = { until: state.elapsed + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    pass(ms) {
      state.elapsed += ms;
      for (const sleeper of [...sleepers]) {
        if (sleeper.until > state.elapsed) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
