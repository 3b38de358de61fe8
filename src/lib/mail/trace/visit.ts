import type { Seen } from './store.ts';

/** postscreen hands a client over to smtpd at once, where smtpd is not overloaded. */
const HANDOVER_MS = 5000;

/**
 * What postscreen wrote of the very connection that a mail came over: the one with its port where that is known, else the
 * one that it let through just before smtpd began. Connections to submission ports pass no postscreen.
 */
export function visitOf(screened: readonly Seen[], port: number | undefined, begun: Seen | undefined): readonly Seen[] {
  const portOf = ({ fact }: Seen): number | undefined => ('client' in fact ? fact.client?.port : undefined);
  if (port !== undefined) return lastVisit(screened.filter((seen) => portOf(seen) === port));
  if (begun === undefined) return [];
  const passed = screened.findLast(
    ({ atMs, fact }) =>
      fact.kind === 'screen' && fact.result === 'pass' && begun.atMs >= atMs && begun.atMs - atMs <= HANDOVER_MS,
  );
  if (passed === undefined) return [];
  return lastVisit(screened.filter((seen) => portOf(seen) === portOf(passed) && seen.order <= passed.order));
}

/** Ports are used again: from the last connection on. */
function lastVisit(seen: readonly Seen[]): readonly Seen[] {
  return seen.slice(
    Math.max(
      0,
      seen.findLastIndex(({ fact }) => fact.kind === 'connect'),
    ),
  );
}
