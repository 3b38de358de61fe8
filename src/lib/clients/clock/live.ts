import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './client.ts';

/** The machine's own clocks. */
export function makeClock(): Clock {
  return {
    now: () => new Date(),
    monotonic: () => performance.now(),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      try {
        await wait(ms, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        // The timer rejects with an AbortError of its own; the contract promises the signal's reason.
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
