import type { Verdict } from '../findings/finding.ts';
import type { ApplyOverview, ApplyResult } from '../stacks/many/apply-request.ts';
import type { Blast } from '../stacks/many/blast.ts';
import type { AppliedReport, ApplyState } from '../stacks/many/report.ts';
import { changesText, resultLine, tookText } from './stack-plan.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

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

/** What will be done and who will notice, before the question is asked. */
export function overviewText(style: Style, overview: ApplyOverview): string {
  const lines = ['', ...changesText(style, overview.reports)];
  const isAll = overview.reports.every(({ summary }) => summary !== undefined);
  if (lines.length === 1 && isAll) lines.push('No stack has changes.', '');
  else if (lines.length === 1) lines.push('No stack that could be planned has changes.', '');
  else lines.push(...blastText(style, overview.blast));
  for (const entry of overview.unusedEntries) {
    lines.push(wrap(`Note: no change of these plans needs ${entry}.`, style.width, '', '      '));
  }
  return lines.join('\n').trimEnd();
}

function blastText(style: Style, blast: Blast): readonly string[] {
  const row = (title: string, items: readonly string[]): readonly string[] =>
    items.length === 0 ? [] : [wrap(items.join(', '), style.width, `  ${title.padEnd(12)} `, ' '.repeat(15))];
  const rows = [
    ...row('namespaces', blast.namespaces),
    ...row('restarts', blast.restarts),
    ...row('hosts', blast.hosts),
    ...blast.sessions.map((sentence) => wrap(sentence, style.width, '  ! ', '    ')),
    ...row('not known', blast.unknown === undefined ? [] : [blast.unknown]),
  ];
  if (rows.length === 0) return [];
  return [style.bold('Who may notice'), ...rows, ''];
}

/** The answer on stdout: what became of each stack, what is left, where the journal is. */
export function applyText(style: Style, result: ApplyResult): string {
  const { applied, byHand, skipped, verdict } = result;
  if (skipped !== undefined) return `Nothing to apply: ${skipped}.`;
  if (verdict === 'planned') return 'Dry run: nothing was changed.';
  const lines: string[] = [];
  if (applied.length > 0) {
    const count = (states: readonly ApplyState[]): number =>
      applied.filter(({ state }) => states.includes(state)).length;
    const parts = [
      `${applied.length} ${applied.length === 1 ? 'stack' : 'stacks'}`,
      `${count(['applied'])} applied`,
      `${count(['unchanged'])} unchanged`,
      ...tally(count, 'failed', ['failed']),
      ...tally(count, 'refused', ['refused']),
      ...tally(count, 'blocked', ['blocked']),
      ...tally(count, 'interrupted', ['interrupted', 'not-begun']),
    ];
    lines.push(parts.join(' · '));
  }
  const open = applied.filter(({ state }) => state === 'not-applied').map(({ stack }) => stack);
  if (open.length > 0) lines.push(`Not applied, somebody else works on it: ${open.join(', ')}`);
  for (const { stack, reason } of byHand) lines.push(wrap(`Not applied: ${stack}: ${reason}.`, style.width, '', '  '));
  lines.push(closing(result));
  return lines.join('\n');
}

function tally(
  count: (states: readonly ApplyState[]) => number,
  word: string,
  states: readonly ApplyState[],
): readonly string[] {
  const found = count(states);
  return found === 0 ? [] : [`${found} ${word}`];
}

function closing({ verdict, durationMs, run }: ApplyResult): string {
  const show = run === undefined ? '' : ` infra run show ${run}`;
  switch (verdict) {
    case 'applied':
      return `Done in ${tookText(durationMs)}.${show}`;
    case 'nothing-to-change':
      return 'Nothing to change.';
    case 'incomplete':
      return `Not complete.${show}`;
    default:
      return `Nothing was changed.${show}`;
  }
}
