import { describe, expect, test } from 'vitest';
import {
  bytesPerSession,
  isFull,
  type Level,
  outlook,
  PAGE_BYTES,
  roomFor,
  validitySeconds,
} from '../../../../src/lib/runbooks/authentik/judge/fill.ts';
import { MIB } from './support.ts';

const HOUR = 3600;
const WEEK = 7 * 86_400;

/** An empty folder of this size. */
const empty = (capacityBytes: number): Level => ({ capacityBytes, usedBytes: 0, sessions: 0, sessionBytes: 0 });

describe('a folder that fills with session files', () => {
  test.each([
    [64 * MIB, 15.2 * HOUR],
    [256 * MIB, 2.5 * 86_400],
    [512 * MIB, 5.1 * 86_400],
    [2048 * MIB, 20.2 * 86_400],
  ])('of %d bytes is full after %d seconds at 18 files a minute', (size, seconds) => {
    expect(outlook(empty(size), 18, undefined).fromEmpty / seconds).toBeCloseTo(1, 1);
  });

  test('holds 16,384 sessions in 64 MiB: a file costs a page, not its 1,500 bytes', () => {
    expect(roomFor(empty(64 * MIB))).toBe(16_384);
    expect(
      bytesPerSession({ capacityBytes: 64 * MIB, usedBytes: 1500 * 10, sessions: 10, sessionBytes: 1500 * 10 }),
    ).toBe(PAGE_BYTES);
  });

  test('settles at 709 MiB for seven days, which 2 GiB hold and 512 MiB do not', () => {
    const week = outlook(empty(2048 * MIB), 18, WEEK);
    expect(week).toMatchObject({ steady: 181_440, fills: false });
    expect(((week.steady ?? 0) * PAGE_BYTES) / MIB).toBeCloseTo(708.75, 1);
    expect(outlook(empty(512 * MIB), 18, WEEK).fills).toBe(true);
  });

  test('settles at 2.77 GiB for four weeks: 2 GiB are not enough', () => {
    const month = outlook(empty(2048 * MIB), 18, 4 * WEEK);
    expect(month).toMatchObject({ steady: 725_760, fills: true });
    expect(((month.steady ?? 0) * PAGE_BYTES) / (1024 * MIB)).toBeCloseTo(2.77, 2);
  });

  test('empty files of failed writes do not make sessions look cheap', () => {
    // 44,000 files in 64 MiB: only 16,384 of them have a page.
    expect(
      bytesPerSession({ capacityBytes: 64 * MIB, usedBytes: 64 * MIB, sessions: 44_000, sessionBytes: 64 * MIB }),
    ).toBe(PAGE_BYTES);
  });

  test('what belongs to others is not room for sessions', () => {
    const level = { capacityBytes: 64 * MIB, usedBytes: 32 * MIB, sessions: 0, sessionBytes: 0 };
    expect(roomFor(level)).toBe(8192);
  });

  test('is full when not one more page fits, and not one page earlier', () => {
    expect(isFull({ ...empty(64 * MIB), usedBytes: 64 * MIB })).toBe(true);
    expect(isFull({ ...empty(64 * MIB), usedBytes: 64 * MIB - PAGE_BYTES + 1 })).toBe(true);
    expect(isFull({ ...empty(64 * MIB), usedBytes: 64 * MIB - PAGE_BYTES })).toBe(false);
  });

  test('without any new file it is never full', () => {
    expect(outlook(empty(64 * MIB), 0, WEEK).untilFull).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the validity of sessions as Authentik writes it', () => {
  test.each([
    ['hours=168', WEEK],
    ['weeks=4', 4 * WEEK],
    ['days=1;hours=12', 1.5 * 86_400],
  ])('%s', (text, seconds) => {
    expect(validitySeconds(text)).toBe(seconds);
  });

  test.each(['', 'forever', 'hours=', 'hours=0', 'months=1'])('%s is none', (text) => {
    expect(validitySeconds(text)).toBeUndefined();
  });
});
