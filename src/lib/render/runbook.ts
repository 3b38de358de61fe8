import type { Remedy } from '../diagnosis/cause.ts';
import type { CauseProse, QuestionProse, RunbookProse } from '../diagnosis/prose.ts';
import { PHASE_WORDS } from './diagnosis-words.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** A runbook of a list. */
export type RunbookRow = {
  readonly subject: string;
  readonly title: string;
  readonly source: string;
  readonly probes: number;
  readonly causes: number;
};

/** The runbooks that there are. */
export function runbookListText(style: Style, runbooks: readonly RunbookRow[]): string {
  if (runbooks.length === 0) return 'There is no runbook.';
  const rows = runbooks.map(({ subject, title, source, probes, causes }) => [
    subject,
    source,
    `${probes} probes, ${causes} causes`,
    title,
  ]);
  return table(rows, { width: style.width, head: ['SUBJECT', 'FROM', 'HOLDS', 'TITLE'] });
}

/** What a remedy costs, in words that stand before its command. */
function riskOf({ risk, destroys, signsOut }: Remedy): string {
  const words = { read: 'reads only', write: 'changes something', destroy: 'destroys something' }[risk];
  return [
    destroys === undefined ? words : `destroys ${destroys}`,
    ...(signsOut === undefined ? [] : [`signs out ${signsOut}`]),
  ].join('; ');
}

const fence = (command: string): readonly string[] => ['', '```sh', command, '```'];
const link = (title: string, anchor: string): string => `[${title}](#${anchor})`;
const paragraph = (...lines: readonly string[]): string => lines.join('\n');

function questionMarkdown(one: QuestionProse): readonly string[] {
  const failures = one.failures.map(
    ({ code, meaning, leadsTo }) =>
      `- \`${code}\`: ${meaning}${leadsTo === undefined ? '' : ` It is evidence of ${link(code, leadsTo)}.`}`,
  );
  const kinds = {
    passive: 'reads the API and logs',
    request: 'sends requests to an application',
    exec: 'runs a read-only program in a container',
  };
  return [
    `### ${one.id}`,
    `**${one.question}** ${one.why}`,
    ...(one.command === '' ? [] : [paragraph('By hand:', ...fence(one.command))]),
    `Healthy: ${one.healthy}`,
    ...(failures.length === 0 ? [] : [paragraph('Otherwise:', '', ...failures)]),
    `Layer: ${one.layer}. Cost: ${one.cost}; it ${kinds[one.kind]}.${one.needs.length === 0 ? '' : ` Needs: ${one.needs.join(', ')}.`}`,
  ];
}

function causeMarkdown(one: CauseProse): readonly string[] {
  const steps = one.remedies.map((remedy) =>
    paragraph(
      `- **${PHASE_WORDS[remedy.phase]}** ${remedy.text} (${riskOf(remedy)})`,
      ...(remedy.command === undefined ? [] : fence(remedy.command).map((line) => (line === '' ? line : `  ${line}`))),
    ),
  );
  const explains = one.explains.map(({ code, meaning }) =>
    meaning === undefined ? `- \`${code}\`` : `- \`${code}\`: ${meaning}`,
  );
  const alerts = one.alerts.map(({ alert, expr, for: time }) => `- \`${alert}\`: \`${expr}\` for ${time}`);
  return [
    `### ${one.code}`,
    `**${one.title}** (layer: ${one.layer})`,
    ...(one.seenBy.length === 0
      ? []
      : [`Seen by ${one.seenBy.map(({ title, anchor }) => link(title, anchor)).join(', ')}.`]),
    ...(explains.length === 0 ? [] : [paragraph('It explains:', '', ...explains)]),
    ...(steps.length === 0
      ? []
      : [paragraph('What to do, after keeping the evidence (`--record DIR`):', '', ...steps)]),
    ...(alerts.length === 0 ? [] : [paragraph('An alert that would fire:', '', ...alerts)]),
  ];
}

/** The runbook as Markdown. Headings are ids, so that anchors are ids with `-` for `.`; `isPart` leaves out the frame. */
export function runbookMarkdown(prose: RunbookProse, isPart = false): string {
  const { title, introduction, subject, questions, causes } = prose;
  const parts = [
    ...(isPart
      ? []
      : [
          `# ${title}`,
          introduction,
          `All of it in one command: \`infra diagnose ${subject}\`. Nothing that it does changes anything; remedies are printed, never run.`,
        ]),
    ...(questions.length === 0
      ? []
      : [...(isPart ? [] : ['## Questions, in order']), ...questions.flatMap(questionMarkdown)]),
    ...(causes.length === 0 ? [] : [...(isPart ? [] : ['## Causes']), ...causes.flatMap(causeMarkdown)]),
  ];
  return withAnchors(parts.join('\n\n'));
}

/** A site that renders Markdown drops the dots of a heading; a link must find it all the same. */
function withAnchors(markdown: string): string {
  return markdown.replace(
    /^### (\S+)$/gm,
    (heading, id: string) => `<a id="${id.replaceAll('.', '-')}"></a>\n\n${heading}`,
  );
}

/** The same for a terminal: wrapped, commands whole, without marks. */
export function runbookText(style: Style, prose: RunbookProse, isPart = false): string {
  const lines: string[] = [];
  const state = { isCode: false };
  for (const line of runbookMarkdown(prose, isPart).split('\n')) {
    const bare = line.trimStart();
    if (bare.startsWith('```')) state.isCode = !state.isCode;
    else if (state.isCode) lines.push(`    ${style.cyan(bare)}`);
    else if (bare.startsWith('<a id=')) continue;
    else if (bare.startsWith('#')) lines.push(style.bold(bare.replace(/^#+ /, '')));
    else lines.push(line === '' ? '' : wrap(plain(line), style.width, '', line.startsWith('- ') ? '  ' : ''));
  }
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function plain(line: string): string {
  return line
    .replaceAll(/\[([^\]]+)\]\(#[^)]+\)/g, '$1')
    .replaceAll('**', '')
    .replaceAll('`', '');
}
