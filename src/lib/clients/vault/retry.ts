import type { Clock } from '../clock/client.ts';
import type { Exchanged } from '../http/exchange.ts';
import { ExchangeError } from '../http/exchange-error.ts';
import { retryAfterSeconds } from './answer.ts';
import { isSealed } from './errors.ts';

/** A read is asked at most this often. */
const ATTEMPTS = 4;
/** First pause in milliseconds; it doubles, and half of it is jitter. */
const FIRST_PAUSE_MS = 150;
/** A server that asks for a longer pause than this many seconds gets no second request in this run. */
const LONGEST_WAIT_S = 10;

/** What makes a read be asked again: a lost `connection` only, or a `status` as well. */
export type RetryOn = 'connection' | 'status';

/**
 * Asks a read again, three times at most, when the answer is 412 (the node has not caught up), 429, or 5xx, or when the
 * connection was lost. Vault's `Retry-After` counts. Not asked again: sealed, 501, a timeout, an untrusted certificate.
 */
export async function retryRead(
  ask: () => Promise<Exchanged>,
  retryOn: RetryOn,
  clock: Pick<Clock, 'sleep' | 'now'>,
  signal?: AbortSignal,
): Promise<Exchanged> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await ask().catch((error: unknown) => error);
    const pause = attempt < ATTEMPTS ? pauseAfter(outcome, attempt, retryOn, clock) : undefined;
    if (pause === undefined) {
      if (isAnswer(outcome)) return outcome;
      throw outcome;
    }
    await clock.sleep(pause, signal);
  }
}

function isAnswer(outcome: unknown): outcome is Exchanged {
  return !(outcome instanceof Error);
}

/** Milliseconds to wait before the next attempt; undefined when the outcome stands. */
function pauseAfter(
  outcome: unknown,
  attempt: number,
  retryOn: RetryOn,
  clock: Pick<Clock, 'now'>,
): number | undefined {
  const pause = FIRST_PAUSE_MS * 2 ** (attempt - 1);
  const jittered = pause / 2 + (Math.random() * pause) / 2;
  if (!isAnswer(outcome)) return outcome instanceof ExchangeError && outcome.failure === 'lost' ? jittered : undefined;
  const { status } = outcome;
  const transient = status === 412 || status === 429 || (status >= 500 && status !== 501 && !isSealed(outcome));
  if (!transient || retryOn === 'connection') return undefined;
  const asked = retryAfterSeconds(outcome.headers['retry-after'], clock.now());
  if (asked === undefined) return jittered;
  return asked > LONGEST_WAIT_S ? undefined : asked * 1000 + jittered;
}
