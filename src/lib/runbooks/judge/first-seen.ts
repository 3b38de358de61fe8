import type { LogEvidence } from '../evidence/log-window.ts';

/** A fault that is this young at the start of a log was probably there before the log begins. */
const CLOSE_MS = 10 * 60_000;

/** When something was first seen, and whether it may have been there before. */
export type FirstSeen = { readonly at: string; readonly orBefore: boolean; readonly reachesBackTo?: string };

/** When a finding was first seen in any window of a pod's logs (undefined: of all pods). */
export function firstSeen({ read }: LogEvidence, finding: string, pod?: string): FirstSeen | undefined {
  const windows = read.filter((one) => pod === undefined || one.pod === pod);
  const seen = windows.flatMap(({ found, from, pod: of }) =>
    found.flatMap(({ finding: code, first }) => (code === finding && first !== undefined ? [{ first, from, of }] : [])),
  );
  const earliest = seen.sort((a, b) => Date.parse(a.first) - Date.parse(b.first))[0];
  if (earliest === undefined) return undefined;
  const starts = windows.flatMap(({ pod: of, from }) => (of === earliest.of && from !== undefined ? [from] : []));
  const start = starts.sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  const orBefore = start !== undefined && Date.parse(earliest.first) - Date.parse(start) < CLOSE_MS;
  return { at: earliest.first, orBefore, ...(start === undefined ? {} : { reachesBackTo: start }) };
}
