/**
 * The arithmetic of a folder that fills with session files. A file costs whole pages, whatever its length: 1,500 bytes
 * are 4,096 on tmpfs. Files go away only when they are older than the session's validity (goauthentik, the filesystem
 * store's sweep every five minutes), so that their number settles at rate × validity, if the folder is that large.
 */
export const PAGE_BYTES = 4096;

/** Shares of the capacity at which the platform's own alerts warn and page. */
export const HIGH = 0.75;
export const CRITICAL = 0.9;

/** A folder at one moment. */
export type Level = {
  /** What may be used: the size of the file system, or the container's memory limit when that is smaller. */
  readonly capacityBytes: number;
  readonly usedBytes: number;
  /** Session files; undefined when the file system does not count. */
  readonly sessions?: number;
  /** Bytes that they use; the rest belongs to others. */
  readonly sessionBytes: number;
};

/** What a session file costs in bytes. A failed write leaves an empty file: on a full folder the mean says too little. */
export function bytesPerSession({ sessions, sessionBytes }: Level): number {
  return sessions === undefined || sessions <= 0
    ? PAGE_BYTES
    : Math.max(PAGE_BYTES, Math.round(sessionBytes / sessions));
}

/** Session files that fit besides what others use. */
export function roomFor(level: Level): number {
  const others = Math.max(0, level.usedBytes - level.sessionBytes);
  return Math.max(0, Math.floor((level.capacityBytes - others) / bytesPerSession(level)));
}

/** A folder is full when not one more page fits. */
export function isFull({ capacityBytes, usedBytes }: Level): boolean {
  return usedBytes > capacityBytes - PAGE_BYTES;
}

/** How fast it fills and what comes of it. Times are seconds; undefined: it never gets there. */
export type Outlook = {
  readonly perMinute: number;
  readonly room: number;
  /** From now until full, as if nothing were ever swept. */
  readonly untilFull: number;
  /** From an empty folder, after a restart. */
  readonly fromEmpty: number;
  /** Files at which it settles; undefined when the validity is not known. */
  readonly steady?: number;
  /** It settles above what fits: sweeping will not save it. */
  readonly fills?: boolean;
};

/** What follows from a rate (files a minute) and the sessions' validity (seconds). */
export function outlook(level: Level, perMinute: number, validitySeconds: number | undefined): Outlook {
  const room = roomFor(level);
  const held = level.sessions ?? Math.round(level.sessionBytes / bytesPerSession(level));
  const after = (files: number): number => (perMinute <= 0 ? Number.POSITIVE_INFINITY : (files / perMinute) * 60);
  const steady = validitySeconds === undefined ? undefined : Math.round((perMinute * validitySeconds) / 60);
  return {
    perMinute,
    room,
    untilFull: after(Math.max(0, room - held)),
    fromEmpty: after(room),
    ...(steady === undefined ? {} : { steady, fills: steady > room }),
  };
}

/** Seconds of a validity as Authentik writes it, `hours=168`, `weeks=4;days=1`; undefined when it is none. */
export function validitySeconds(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = {
    seconds: 1,
    minutes: 60,
    hours: 3600,
    days: 86_400,
    weeks: 604_800,
    milliseconds: 0.001,
  };
  const parts = text.split(/[;,]/).map((part) => /^\s*([a-z]+)\s*=\s*([0-9.]+)\s*$/.exec(part));
  const seconds = parts.map((part) => (units[part?.[1] ?? ''] ?? Number.NaN) * Number(part?.[2]));
  const total = seconds.reduce((sum, one) => sum + one, 0);
  return Number.isFinite(total) && total > 0 ? total : undefined;
}
