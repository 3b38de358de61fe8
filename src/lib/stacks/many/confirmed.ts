import type { Change, ChangeClass } from '../stack.ts';

/** What somebody agreed to, of one change: enough to tell whether a later plan holds more. No value. */
export type ConfirmedChange = {
  readonly address: string;
  readonly class: ChangeClass;
  readonly attributes?: readonly string[];
};

/** What was agreed to, by stack. */
export type Confirmed = ReadonlyMap<string, readonly ConfirmedChange[]>;

/** What a journal keeps of the changes of a plan. */
export function toConfirm(changes: readonly Change[]): readonly ConfirmedChange[] {
  return changes
    .filter((change) => change.class !== 'read')
    .map(({ address, class: kind, attributes }) => ({
      address,
      class: kind,
      ...(attributes === undefined ? {} : { attributes }),
    }));
}

/**
 * The changes that nobody agreed to: another object, another class, or another attribute. The value of an attribute may
 * differ: what a dependency's apply makes is known only afterwards.
 */
export function beyond(
  confirmed: readonly ConfirmedChange[] | undefined,
  changes: readonly Change[],
): readonly Change[] {
  return changes.filter((change) => {
    if (change.class === 'read') return false;
    const agreed = confirmed?.find((other) => other.address === change.address && other.class === change.class);
    if (agreed === undefined) return true;
    const known = agreed.attributes;
    return known !== undefined && (change.attributes ?? []).some((name) => !known.includes(name));
  });
}

/** Reads what a journal keeps; anything else was agreed to by nobody. */
export function readConfirmed(data: unknown): Confirmed {
  const found = new Map<string, readonly ConfirmedChange[]>();
  const stacks = typeof data === 'object' && data !== null ? (data as { readonly stacks?: unknown }).stacks : undefined;
  for (const row of Array.isArray(stacks) ? stacks : []) {
    const { stack, changes } = row as { readonly stack?: unknown; readonly changes?: unknown };
    if (typeof stack === 'string' && Array.isArray(changes)) found.set(stack, changes.filter(isConfirmed));
  }
  return found;
}

function isConfirmed(value: unknown): value is ConfirmedChange {
  if (typeof value !== 'object' || value === null) return false;
  const { address, class: kind, attributes } = value as Partial<Record<keyof ConfirmedChange, unknown>>;
  const isList =
    attributes === undefined || (Array.isArray(attributes) && attributes.every((name) => typeof name === 'string'));
  return typeof address === 'string' && typeof kind === 'string' && isList;
}
