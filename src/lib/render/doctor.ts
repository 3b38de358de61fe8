import { GROUPS } from '../doctor/check.ts';
import type { DoctorFinding } from '../doctor/engine.ts';
import { countVerdicts, VERDICTS } from '../findings/finding.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** Every finding by group, each fix below its finding, and the count at the end. */
export function doctorText(style: Style, findings: readonly DoctorFinding[]): string {
  const width = Math.max(...findings.map((finding) => finding.title.length));
  const out = GROUPS.flatMap((group) => {
    const own = findings.filter((finding) => finding.group === group);
    return own.length === 0 ? [] : [style.bold(group), ...own.map((finding) => lines(style, finding, width)), ''];
  });
  const counts = countVerdicts(findings);
  out.push(
    VERDICTS.filter((verdict) => counts[verdict] > 0)
      .map((verdict) => `${counts[verdict]} ${style.verdict(verdict)}`)
      .join(' · '),
  );
  return out.join('\n');
}

function lines(style: Style, finding: DoctorFinding, width: number): string {
  const said = finding.verdict === 'PASS' || finding.verdict === 'SKIP' ? '' : `${style.verdict(finding.verdict)} `;
  const skipped = finding.verdict === 'SKIP' ? 'not checked: ' : '';
  const row = [style.mark(finding.verdict), finding.title.padEnd(width), `${said}${skipped}${finding.detail}`];
  const answer = table([row], { width: style.width, indent: '  ', gap: 1 });
  // On lines of its own and not in the column: it is there to be copied.
  const fix =
    finding.hint === undefined || finding.hint === '' ? [] : [wrap(finding.hint, style.width, '      → ', '        ')];
  return [answer, ...fix].join('\n');
}
