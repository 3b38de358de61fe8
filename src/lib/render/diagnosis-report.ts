import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import {
  effortWords,
  findingWords,
  moment,
  PHASE_WORDS,
  riskWords,
  rootWords,
  seconds,
  sinceWords,
} from './diagnosis-words.ts';
import { printableParts } from './printable.ts';

/** A cell of a Markdown table. */
const cell = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('<', '&lt;');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);
const blank = (what: string): string => `_${what}_`;

function table(head: readonly string[], rows: readonly string[]): readonly string[] {
  return [row(...head), `|${head.map(() => '---').join('|')}|`, ...rows];
}

function section(title: string, lines: readonly string[], empty: string): string {
  return [`## ${title}`, '', ...(lines.length === 0 ? [blank(empty)] : lines)].join('\n');
}

/**
 * A report in Markdown, with the headings of a post-mortem. What the diagnosis knows is filled in; what only people can
 * know is left blank and says so.
 */
export function diagnosisReport(raw: Diagnosis): string {
  const diagnosis = printableParts(raw);
  const { title, rootCause, at, verdict } = diagnosis;
  const day = at.slice(0, 10);
  return [
    `# Post-Mortem: ${rootCause?.code === undefined ? `${title} (${verdict})` : rootCause.summary}`,
    facts(diagnosis, day).join('\n'),
    section('Summary', summary(diagnosis), 'To be written.'),
    section('Impact', impact(diagnosis), 'To be written.'),
    section('Timeline (UTC)', timeline(diagnosis), 'Nothing dated was seen.'),
    section('Root Cause Chain', chain(diagnosis), 'No failure was found.'),
    section(
      'Why Diagnosis Took So Long',
      silence(diagnosis),
      'Every question was answered. The rest is to be written.',
    ),
    section('Contributing Factors', factors(diagnosis), 'To be written.'),
    section('Detection Gaps', gaps(diagnosis), 'No gap was found.'),
    section('Prevention Plan', plan(diagnosis), 'To be written.'),
    section('Lessons Learned', [], 'To be written by those who were there.'),
    section('Findings', findings(diagnosis), 'No probe was asked.'),
  ].join('\n\n');
}

function facts(diagnosis: Diagnosis, day: string): readonly string[] {
  return table(
    ['Field', 'Value'],
    [
      row('**Date**', day),
      row(
        '**Duration**',
        diagnosis.since === undefined
          ? blank('to be written')
          : `since ${sinceWords(diagnosis)}; end ${blank('to be written')}`,
      ),
      row('**Severity**', blank('to be written')),
      row('**Affected Services**', blank('to be written')),
      row('**Status**', `${diagnosis.verdict} at ${moment(diagnosis.at)}`),
    ],
  );
}

function summary(diagnosis: Diagnosis): readonly string[] {
  const { rootCause, subject, shape } = diagnosis;
  const found = rootCause === undefined ? [] : [`${rootCause.summary}.`, `Root cause: ${rootWords(diagnosis)}.`];
  return [
    ...found,
    `Diagnosed with ${code(`infra diagnose ${subject}`)}${shape === undefined ? '' : ` (${shape})`}: ${effortWords(diagnosis)}.`,
  ];
}

function impact({ rootCause, findings: all }: Diagnosis): readonly string[] {
  const scope = {
    shared: 'Every host that was tested fails without any cookie: it is shared, not one user’s.',
    'per-host': 'Some of the hosts that were tested fail.',
    'per-user': 'It fails for a user only.',
  };
  const hit = all.filter(({ causedBy, verdict }) => causedBy !== undefined && verdict === 'FAIL');
  return [
    ...(rootCause?.scope === undefined ? [] : [scope[rootCause.scope]]),
    ...hit.map(({ title, detail }) => `- ${cell(title)}: ${cell(detail)}`),
  ];
}

function timeline({ timeline: entries, since, at, verdict }: Diagnosis): readonly string[] {
  const began =
    since === undefined
      ? []
      : [{ at: since.at, what: since.orBefore === true ? 'Begun, at this time or before' : 'Begun' }];
  const all = [...began, ...entries, { at, what: `Diagnosed: ${verdict}` }];
  const sorted = [...all].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return table(
    ['Time', 'Event'],
    sorted.map((entry) => row(`**${moment(entry.at)}**`, entry.what)),
  );
}

function chain(diagnosis: Diagnosis): readonly string[] {
  const { rootCause, findings: all, alsoFailing } = diagnosis;
  if (rootCause === undefined) return [];
  const evidence = all.filter(({ id }) => rootCause.evidence.includes(id));
  const effects = all.filter(({ causedBy }) => causedBy !== undefined);
  const tree = [
    `[1] ${rootCause.summary} (${rootWords(diagnosis)})`,
    ...evidence.map(({ title, detail }) => `      seen: ${title}: ${detail}`),
    ...effects.map((one, index) => `  └─> [${index + 2}] ${one.title}: ${one.detail}`),
  ];
  const others = alsoFailing.map(
    ({ code: name, summary: words }) => `- ${name === undefined ? '' : `${code(name)}: `}${cell(words)}`,
  );
  return [
    '```',
    ...tree.map((line) => line.replaceAll('```', "'''")),
    '```',
    ...(others.length === 0 ? [] : ['', 'Also failing, and not explained by it:', '', ...others]),
  ];
}

function silence({ findings: all }: Diagnosis): readonly string[] {
  return all
    .filter(({ verdict, blockedBy }) => verdict === 'UNKNOWN' && blockedBy === undefined)
    .map(({ title, detail, reason }) => `- No answer from ${cell(title)} (${reason}): ${cell(detail)}`);
}

function factors(diagnosis: Diagnosis): readonly string[] {
  const { forecasts, findings: all, exonerated } = diagnosis;
  return [
    ...all
      .filter(({ verdict }) => verdict === 'WARN')
      .map((one) => `- ${cell(one.title)}: ${cell(findingWords(diagnosis, one))}`),
    ...forecasts.map(({ what, summary: words }) => `- ${cell(what)}: ${cell(words)}`),
    ...exonerated.map(({ what, because }) => `- Not ${cell(what)}: ${cell(because)}`),
  ];
}

function gaps({ gaps: all, alertRules }: Diagnosis): readonly string[] {
  if (all.length === 0 && alertRules.length === 0) return [];
  return table(
    ['Gap', 'Why', 'Fix'],
    [
      ...all.map(({ alert, why }) => row(`${alert} did not fire`, why, blank('to be written'))),
      ...alertRules.map(({ alert, expr, for: time }) =>
        row(`no alert like ${alert}`, 'it would have fired', `${code(expr)} for ${time}`),
      ),
    ],
  );
}

function plan({ nextSteps }: Diagnosis): readonly string[] {
  if (nextSteps.length === 0) return [];
  return table(
    ['When', 'Action', 'Details', 'Risk', 'Status'],
    nextSteps.map((step) =>
      row(
        PHASE_WORDS[step.phase],
        step.text,
        step.command === undefined ? '' : code(step.command),
        riskWords(step) ?? step.risk,
        'TODO',
      ),
    ),
  );
}

function findings(diagnosis: Diagnosis): readonly string[] {
  return table(
    ['Verdict', 'Probe', 'Found', 'Took'],
    diagnosis.findings.map((one) =>
      row(one.verdict, code(one.id), findingWords(diagnosis, one), seconds(one.durationMs)),
    ),
  );
}
