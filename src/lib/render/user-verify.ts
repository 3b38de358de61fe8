import type { Finding } from '../findings/finding.ts';
import { countVerdicts, VERDICTS } from '../findings/finding.ts';
import type { Verification, VerifiedEntry } from '../users/verify/verify-stored.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** Several complete users take one line each; whoever is not complete gets every row. */
export function userVerifyText(style: Style, { users }: Verification): string {
  const isBrief = users.length > 1;
  return users
    .map((user) =>
      isBrief && user.findings.every(({ verdict }) => verdict === 'PASS' || verdict === 'SKIP')
        ? heading(style, user)
        : full(style, user),
    )
    .join(isBrief ? '\n' : '\n\n');
}

function heading(style: Style, { name, findings }: VerifiedEntry): string {
  const counts = countVerdicts(findings);
  const tally = VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`);
  const left = printable(name);
  const right = tally.join(' · ');
  return `${style.bold(left)}${' '.repeat(Math.max(2, style.width - left.length - right.length))}${right}`;
}

function full(style: Style, user: VerifiedEntry): string {
  const rows = user.findings.map((finding) => [
    `${style.mark(finding.verdict)} ${printable(finding.title)}`,
    cell(style, finding),
  ]);
  return `${heading(style, user)}\n${table(rows, { width: style.width, indent: '  ' })}${below(style, user.findings)}`;
}

/** UNKNOWN and FAIL say the word: no meaning hangs on a symbol or on colour. */
function cell(style: Style, finding: Finding): string {
  const word = finding.verdict === 'PASS' ? '' : `${style.verdict(finding.verdict)} `;
  const reason = finding.reason === undefined ? '' : ` (${finding.reason})`;
  return `${word}${printable(finding.detail)}${reason}`;
}

/** For each row that is not as it should be: what to do, and the command that shows it. */
function below(style: Style, findings: readonly Finding[]): string {
  const lines = findings
    .filter(({ verdict, reason }) => verdict !== 'PASS' && verdict !== 'SKIP' && reason !== 'blocked')
    .flatMap(({ title, command, hint }) => [
      wrap(`${printable(title)}:${hint === undefined ? '' : ` ${printable(hint)}`}`, style.width, '  ', '    '),
      // Not wrapped: a command is there to be copied.
      ...(command === undefined ? [] : [`    ${printable(command)}`]),
    ]);
  return lines.length === 0 ? '' : `\n\nLook closer\n${lines.join('\n')}`;
}
