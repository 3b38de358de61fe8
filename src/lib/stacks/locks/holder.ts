/**
 * Where a lock lies: `postgres` the pg backend's session lock, `file` the local backend's lock on the state file, `vault`
 * the advisory lock, `machine` infra's own lock file.
 */
export type LockPlace = 'postgres' | 'file' | 'vault' | 'machine';

/** Whether a holder still works. `unknown` is never taken for dead. */
export type Life = 'alive' | 'dead' | 'unknown';

/** One holder of one lock. */
export type Holder = {
  readonly place: LockPlace;
  /** What is locked: the state, the making of new states (all stacks of a database share it), or the stack as such. */
  readonly lock: 'state' | 'creation' | 'stack';
  /** Names this holder and no later one; `--force` asks for it to be typed. */
  readonly id: string;
  /** Who it is, as far as the lock tells: `bob on laptop, run 1a2b3c4d`. */
  readonly who: string;
  /** ISO 8601, UTC. */
  readonly since: string | undefined;
  /** The last sign of life that the lock itself shows, ISO 8601. */
  readonly lastSeen: string | undefined;
  readonly life: Life;
  /** What `life` was concluded from, full sentences. */
  readonly evidence: readonly string[];
  /** What can be done about it besides waiting, as something to type. */
  readonly hints: readonly string[];
  /** False for what stands in nobody's way: the next run takes it over by itself. */
  readonly blocks: boolean;
};

/** One place that was looked at. `reason` says why it could not be looked at or what does not apply. */
export type LookedAt = {
  readonly place: LockPlace;
  readonly state: 'free' | 'held' | 'unknown' | 'skipped';
  readonly reason?: string;
};
