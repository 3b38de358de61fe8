import type { Verdict } from '../findings/finding.ts';
import type { PlanResult } from '../stacks/many/plan-stacks.ts';
import type { PlannedReport, PlanState } from '../stacks/many/report.ts';
import type { Change, ChangeClass } from '../stacks/stack.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

/** Classes from the most dangerous to the least; reads change nothing. */
const BY_DANGER = [
  'delete',
  'replace',
  'forget',
  'update',
  'create',
  'import',
  'move',
  'output',
] as const satisfies readonly ChangeClass[];

/** What takes something away is written so that nobody overlooks it. */
const LOUD: readonly ChangeClass[] = ['delete', 'replace', 'forget'];
/** Harmless changes of one class that are listed; a number stands for the others. */
const LISTED = 12;

const MARK: Readonly<Record<PlanState, Verdict>> = {
  'no-changes': 'PASS',
  changes: 'WARN',
  failed: 'FAIL',
  locked: 'UNKNOWN',
  blocked: 'SKIP',
  interrupted: 'UNKNOWN',
  'not-planned': 'SKIP',
};

/** `REPLACE`, `create`. */
export function className(kind: ChangeClass): string {
  return LOUD.includes(kind) ? kind.toUpperCase() : kind === 'output' ? 'output only' : kind;
}

/** `1 REPLACE · 2 create`, the most dangerous first; empty without a change. */
function countsText(counts: Readonly<Record<ChangeClass, number>> | undefined): string {
  return BY_DANGER.flatMap((kind) => {
    const count = counts?.[kind] ?? 0;
    return count > 0 ? [`${count} ${className(kind)}`] : [];
  }).join(' · ');
}

/** `11.2 s`, `3 ms`. */
export function tookText(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** One result on one line, the duration at the right edge where there is room. */
export function resultLine(style: Style, verdict: Verdict, name: string, said: string, durationMs: number): string {
  const left = `${name.padEnd(17)} ${said}`;
  if (durationMs <= 0) return `  ${style.mark(verdict)} ${left}`;
  const right = tookText(durationMs);
  return `  ${style.mark(verdict)} ${left.padEnd(style.width - right.length - 5)} ${style.dim(right)}`;
}

/** One stack, as soon as its plan has ended. */
export function plannedLine(style: Style, report: PlannedReport): string {
  return resultLine(style, MARK[report.state], report.stack.name, plannedText(report), report.durationMs);
}

function plannedText(report: PlannedReport): string {
  const { state, summary, provisional, blockedBy } = report;
  switch (state) {
    case 'no-changes':
      return 'no changes';
    case 'changes': {
      const waits = provisional.length === 0 ? '' : ` (provisional: ${provisional.join(', ')} first)`;
      return `${countsText(summary?.counts) || 'changes'}${waits}`;
    }
    case 'failed':
      return report.error?.status === 'refused' ? 'refused' : 'could not plan';
    case 'locked':
      return 'locked: somebody else works on it';
    case 'blocked':
      return `blocked: ${blockedBy.join(', ')} could not be planned`;
    case 'interrupted':
      return 'interrupted';
    case 'not-planned':
      return 'not planned';
  }
}

/** The answer: every change by class, the most dangerous first, then what is not known, and what to type next. */
export function planText(style: Style, result: PlanResult): string {
  const { reports } = result;
  if (reports.length === 0) return 'No stack is touched: nothing to plan.';
  return [
    ...changesText(style, reports),
    ...notKnown(style, reports),
    ...summary(reports),
    ...next(style, result),
  ].join('\n');
}

/** Every change by class; what is dangerous in full, of the rest a dozen a class. */
export function changesText(style: Style, reports: readonly PlannedReport[]): readonly string[] {
  return BY_DANGER.flatMap((kind) => {
    const rows = reports.flatMap(({ stack, summary, guarded }) =>
      (summary?.changes ?? [])
        .filter((change) => change.class === kind)
        .map((change) => ({ stack: stack.name, change, guarded: guarded.filter((each) => each.change === change) })),
    );
    if (rows.length === 0) return [];
    const shown = LOUD.includes(kind)
      ? rows
      : [...rows].sort((a, b) => b.guarded.length - a.guarded.length).slice(0, LISTED);
    const paint = LOUD.includes(kind) ? style.red : (text: string) => text;
    return [
      style.bold(paint(`${className(kind)} ${rows.length}`)),
      ...shown.map(({ stack, change, guarded }) => {
        const why = [
          ...new Set([
            ...(guarded.some((each) => each.holdsData) ? ['holds data'] : []),
            ...guarded.map((each) => each.because),
          ]),
        ];
        const told = why.length > 0 ? ` · ${why.join('; ')}` : detailOf(change);
        return wrap(printable(`${change.address}${told}`), style.width, `  ${stack.padEnd(14)} `, ' '.repeat(19));
      }),
      ...(rows.length > shown.length ? [`  and ${rows.length - shown.length} more: --json lists every one`] : []),
      '',
    ];
  });
}

function detailOf(change: Change): string {
  if (change.previousAddress !== undefined) return ` · was ${change.previousAddress}`;
  const names = change.attributes ?? [];
  return names.length === 0 ? '' : ` · ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
}

function notKnown(style: Style, reports: readonly PlannedReport[]): readonly string[] {
  const open = reports.filter(({ state }) => state !== 'no-changes' && state !== 'changes');
  if (open.length === 0) return [];
  return [
    style.bold('Not known'),
    ...open.map((report) =>
      wrap(
        printable(report.error?.message ?? plannedText(report)),
        style.width,
        `  ${report.stack.name.padEnd(14)} `,
        ' '.repeat(19),
      ),
    ),
    '',
  ];
}

function summary(reports: readonly PlannedReport[]): readonly string[] {
  const count = (...states: readonly PlanState[]): number =>
    reports.filter(({ state }) => states.includes(state)).length;
  const parts = [
    `${reports.length} ${reports.length === 1 ? 'stack' : 'stacks'}`,
    `${count('changes')} with changes`,
    `${count('no-changes')} without`,
    ...(count('failed') > 0 ? [`${count('failed')} could not be planned`] : []),
    ...(count('locked') > 0 ? [`${count('locked')} locked`] : []),
    ...(count('blocked') > 0 ? [`${count('blocked')} blocked`] : []),
    ...(count('interrupted', 'not-planned') > 0 ? [`${count('interrupted', 'not-planned')} not planned`] : []),
  ];
  return [parts.join(' · ')];
}

function next(style: Style, { chosen, reports, saved }: PlanResult): readonly string[] {
  const lines = saved.size === 0 ? [] : [`${saved.size} plan files kept; they hold secrets in clear.`];
  if (!reports.some(({ state }) => state === 'changes')) return lines;
  const which =
    chosen.how === 'affected'
      ? '--affected'
      : chosen.how === 'all'
        ? '--all'
        : chosen.stacks.map(({ name }) => name).join(' ');
  const codes = reports.flatMap(({ guarded }) => guarded.map(({ code }) => code));
  const isDestroy = (code: string): boolean => LOUD.some((kind) => code === `stack.${kind}`);
  const needs = [
    ...(codes.some(isDestroy) ? ['--allow-destroy'] : []),
    ...(codes.some((code) => !isDestroy(code)) ? ['--allow-guarded'] : []),
  ];
  const more = needs.length === 0 ? '' : `   (needs ${needs.join(' and ')} for what is marked above)`;
  return [...lines, wrap(`To apply: infra stack apply ${which}${more}`, style.width, '', '  ')];
}
