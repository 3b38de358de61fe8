/** How a rate was found. `samples`: two measurements; the others need less and say less. */
export const FORECAST_METHODS = [
  'two samples',
  'count over uptime',
  'start to first failed write',
  'file times',
] as const;
export type ForecastMethod = (typeof FORECAST_METHODS)[number];

/** When something that fills will be full, as a range, and what it is based on. */
export type Forecast = {
  /** `outpost /dev/shm`. */
  readonly what: string;
  /** What is said, with units and how it was found: `full again in about 32 h (8.6 files/min, from pod start to …)`. */
  readonly summary: string;
  /** Things a minute. */
  readonly perMinute?: number;
  /** Seconds until full; undefined when it never fills or nobody can say. */
  readonly secondsLow?: number;
  readonly secondsHigh?: number;
  readonly method: ForecastMethod;
};
