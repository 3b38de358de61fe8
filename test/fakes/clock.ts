import type { Clock } from '../../src/lib/clients/clock/client.ts';

/** Time that passes only when somebody sleeps; `slept` holds every wait in milliseconds. */
export function fakeClock(start = new Date('2026-01-02T03:04:05Z')): Clock & { readonly slept: number[] } {
  let elapsed = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(start.getTime() + elapsed),
    monotonic: () => elapsed,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      elapsed += ms;
    },
  };
}
