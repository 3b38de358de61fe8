import type { Verdict } from '../findings/finding.ts';
import type { DriftGroup, DriftReport, DriftResult, DriftState } from '../stacks/drift/result.ts';
import { printable } from './printable.ts';
import { className, resultLine, tookText } from './stack-plan.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

/** States in the order in which they are counted, the one to act on first. */
export const STATE_WORDS: Readonly<Record<DriftState, string>> = {
  drift: 'drift',
  unconfirmed: 'not confirmed',
  failed: 'could not be planned',
  'not-planned': 'not planned',
  ignored: 'accepted in infra.yaml',
  settled: 'gone at the second look',
  clean: 'clean',
};

const MARK: Readonly<Record<DriftState, Verdict>> = {
  drift: 'WARN',
  unconfirmed: 'UNKNOWN',
  failed: 'UNKNOWN',
  'not-planned': 'SKIP',
  ignored: 'SKIP',
  settled: 'PASS',
  clean: 'PASS',
};

/** Stacks that are named in one line; a number stands for the others. */
const NAMED = 8;

/** What drifted, the same change in many stacks as one; then what is not known; then the count. */
export function driftText(style: Style, result: DriftResult): string {
  const { reports, groups, findings } = result;
  const others = reports.filter(({ state }) => !['clean', 'drift'].includes(state));
  return [
    ...groups.flatMap((group) => [groupText(style, group, result), '']),
    ...(others.length === 0 ? [] : [...others.map((report) => otherLine(style, report)), '']),
    ...findings.flatMap(({ verdict, title, detail, hint }) => [
      wrap(`${style.mark(verdict)} ${printable(title)}: ${printable(detail)}`, style.width, '  ', '    '),
      ...(hint === undefined ? [] : [wrap(hint, style.width, '    ')]),
    ]),
    ...(findings.length === 0 ? [] : ['']),
    countText(reports),
    secondLook(style, result),
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

/** `3 drift · 1 could not be planned · 150 clean`. */
export function countText(reports: readonly DriftReport[]): string {
  const parts = (Object.keys(STATE_WORDS) as DriftState[]).flatMap((state) => {
    const count = reports.filter((report) => report.state === state).length;
    return count === 0 ? [] : [`${count} ${STATE_WORDS[state]}`];
  });
  return `${reports.length} stack${reports.length === 1 ? '' : 's'}: ${parts.join(' · ') || 'nothing was looked at'}`;
}

/** The first stacks by name, and how many more. */
function stackNames(stacks: readonly string[]): string {
  const named = stacks.slice(0, NAMED).map(printable).join(', ');
  return stacks.length <= NAMED ? named : `${named} and ${stacks.length - NAMED} more`;
}

function groupText(style: Style, group: DriftGroup, result: DriftResult): string {
  const { stacks, explanation } = group;
  const what = `${className(group.class)} ${printable(group.what)}`;
  const attributes = group.attributes.length === 0 ? '' : ` (${group.attributes.map(printable).join(', ')})`;
  const where = stacks.length === 1 ? printable(stacks[0] ?? '') : `${stacks.length} stacks`;
  const unsure = stacks.every((name) => stateOf(result, name) === 'unconfirmed') ? ', not confirmed' : '';
  const first = stacks.flatMap((name) => result.reports.find(({ stack }) => stack === name)?.firstSeen ?? []).sort()[0];
  const lines = [
    wrap(`${style.mark('WARN')} ${style.bold(where)}  ${what}${attributes}${unsure}`, style.width, '', '    '),
    ...(stacks.length === 1 ? [] : [wrap(stackNames(stacks), style.width, '    ')]),
    ...(first === undefined ? [] : [`    seen first ${first.slice(0, 16).replace('T', ' ')} UTC`]),
    ...(explanation === undefined
      ? []
      : [
          wrap(
            `likely ${explanation.commit.slice(0, 7)} of ${explanation.at.slice(0, 10)}, "${printable(explanation.title)}": it changed ${printable(explanation.path)}, which declares it`,
            style.width,
            '    ',
          ),
        ]),
  ];
  return lines.join('\n');
}

function otherLine(style: Style, report: DriftReport): string {
  const why =
    report.error !== undefined
      ? `: ${printable(report.error.message)}`
      : report.ignored.length > 0
        ? `: ${[...new Set(report.ignored.map(({ reason, expires }) => `${printable(reason)} (until ${expires})`))].join('; ')}`
        : '';
  return wrap(
    resultLine(style, MARK[report.state], printable(report.stack), `${STATE_WORDS[report.state]}${why}`, 0),
    style.width,
    '',
    '      ',
  );
}

function secondLook(style: Style, result: DriftResult): string {
  const at = result.secondLookAt === undefined ? '' : `, drift looked at twice, at ${result.secondLookAt.slice(0, 7)}`;
  return style.dim(`without locks${at} · ${tookText(result.durationMs)}`);
}

const stateOf = (result: DriftResult, name: string): DriftState | undefined =>
  result.reports.find(({ stack }) => stack === name)?.state;
