import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { LookAt } from '../runbooks/triage/look-at.ts';
import { seconds } from './diagnosis-words.ts';
import { printableParts } from './printable.ts';
import type { Style } from './style.ts';
import { type Row, table } from './table.ts';
import { wrap } from './wrap.ts';

/** Triage for a reader: a line a question, then where to go. */
export function triageText(style: Style, raw: Diagnosis, target: LookAt | undefined): string {
  const { findings, tookMs } = printableParts(raw);
  const rows = findings
    .filter(({ reason }) => reason !== 'not-selected')
    .map(({ verdict, title, detail, reason }): Row => {
      const why = reason === undefined || verdict === 'PASS' ? '' : ` (${reason})`;
      return [style.verdict(verdict), title, `${detail}${why}`];
    });
  const lines = [
    table(rows, { width: style.width }),
    '',
    ...answer(style, raw, target),
    style.dim(`in ${seconds(tookMs)}`),
  ];
  return lines.join('\n');
}

function answer(style: Style, { counts }: Diagnosis, target: LookAt | undefined): readonly string[] {
  if (target !== undefined) {
    const { subject, command, because } = printableParts(target);
    const words = subject === undefined ? 'Look here first' : `Look at ${subject} first`;
    return [wrap(`${style.bold(words)}: ${command}`, style.width, '', '  '), wrap(because, style.width, '  ', '  ')];
  }
  const unknown = counts.UNKNOWN === 0 ? '' : ` What is UNKNOWN above was not looked at.`;
  return [wrap(`Nothing stands out.${unknown}`, style.width)];
}
