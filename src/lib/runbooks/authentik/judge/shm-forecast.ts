import type { Forecast, ForecastMethod } from '../../../diagnosis/forecast.ts';
import { timeWords } from '../../words.ts';
import type { ShmFact } from '../evidence/shm.ts';
import { isFull, type Level, type Outlook, outlook } from './fill.ts';
import { sampledRate } from './shm-level.ts';

/** What else is known of a pod: when its folder was empty, when the first write failed, how long sessions live. */
export type Background = {
  readonly startedAt: string | undefined;
  readonly firstFailedWrite: string | undefined;
  /** The first failed write may have been earlier: the log starts there. */
  readonly orBefore: boolean;
  readonly validitySeconds: number | undefined;
};

/** Below these a rate is chance: a pod that has just started, a handful of files. */
const ENOUGH_MINUTES = 10;
const ENOUGH_FILES = 10;

/** A rate (files a minute), how it was found, and how far off it may be (0.25: a quarter). */
export type Rate = { readonly perMinute: number; readonly method: ForecastMethod; readonly error: number };

/**
 * The rate at which sessions are made. A full folder grows no more, so that neither two measurements nor the count over
 * the uptime is a rate then: the time from the pod's start to the first failed write is.
 */
export function rateOf(fact: ShmFact, level: Level, background: Background): Rate | undefined {
  const { startedAt, firstFailedWrite, validitySeconds } = background;
  const minutesTo = (iso: string): number =>
    startedAt === undefined ? 0 : (Date.parse(iso) - Date.parse(startedAt)) / 60_000;
  const held = level.sessions ?? 0;
  if (isFull(level)) {
    if (firstFailedWrite === undefined) return undefined;
    const minutes = minutesTo(firstFailedWrite);
    const { room } = outlook(level, 0, undefined);
    return minutes < ENOUGH_MINUTES
      ? undefined
      : { perMinute: room / minutes, method: 'start to first failed write', error: 0.25 };
  }
  const sampled = sampledRate(fact);
  if (sampled !== undefined) {
    const grown = Math.max(1, (fact.later?.files ?? 0) - (fact.files ?? 0));
    return { perMinute: sampled, method: 'two samples', error: Math.min(0.9, Math.max(0.25, 2 / Math.sqrt(grown))) };
  }
  const minutes = minutesTo(fact.at);
  // Once the oldest files are swept, the count stands still and says nothing about the rate.
  const isSwept = validitySeconds !== undefined && minutes * 60 > validitySeconds;
  if (minutes < ENOUGH_MINUTES || held < ENOUGH_FILES || isSwept) return undefined;
  return { perMinute: held / minutes, method: 'count over uptime', error: Math.max(0.25, 2 / Math.sqrt(held)) };
}

/** The forecast in words, with a range. */
export function forecastOf(fact: ShmFact, level: Level, rate: Rate, background: Background): Forecast {
  const result = outlook(level, rate.perMinute, background.validitySeconds);
  const { perMinute, method, error } = rate;
  const what = `/dev/shm of ${fact.pod}`;
  const pace = `${background.orBefore && isFull(level) ? 'at least ' : ''}${Number(perMinute.toFixed(1))} files/min`;
  const seconds = isFull(level) ? result.fromEmpty : result.untilFull;
  const range = Number.isFinite(seconds)
    ? { secondsLow: Math.round(seconds / (1 + error)), secondsHigh: Math.round(seconds / (1 - Math.min(error, 0.9))) }
    : {};
  return { what, summary: `${summary(level, result, seconds)} (${pace})`, perMinute, ...range, method };
}

function summary(level: Level, { steady, fills, room }: Outlook, seconds: number): string {
  const time = Number.isFinite(seconds) ? timeWords(seconds) : 'never';
  if (isFull(level)) return `after a restart full again in about ${time}`;
  if (!Number.isFinite(seconds)) return 'does not grow';
  if (steady === undefined) return `full in about ${time}, if sessions live that long`;
  if (fills === true) return `full in about ${time}: it would hold ${steady} files and has room for ${room}`;
  return `settles at ${Math.round((steady / Math.max(1, room)) * 100)} % of what fits`;
}
