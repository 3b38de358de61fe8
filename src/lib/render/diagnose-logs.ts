import type { LogEvidence, SignatureHit } from '../diagnosis/logs/evidence.ts';
import type { LogFinding, LogJudgement } from '../diagnosis/logs/judge.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** What is told: the judgement, what it rests on, what was read and what was not. */
export type ToldLogs = {
  readonly judgement: LogJudgement;
  readonly evidence: LogEvidence;
  readonly read: readonly string[];
  readonly notes: readonly string[];
};

const MOST_SOURCES = 5;
const MOST_SHAPES = 10;
const SHOWN = 200;

const number = (value: number): string => value.toLocaleString('en');
const counted = (value: number, word: string): string => `${number(value)} ${word}${value === 1 ? '' : 's'}`;

/** `2026-04-18 10:54:11` of an ISO time. */
const clock = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** `17 Apr …` would hide the year: from – to, the second without the date when it is the same. */
function spanText({ first, last }: { readonly first?: string; readonly last?: string }): string {
  if (first === undefined || last === undefined) return 'no time in the lines';
  if (clock(first) === clock(last)) return `${clock(first)} UTC`;
  const end = first.slice(0, 10) === last.slice(0, 10) ? clock(last).slice(11) : clock(last);
  return `${clock(first)} to ${end} UTC`;
}

function sourcesText({ sources }: SignatureHit): string {
  const named = sources.filter(({ source }) => source !== '');
  const shown = named.slice(0, MOST_SOURCES).map(({ source, count }) => `${printable(source)} (${number(count)})`);
  const rest = named.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text;
}

function effectLine(style: Style, { hit, signature, meaning, code }: LogFinding): string {
  const named = code === undefined ? '' : `${code}: `;
  return wrap(
    `${signature} ${counted(hit.count, 'line')}: ${named}${meaning}`,
    style.width,
    '  then    ',
    '          ',
  );
}

function causeText(style: Style, finding: LogFinding, effects: readonly LogFinding[]): readonly string[] {
  const { hit, meaning, next, code, rootCause, endedAt, signature } = finding;
  const line = (label: string, text: string): string => wrap(text, style.width, `  ${label.padEnd(8)}`, ' '.repeat(10));
  const root = rootCause === undefined || rootCause === code ? '' : `  root cause ${rootCause}`;
  const sources = sourcesText(hit);
  return [
    `${style.bold(code ?? signature)}${root}`,
    wrap(meaning, style.width, '  '),
    line('seen', `${counted(hit.count, 'line')} (${signature}), ${spanText(hit)}`),
    ...(sources === '' ? [] : [line('in', sources)]),
    ...hit.samples.slice(0, 1).map((sample) => line('says', cut(printable(sample)))),
    ...(endedAt === undefined ? [] : [line('over', `${clock(endedAt)} UTC, as a later line says`)]),
    ...effects.map((effect) => effectLine(style, effect)),
    ...nextLines(next),
    '',
  ];
}

/** Each step on a line of its own, not broken: commands are there to be copied. */
function nextLines(next: string | undefined): readonly string[] {
  return (next?.split('; ') ?? []).map((step, index) => `  ${(index === 0 ? 'next' : '').padEnd(8)}${step}`);
}

function listText(style: Style, title: string, findings: readonly LogFinding[]): readonly string[] {
  if (findings.length === 0) return [];
  const rows = findings.map(({ hit, signature, meaning }) => [number(hit.count), signature, meaning]);
  return [style.bold(title), table(rows, { width: style.width, indent: '  ' }), ''];
}

function unknownText(style: Style, { unknown }: LogEvidence): readonly string[] {
  if (unknown.lines === 0) return [];
  const shown = unknown.shapes.slice(0, MOST_SHAPES);
  const rest = unknown.lines - shown.reduce((sum, { count }) => sum + count, 0);
  const rows = shown.map((shape) => [number(shape.count), `${printable(shape.shape)}  (${spanText(shape)})`]);
  return [
    style.bold(`Not known: ${counted(unknown.lines, 'line')} that look like errors`),
    table(rows, { width: style.width, indent: '  ' }),
    ...(rest > 0 ? [`  and ${counted(rest, 'line')} of other kinds`] : []),
    '',
  ];
}

function limitsOf({ evidence: { assumed, cutLines }, notes }: ToldLogs): readonly string[] {
  const out = [...notes];
  if (assumed.zone > 0) out.push(`${counted(assumed.zone, 'time')} without a zone taken as UTC.`);
  if (assumed.year > 0) out.push(`${counted(assumed.year, 'time')} without a year taken as the last such day, in UTC.`);
  if (cutLines > 0) out.push(`Of ${counted(cutLines, 'line')} only the first 256 KiB were read.`);
  return out;
}

/** The answer first; each cause with what follows from it below; then what is noise, what is good, what nobody knows. */
export function diagnoseLogsText(style: Style, told: ToldLogs): string {
  const { verdict, summary, findings } = told.judgement;
  const { evidence, read } = told;
  const withRole = (role: LogFinding['role']): readonly LogFinding[] => findings.filter((each) => each.role === role);
  const unexplained = withRole('unexplained-effect');
  const effectsOf = ({ id }: LogFinding): readonly LogFinding[] =>
    withRole('effect').filter(({ causedBy }) => causedBy === id);
  const what = read.length === 1 ? printable(read[0] ?? '') : counted(read.length, 'log');
  const indent = ' '.repeat(verdict.length + 2);
  return [
    wrap(summary, style.width, `${style.verdict(verdict)}  `, indent),
    wrap(`${what}, ${counted(evidence.lines, 'line')}, ${spanText(evidence)}`, style.width, indent),
    '',
    ...withRole('cause').flatMap((cause) => causeText(style, cause, effectsOf(cause))),
    ...(unexplained.length === 0 ? [] : [style.bold('Follows from something that is not in this log'), '']),
    ...unexplained.flatMap((effect) => causeText(style, effect, effectsOf(effect))),
    ...unknownText(style, evidence),
    ...listText(style, 'Noise', withRole('noise')),
    ...listText(style, 'Good to know', withRole('good')),
    ...limitsOf(told).map((note) => wrap(note, style.width, 'Note: ', '      ')),
  ]
    .join('\n')
    .trimEnd();
}
