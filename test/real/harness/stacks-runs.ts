/** `infra stack apply --json` and what became of each stack. */
import type { Hooks } from './hooks.ts';
import type { Infra } from './infra.ts';

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
