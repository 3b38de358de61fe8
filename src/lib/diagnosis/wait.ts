import type { Clock } from '../clients/clock/client.ts';
import type { Recorded } from './collected.ts';

const PAUSE_MS = 5000;

/** How long to go on asking, and what for. */
export type WaitOptions = {
  readonly clock: Clock;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly isGood: (recorded: Recorded) => boolean;
  /** Called before each pause. */
  readonly onAgain: (recorded: Recorded, pauseMs: number, leftMs: number) => void;
};

/** Asks again and again, with a pause between, until the answer is good, the time is over, or a signal comes. The last answer counts. */
export async function askUntil(ask: () => Promise<Recorded>, options: WaitOptions): Promise<Recorded> {
  const { clock, waitMs, signal, isGood, onAgain } = options;
  const end = clock.monotonic() + waitMs;
  for (;;) {
    const recorded = await ask();
    const left = end - clock.monotonic();
    if (recorded.ended !== 'complete' || isGood(recorded) || left <= 0) return recorded;
    const pause = Math.min(PAUSE_MS, left);
    onAgain(recorded, pause, left);
    try {
      await clock.sleep(pause, signal);
    } catch (error) {
      if (signal.aborted) return { ...recorded, ended: 'interrupted' };
      throw error;
    }
  }
}
