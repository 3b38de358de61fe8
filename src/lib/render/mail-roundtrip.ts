import type { Finding } from '../findings/finding.ts';
import type { RoundtripJob } from '../mail/roundtrip/job.ts';
import type { Advice } from '../mail/verdict/advice.ts';
import { nextLines } from './mail-next.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

/** Lines of a Job's log that are shown; `--json` has more. */
const SHOWN = 8;

/** The verdict, what the Job said where it failed, what to do. */
export function roundtripText(
  style: Style,
  finding: Finding,
  next: readonly Advice[],
  sent?: { readonly job: string; readonly log: readonly string[]; readonly isDeleted: boolean },
): string {
  const { verdict, title, detail, reason } = finding;
  const why = reason === undefined ? '' : ` (${reason})`;
  const said = verdict === 'PASS' ? [] : (sent?.log ?? []).slice(-SHOWN);
  const lines = [
    wrap(printable(`${title}: ${detail}${why}`), style.width, `${style.verdict(verdict)}  `, '      '),
    ...(said.length === 0 ? [] : ['', style.bold('What the Job said')]),
    ...said.map((line) => wrap(printable(line), style.width, '  ', '    ')),
    ...nextLines(style, next),
    ...(sent?.isDeleted === true ? ['', `The Job ${sent.job} is deleted.`] : []),
  ];
  return lines.join('\n');
}

/** What would be done: before the question, and with `--dry-run`. */
export function roundtripPlanText(style: Style, job: RoundtripJob): string {
  const lines = [
    `Job ${job.name} in ${job.namespace}, from the CronJob ${job.cronJob}${job.isSuspended ? ' (suspended)' : ''}`,
    '  sends one mail from outside and looks for it in its mailbox',
    `  waits up to ${Math.round(job.waitMs / 1000)} s (${job.waitFrom}), then deletes the Job`,
  ];
  return lines.map((line) => wrap(line, style.width, '', '  ')).join('\n');
}
