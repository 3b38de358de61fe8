import type { StatusName } from '../errors.ts';
import { worstStatus } from '../errors.ts';

/** The five verdicts. "Could not tell" is UNKNOWN, "not configured" is SKIP; neither is ever PASS. */
export const VERDICTS = ['PASS', 'WARN', 'FAIL', 'UNKNOWN', 'SKIP'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The answer of one probe or check. `id` is stable; `command` shows the same thing by hand. */
export type Finding = {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  /** One line: what was found, with units. */
  readonly detail: string;
  /** Required for UNKNOWN and SKIP: `forbidden`, `unreachable`, `not-configured`, … */
  readonly reason?: string;
  /** The command that shows it by hand. */
  readonly command?: string;
  /** What to do about it. */
  readonly hint?: string;
};

/** The exit status that a verdict stands for. */
function statusOfVerdict(verdict: Verdict): StatusName {
  return verdict === 'FAIL' ? 'fail' : verdict === 'UNKNOWN' ? 'unknown' : verdict === 'WARN' ? 'warn' : 'ok';
}

/** The exit status of several findings: 2 before 3 before 1 before 0. */
export function statusOfFindings(findings: readonly Finding[]): StatusName {
  return worstStatus(findings.map((finding) => statusOfVerdict(finding.verdict)));
}

/** How many findings have each verdict. */
export function countVerdicts(findings: readonly Finding[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { PASS: 0, WARN: 0, FAIL: 0, UNKNOWN: 0, SKIP: 0 };
  for (const finding of findings) counts[finding.verdict] += 1;
  return counts;
}
