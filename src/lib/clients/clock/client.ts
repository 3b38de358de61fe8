/** Time. Nothing outside clients reads the clock itself, so that tests decide what time it is. */
export type Clock = {
  /** Wall-clock time, for journals and ages. */
  now(): Date;
  /** Milliseconds that never go backwards, for durations. */
  monotonic(): number;
  /** Waits; rejects with the signal's reason when aborted. Only for back-off and heartbeats, never for synchronisation. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};
