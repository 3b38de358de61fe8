import type { Diagnosis, DiagnosisFinding } from '../diagnosis/diagnosis.ts';
import type { First } from '../diagnosis/first.ts';
import {
  effortWords,
  findingWords,
  ignoreWords,
  moment,
  PHASE_WORDS,
  riskWords,
  rootWords,
  seconds,
  sinceWords,
  verdictWords,
} from './diagnosis-words.ts';
import { printableParts } from './printable.ts';
import type { Style } from './style.ts';
import { type Row, table } from './table.ts';
import { columnsOf, wrap } from './wrap.ts';

/** What to show besides the usual: `verbose` all findings, `isStreamed` that the first one is on the screen already. */
export type DiagnosisView = {
  readonly verbose: boolean;
  readonly isStreamed: boolean;
  readonly first: First | undefined;
  /** With --changes: what differs from the last run, a line each; empty when nothing does. */
  readonly changes?: readonly string[];
};

/** The first lines of a diagnosis: a verdict, what it means, and what was seen. */
export function firstText(style: Style, first: First): string {
  const { verdict, title, detail, durationMs, headline } = printableParts(first);
  const took = seconds(durationMs);
  const indent = ' '.repeat(verdict.length + 2);
  const words = `${style.verdict(verdict)}  ${style.bold(headline ?? title)}`;
  const gap = style.width - columnsOf(words) - took.length;
  const head =
    gap >= 2
      ? `${words}${' '.repeat(gap)}${style.dim(took)}`
      : wrap(`${headline ?? title} (${took})`, style.width, `${style.verdict(verdict)}  `, indent);
  // A finding that begins with its headline has said it already.
  const rest =
    headline !== undefined && detail.startsWith(`${headline}: `) ? detail.slice(headline.length + 2) : detail;
  return `${head}\n${wrap(rest, style.width, indent)}`;
}

/** A diagnosis for a reader: the findings, what they come from, what is cleared, what to do. */
export function diagnosisText(style: Style, raw: Diagnosis, view: DiagnosisView): string {
  const diagnosis = printableParts(raw);
  const parts = [
    ...(view.first === undefined || view.isStreamed ? [] : [firstText(style, view.first)]),
    ...(view.changes === undefined ? [] : [changesText(style, view.changes)]),
    findingsText(style, diagnosis, view.verbose),
    ...(view.verbose ? [detailsText(style, diagnosis)] : []),
    conclusionText(style, diagnosis, view),
    nextText(style, diagnosis),
  ];
  const text = parts.filter((part) => part !== '').join('\n\n');
  return view.isStreamed ? `\n${text}` : text;
}

function findingsText(style: Style, diagnosis: Diagnosis, isVerbose: boolean): string {
  const { findings, shape, subject } = diagnosis;
  const name = `${style.bold(subject)}${shape === undefined ? '' : `, ${shape}`}`;
  const effort = effortWords(diagnosis);
  const gap = style.width - columnsOf(name) - effort.length;
  const head = gap >= 2 ? `${name}${' '.repeat(gap)}${style.dim(effort)}` : `${wrap(name, style.width)}\n${effort}`;
  const shown = isVerbose ? findings : tellingOf(diagnosis);
  const hidden = findings.filter((finding) => !shown.includes(finding));
  const rows = shown.map((finding): Row => {
    const word = finding.ignored === undefined ? style.verdict(finding.verdict) : style.dim('ignored');
    return [word, finding.title, findingWords(diagnosis, finding)];
  });
  const more = (['UNKNOWN', 'PASS', 'SKIP'] as const).flatMap((verdict) => {
    const count = hidden.filter((finding) => finding.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${shown.length === 0 ? '' : 'more '}${verdict}`];
  });
  return [
    head,
    ...(rows.length === 0 ? [] : [table(rows, { width: style.width, indent: '  ' })]),
    ...(more.length === 0 ? [] : [`  … ${more.join(', ')} (-v)`]),
  ].join('\n');
}

/** With -v: of everything that is not as it should be, the lines that were seen and the way to see them by hand. */
function detailsText(style: Style, { findings }: Diagnosis): string {
  return findings
    .filter(({ verdict }) => verdict !== 'PASS' && verdict !== 'SKIP')
    .flatMap(({ id, command, samples = [] }) => [
      ...(command === undefined && samples.length === 0 ? [] : [style.bold(id)]),
      ...(command === undefined ? [] : [`  by hand  ${style.cyan(command)}`]),
      ...samples.map((line) => `  | ${line}`),
    ])
    .join('\n');
}

/** How many questions that had no answer for the same reason are told one by one. */
const SAME_REASON = 4;

/**
 * What is told without -v: whatever is wrong; passes only where they clear something beside a failure; what is blocked by
 * what blocks it, and of many silences for one reason the first few.
 */
function tellingOf({ exonerated, findings }: Diagnosis): readonly DiagnosisFinding[] {
  const failing = new Set(findings.filter(({ verdict }) => verdict === 'FAIL').map(({ id }) => id));
  const pairs = exonerated.map(({ evidence }) => evidence).filter((ids) => ids.some((id) => failing.has(id)));
  const silences = new Map<string, number>();
  return findings.filter(({ id, verdict, blockedBy, reason = '' }) => {
    if (verdict === 'PASS') return pairs.some((ids) => ids.includes(id));
    if (verdict !== 'UNKNOWN') return verdict !== 'SKIP';
    if (blockedBy !== undefined) return false;
    const count = (silences.get(reason) ?? 0) + 1;
    silences.set(reason, count);
    return count <= SAME_REASON;
  });
}

function conclusionText(style: Style, diagnosis: Diagnosis, { first, verbose }: DiagnosisView): string {
  const { alsoFailing, exonerated, forecasts, gaps, ignores, rootCause, timeline, ended } = diagnosis;
  const rows: (readonly [label: string, lines: readonly string[]])[] = [
    ['Verdict', rootCause === undefined ? [verdictWords(diagnosis)] : []],
    ['Cut short', ended === 'complete' ? [] : [ended === 'deadline' ? 'the deadline passed' : 'it was interrupted']],
    ['Root cause', [rootWords(diagnosis) ?? []].flat()],
    // The first finding may have said it already.
    ['', rootCause?.code === undefined || rootCause.summary === first?.headline ? [] : [rootCause.summary]],
    ['Also failing', alsoFailing.map(({ code, summary }) => (code === undefined ? summary : `${code}: ${summary}`))],
    ['Cleared', exonerated.map(({ what, because }) => `${what}: ${because}`)],
    ['Since', [sinceWords(diagnosis) ?? []].flat()],
    [
      'Timeline',
      shortened(
        timeline.map(({ at, what }) => `${moment(at)}  ${what}`),
        verbose,
      ),
    ],
    ['No alert from', gaps.map(({ alert, why }) => `${alert}: ${why}`)],
    ['Forecast', forecasts.map(({ what, summary }) => `${what}: ${summary}`)],
    ['Ignored', ignores.filter(({ state }) => state !== 'applied').map(ignoreWords)],
  ];
  return rows
    .flatMap(([label, lines]) =>
      lines.map((line, index) => {
        const shown = index === 0 ? label : '';
        return wrap(line, style.width, style.bold(shown) + ' '.repeat(14 - shown.length), ' '.repeat(14));
      }),
    )
    .join('\n')
    .replaceAll(/ +$/gm, '');
}

/** The beginning and the end of a long list. */
function shortened(lines: readonly string[], isWhole: boolean): readonly string[] {
  if (isWhole || lines.length <= 8) return lines;
  return [...lines.slice(0, 3), `… ${lines.length - 7} more (-v)`, ...lines.slice(-4)];
}

function nextText(style: Style, { nextSteps }: Diagnosis): string {
  if (nextSteps.length === 0) return '';
  const indent = ' '.repeat(12);
  const steps = nextSteps.map((step) => {
    const label = `  ${PHASE_WORDS[step.phase]}`.padEnd(12);
    const risk = riskWords(step);
    const whole = step.cause === undefined ? step.text : `for ${step.cause}: ${step.text}`;
    const text = risk === undefined ? whole : `${whole} (${risk})`;
    // A command stays on one line, however long: it is there to be copied.
    if (step.command === undefined) return wrap(text, style.width, label, indent);
    return `${label}${style.cyan(step.command)}\n${wrap(text, style.width, indent)}`;
  });
  return [style.bold('Next'), ...steps].join('\n');
}

function changesText(style: Style, changes: readonly string[]): string {
  if (changes.length === 0) return 'Nothing changed since the last run.';
  return [
    style.bold('Changed since the last run'),
    ...changes.map((line) => wrap(line, style.width, '  ', '    ')),
  ].join('\n');
}
