import type { Change } from '../stack.ts';

/** What somebody has listed by name: `ADDRESS` in any stack of the run, or `STACK:ADDRESS`. */
export type Allowed = {
  /** --allow-destroy: may be deleted, replaced or forgotten. */
  readonly destroy: readonly string[];
  /** --allow-guarded: may be changed although a rule guards it. */
  readonly guarded: readonly string[];
};

/** True when a list names this change of this stack, exactly. */
export function isListed(list: readonly string[], stack: string, change: Pick<Change, 'address'>): boolean {
  return list.some((entry) => entry === change.address || entry === `${stack}:${change.address}`);
}

/** The entry that allows one change and nothing else, quoted for a shell. */
export function entryFor(stack: string, change: Pick<Change, 'address'>): string {
  const entry = `${stack}:${change.address}`;
  return /^[\w./:-]+$/.test(entry) ? entry : `'${entry.replaceAll("'", "'\\''")}'`;
}
