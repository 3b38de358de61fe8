import { randomOf } from '../random.ts';

/** A file of a tmpfs. */
export type TmpfsFile = { readonly name: string; readonly bytes: number; readonly secondsAgo: number };

/** Session files of an outpost: many, all alike, made at a steady rate until the file system is full. */
export type Sessions = {
  /** How many there are at `at`. */
  readonly count: number;
  readonly bytes: number;
  readonly perMinute: number;
  /** Go names them by 52 characters of base32, Rust by a UUID. */
  readonly names: 'base32' | 'uuid';
  readonly seed: string;
};

/** A file system in memory, mounted at `/dev/shm` of a container. `at` is the time that counts and ages refer to. */
export type Tmpfs = {
  readonly bytes: number;
  readonly inodes: number;
  readonly files: readonly TmpfsFile[];
  readonly sessions: Sessions;
  readonly at: number;
};

/** What tmpfs hands out. */
export const PAGE = 4096;

const pages = (bytes: number): number => Math.ceil(bytes / PAGE);

/** Session files at a moment: they grow with time and stop where the space ends. */
export function sessionCount(fs: Tmpfs, now: number): number {
  const { sessions } = fs;
  const grown = sessions.count + Math.floor((sessions.perMinute * Math.max(0, now - fs.at)) / 60_000);
  const room = Math.floor((fs.bytes - otherBytes(fs)) / (pages(sessions.bytes) * PAGE));
  return Math.max(0, Math.min(grown, room));
}

/** Size, use and inodes at a moment, as statfs tells them. */
export function usageOf(fs: Tmpfs, now: number): { readonly used: number; readonly inodesUsed: number } {
  const count = sessionCount(fs, now);
  // The root directory is an inode of its own.
  return {
    used: otherBytes(fs) + count * pages(fs.sessions.bytes) * PAGE,
    inodesUsed: count + fs.files.length + 1,
  };
}

/** True when not even one more session file fits: what the outpost meets when it saves one. */
export function isFull(fs: Tmpfs, now: number): boolean {
  return fs.bytes - usageOf(fs, now).used < pages(fs.sessions.bytes) * PAGE;
}

/** All files, session files last unless nobody wants them. Made on demand: there may be a hundred thousand. */
export function* filesOf(fs: Tmpfs, now: number, wantsSessions = true): Iterable<TmpfsFile> {
  const shift = (now - fs.at) / 1000;
  for (const file of fs.files) yield { ...file, secondsAgo: file.secondsAgo + shift };
  if (!wantsSessions) return;
  const { sessions } = fs;
  const random = randomOf(sessions.seed);
  const count = sessionCount(fs, now);
  for (let at = 0; at < count; at += 1) {
    const name = sessions.names === 'uuid' ? random.uuid() : random.text(52, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
    const age = sessions.perMinute === 0 ? 0 : ((count - at) * 60) / sessions.perMinute;
    yield { name: `session_${name}`, bytes: sessions.bytes, secondsAgo: age };
  }
}

/** Blocks of 512 bytes that a file takes. */
export function blocksOf(file: TmpfsFile): number {
  return pages(file.bytes) * (PAGE / 512);
}

function otherBytes(fs: Tmpfs): number {
  return fs.files.reduce((sum, file) => sum + pages(file.bytes) * PAGE, 0);
}
