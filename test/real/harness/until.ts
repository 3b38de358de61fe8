/** Waiting is asking again: there is no fixed sleep in this harness. */
import { setTimeout as pause } from 'node:timers/promises';

/** Asks until the answer is not undefined; an error counts as "not yet" and is named when time runs out. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof GaveUp) throw error;
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not after ${seconds} s`, { cause: last });
    await pause(20);
  }
}

/** Thrown by an `ask` that knows that asking again is of no use. */
export class GaveUp extends Error {}
