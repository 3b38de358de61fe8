/** What a run has to leave behind, by how it ended: nothing, an entry taken back, or everything. Shape `documented`. */
import { expect } from 'vitest';
import type { Line } from './infra.ts';
import { type Entry, missingObjects } from './objects.ts';
import type { Stand } from './stand.ts';
import { leftBehind, type PushedState, pushedState } from './tier0.ts';
import { type Platform, readPlatform } from './users.ts';

export interface Snapshot {
  platform: Platform;
  vault: PushedState;
  stacks: PushedState;
}

const stacks = ['vault', 'platform'];

/** `secret/platform`, and the Tier-0 states as the origin has them. */
export async function takeSnapshot({ site, vault }: Stand): Promise<Snapshot> {
  const [platform, ofVault, ofPlatform] = await Promise.all([
    readPlatform(vault),
    pushedState(site, 'vault'),
    pushedState(site, 'platform'),
  ]);
  return { platform, vault: ofVault, stacks: ofPlatform };
}

export async function lastJournal({ infra }: Stand): Promise<Line[]> {
  return (await infra.journals()).at(-1) ?? [];
}

/** Nothing was written at all: the very same version. */
export async function expectUntouched(stand: Stand, before: Snapshot): Promise<void> {
  expect(await takeSnapshot(stand)).toEqual(before);
  expect(await leftBehind(stand.site, stacks)).toEqual([]);
}

/** Written and taken back: two versions later everything reads as before. */
export async function expectUndone(stand: Stand, before: Snapshot): Promise<void> {
  const after = await takeSnapshot(stand);
  expect(after.platform).toEqual({ ...before.platform, version: before.platform.version + 2 });
  expect([after.vault, after.stacks]).toEqual([before.vault, before.stacks]);
  expect(await leftBehind(stand.site, stacks)).toEqual([]);
  const journal = await lastJournal(stand);
  expect(journal.some((line) => line.data?.event === 'entry-written')).toBe(true);
  expect(journal.find((line) => line.event === 'rolled-back')).toMatchObject({ data: { outcome: 'undone' } });
}

/** Written once, applied and proved; whatever the states held before is still in them, and they are at the origin. */
export async function expectComplete(stand: Stand, name: string, entry: Entry, before: Snapshot): Promise<void> {
  expect(await missingObjects(stand, name, entry)).toEqual([]);
  const after = await takeSnapshot(stand);
  expect(after.platform.users).toEqual({ ...before.platform.users, [name]: entry });
  expect(after.platform.others).toBe(before.platform.others);
  expect(after.platform.version).toBe(before.platform.version + 1);
  for (const [now, old] of [[after.vault, before.vault] as const, [after.stacks, before.stacks] as const]) {
    expect(now.lineage).toBe(old.lineage);
    expect(now.serial).toBeGreaterThan(old.serial);
    expect(now.addresses).toEqual(expect.arrayContaining(old.addresses));
    expect(now.addresses.some((address) => address.includes(`["${name}`))).toBe(true);
  }
  expect(await leftBehind(stand.site, stacks)).toEqual([]);
  expect((await lastJournal(stand)).at(-1)).toMatchObject({ event: 'run-end', data: { status: 'ok' } });
}
