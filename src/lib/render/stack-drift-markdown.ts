import type { DriftGroup, DriftReport, DriftResult } from '../stacks/drift/result.ts';
import { printable } from './printable.ts';
import { countText, STATE_WORDS } from './stack-drift.ts';
import { className } from './stack-plan.ts';

/** A report to post: what drifted by group, what could not be planned apart from it, what is accepted until when. */
export function driftMarkdown(result: DriftResult): string {
  const { reports, groups, findings } = result;
  const unknown = reports.filter(({ state }) => ['failed', 'not-planned', 'unconfirmed'].includes(state));
  const ignored = reports.filter((report) => report.ignored.length > 0);
  return [
    `# Drift of ${result.lookedAt.slice(0, 16).replace('T', ' ')} UTC`,
    '',
    countText(reports),
    '',
    ...section('Drift', groups.flatMap(groupLines)),
    ...section('Not known', unknown.map(unknownLine)),
    ...section('Accepted', ignored.flatMap(ignoredLines)),
    ...section(
      'Notes',
      findings.map(({ title, detail }) => `- ${text(title)}: ${text(detail)}`),
    ),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}

function groupLines({ stacks, what, attributes, explanation, ...group }: DriftGroup): readonly string[] {
  const names = attributes.length === 0 ? '' : ` (${attributes.map(text).join(', ')})`;
  const where = stacks.length === 1 ? '' : `${stacks.length} stacks: `;
  return [
    `- **${className(group.class)}** ${code(what)}${names} in ${where}${stacks.map(code).join(', ')}`,
    ...(explanation === undefined
      ? []
      : [
          `  - likely ${code(explanation.commit.slice(0, 7))} "${text(explanation.title)}", which changed ${code(explanation.path)}`,
        ]),
  ];
}

function unknownLine({ stack, state, error }: DriftReport): string {
  return `- ${code(stack)} ${STATE_WORDS[state]}${error === undefined ? '' : `: ${text(error.message)}`}`;
}

function ignoredLines({ stack, ignored }: DriftReport): readonly string[] {
  return ignored.map(
    ({ change, reason, expires }) => `- ${code(stack)} ${code(change.address)}: ${text(reason)}, until ${expires}`,
  );
}

/** Text in which nothing is markup. */
function text(value: string): string {
  return printable(value).replace(/[\\`*_[\]<>|#]/g, '\\$&');
}

/** A code span whose content may hold backticks. */
function code(value: string): string {
  const shown = printable(value);
  const ticks = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${shown}${pad}${ticks}`;
}
