/** `infra stack apply --json` and what became of each stack. */
import { expect } from 'vitest';
import type { Hooks } from './hooks.ts';
import type { Infra } from './infra.ts';
import { inStateFolder, type StacksSite } from './stacks-site.ts';

interface Row {
  stack: string;
  state: string;
  replanned: boolean;
  blockedBy: string[];
  error?: { code: string };
}

export async function applyStacks(infra: Infra, stacks: readonly string[], flags: readonly string[] = ['--yes']) {
  const document = await infra.json('stack', 'apply', ...stacks, ...flags);
  const rows = (document.stacks ?? []) as Row[];
  return {
    document,
    states: Object.fromEntries(rows.map(({ stack, state }) => [stack, state])),
    row: (name: string) => rows.find(({ stack }) => stack === name),
  };
}

/** After a run, however it ended: no plan, no readable state, nothing uncommitted, nothing that is not pushed. */
export async function expectNothingLeft(site: StacksSite): Promise<void> {
  expect(await site.leftBehind()).toEqual([]);
  expect(await inStateFolder(site.infra, 'plans')).toEqual([]);
  expect(await site.git('status', '--porcelain')).toBe('');
  expect(await site.git('rev-parse', 'HEAD')).toBe(await site.git('rev-parse', 'origin/master'));
}

/** How often tofu began to apply each stack since the log of programs had so many lines. */
export async function appliesSince(
  hooks: Hooks,
  lines: number,
  stacks: readonly string[],
): Promise<Record<string, number>> {
  const log = (await hooks.log()).slice(lines);
  return Object.fromEntries(
    stacks.map((name) => [name, log.filter((line) => line.startsWith(`start tofu-apply-${name} `)).length]),
  );
}
