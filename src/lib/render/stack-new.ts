import type { Finding } from '../findings/finding.ts';
import type { Composition } from '../stacks/scaffold/compose.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** A stack that was written, or under --dry-run would be. */
export type NewStack = {
  readonly composition: Composition;
  readonly folder: string;
  readonly dryRun: boolean;
  readonly findings: readonly Finding[];
  readonly next: readonly string[];
};

/** What was written, what was checked, what the first apply needs; under --dry-run the files themselves. */
export function stackNewText(style: Style, { composition, folder, dryRun, findings, next }: NewStack): string {
  const { files, links, dependencies, firstApply } = composition;
  const needs = dependencies.length === 0 ? 'nothing' : dependencies.join(', ');
  const count = files.length + links.length;
  const verb = dryRun ? 'would be written' : 'written';
  const head = `${style.bold(folder)}: ${count} files ${verb}, depends on ${needs}`;
  const list = [
    ...files.map(({ path, text }) => `  + ${path}  ${style.dim(`${text.split('\n').length - 1} lines`)}`),
    ...links.map(({ path, target }) => `  + ${path} → ${target}`),
  ];
  const shown = files.map(({ path, text }) => `${style.bold(`${folder}/${path}`)}\n${text.trimEnd()}`);
  return [
    `${wrap(head, style.width)}\n${list.join('\n')}`,
    ...(dryRun ? shown : []),
    ...(findings.length > 0 ? [findingsTable(style, findings)] : []),
    `The first apply will need\n${numbered(style, firstApply)}`,
    `Next\n${next.map((line) => `  ${line}`).join('\n')}`,
  ].join('\n\n');
}

function findingsTable(style: Style, findings: readonly Finding[]): string {
  const rows = findings.map(({ verdict, title, detail, hint }) => {
    const said = verdict === 'UNKNOWN' || verdict === 'SKIP' ? `${verdict} ` : '';
    const then = hint === undefined ? '' : `; ${printable(hint)}`;
    return [`${style.mark(verdict)} ${title}`, `${said}${printable(detail)}${then}`];
  });
  return table(rows, { width: style.width });
}

function numbered(style: Style, lines: readonly string[]): string {
  return lines.map((line, index) => wrap(printable(line), style.width, `  ${index + 1} `, '    ')).join('\n');
}
