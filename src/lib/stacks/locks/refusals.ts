import { InfraError } from '../../errors.ts';
import type { Holder } from './holder.ts';

const names = (holders: readonly Holder[]): string => [...new Set(holders.map(({ who }) => who))].join('; ');

/** `lock.holder-alive` (4). */
export function alive(stack: string, holders: readonly Holder[]): InfraError {
  const [first] = holders;
  const why = first?.evidence[0] ?? '';
  return new InfraError(
    'lock.holder-alive',
    'refused',
    `${stack} is held by ${names(holders)}, alive: ${why} Nothing was released.`,
    {
      hints: [
        'Wait for it: an apply that loses its lock goes on and writes its state all the same.',
        ...new Set(holders.flatMap(({ hints }) => hints)),
      ],
      nothingChanged: true,
    },
  );
}

/** `lock.holder-unknown` (4). */
export function unknownLife(stack: string, holders: readonly Holder[], force: boolean): InfraError {
  const [first] = holders;
  const why = first?.evidence[0] ?? '';
  const how = force ? 'There is no terminal to type its id on.' : 'Nothing was released.';
  return new InfraError('lock.holder-unknown', 'refused', `${stack} is held by ${names(holders)}. ${why} ${how}`, {
    hints: [
      'Ask whoever it is, or run this on that machine: there it can be seen whether it lives.',
      `If it is gone for certain, on a terminal: infra stack unlock ${stack} --force (asks for ${first?.id ?? 'its id'})`,
    ],
    nothingChanged: true,
  });
}

/** `lock.not-confirmed` (4). */
export function notConfirmed(stack: string, why: string): InfraError {
  return new InfraError('lock.not-confirmed', 'refused', `${why} Nothing was released.`, {
    hints: [`infra stack unlock ${stack} --yes, or look first with --dry-run`],
    nothingChanged: true,
  });
}

/** `lock.state-unsaved` (4). */
export function unsaved(stack: string, why: string): InfraError {
  return new InfraError(
    'lock.state-unsaved',
    'refused',
    `The lock of ${stack} stays: ${why}. Whoever took the lock now would apply from an older state.`,
    {
      hints: [`infra stack apply ${stack}   (from this checkout: it saves the state, and frees the lock itself)`],
      nothingChanged: true,
    },
  );
}

/** `lock.still-held` (75). */
export function stillHeld(stack: string, holders: readonly Holder[]): InfraError {
  return new InfraError('lock.still-held', 'busy', `Released ${stack}, but ${names(holders)} still holds it.`, {
    hints: [`infra stack unlock ${stack} --dry-run`],
  });
}
