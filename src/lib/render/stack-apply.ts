import type { Verdict } from '../findings/finding.ts';
import type { AppliedReport, ApplyState } from '../stacks/many/report.ts';
import { resultLine } from './stack-plan.ts';
import type { Style } from './style.ts';

const MARK: Readonly<Record<ApplyState, Verdict>> = {
  applied: 'PASS',
  unchanged: 'PASS',
  failed: 'FAIL',
  refused: 'FAIL',
  'not-applied': 'UNKNOWN',
  blocked: 'SKIP',
  interrupted: 'WARN',
  'not-begun': 'SKIP',
};

/** One stack, as soon as it has ended. */
export function appliedLine(style: Style, report: AppliedReport): string {
  return resultLine(style, MARK[report.state], report.stack, report.detail, report.durationMs);
}
