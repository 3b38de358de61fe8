import type { Shape, Stack } from './stack.ts';

/** The shape of the repository and the observation that decided it. */
export type DetectedShape = { readonly shape: Shape; readonly reason: string };

/**
 * Where RBAC, quota and DNS live: in `platform` (documented) or in stacks of their own (extracted).
 * A stack `rbac` that reads the users decides first: a half-finished extraction is already one.
 */
export function detectShape(stacks: readonly Stack[]): DetectedShape {
  const readers = stacks.filter((stack) => stack.readsUsers && stack.scaffold !== true).map((stack) => stack.name);
  if (readers.includes('rbac')) return { shape: 'extracted', reason: 'the stack rbac reads the users' };
  if (readers.includes('platform')) return { shape: 'documented', reason: 'the stack platform reads the users' };
  const platform = stacks.find((stack) => stack.name === 'platform');
  if (platform?.empty) return { shape: 'extracted', reason: 'the stack platform is an empty shell' };
  return { shape: 'documented', reason: 'no stack rbac reads the users' };
}
