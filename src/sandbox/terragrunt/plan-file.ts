import { readFileSync, writeFileSync } from 'node:fs';
import { Diagnosed } from './failure.ts';
import type { Plan } from './plan.ts';
import { formatState, parseState, type State } from './state.ts';

/** A saved plan with the state that it was made from. Like the real one it holds every secret in clear. */
export type SavedPlan = {
  readonly stack: string;
  readonly plan: Plan;
  readonly prior: State;
  readonly errored: boolean;
  readonly createdAt: string;
};

const MAGIC = 'sandbox plan 1';

/** Saves a plan; like tofu, readable by everybody unless the folder says otherwise. */
export function writePlan(file: string, saved: SavedPlan): void {
  const { prior, ...rest } = saved;
  try {
    writeFileSync(file, JSON.stringify({ magic: MAGIC, ...rest, prior: formatState(prior) }), { mode: 0o644 });
  } catch (error) {
    throw new Diagnosed(
      'Failed to write plan file',
      `The plan file could not be written: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/** Reads a saved plan. Errors: Diagnosed when it is missing or something else. */
export function readPlan(file: string): SavedPlan {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? 'no such file or directory'
        : String(error);
    throw new Diagnosed(`Failed to load "${file}" as a plan file`, `Error: stat ${file}: ${reason}`);
  }
  if (!text.startsWith(`{"magic":"${MAGIC}"`)) {
    throw new Diagnosed(`Failed to load "${file}" as a plan file`, 'Error: zip: not a valid zip file');
  }
  const { prior, ...rest } = JSON.parse(text) as Omit<SavedPlan, 'prior'> & { prior: string };
  return { ...rest, prior: parseState(prior) };
}
