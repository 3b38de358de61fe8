import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { effortWords, moment, rootWords, sinceWords } from './diagnosis-words.ts';
import { printable } from './printable.ts';

/** Ten lines for a chat: what is wrong, for whom, since when, what is not the cause, what is done next. */
export function shortText(diagnosis: Diagnosis): string {
  const { subject, title, verdict, at, rootCause, exonerated, alsoFailing, findings, nextSteps, counts } = diagnosis;
  const unknown = findings.filter((one) => one.verdict === 'UNKNOWN' && one.blockedBy === undefined);
  const now = nextSteps.find(({ phase, command }) => phase === 'now' && command !== undefined);
  const since = sinceWords(diagnosis);
  const told = (label: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`${label}: ${lines.join('; ')}`];
  const lines = [
    `${verdict} ${title} (infra diagnose ${subject}, ${moment(at)})`,
    ...told('Cause', [rootWords(diagnosis) ?? []].flat()),
    ...(rootCause?.code === undefined ? [] : [rootCause.summary]),
    ...told('Since', since === undefined ? [] : [since]),
    ...told(
      'Seen',
      (rootCause?.evidence ?? []).flatMap((id) => findings.find((one) => one.id === id)?.detail ?? []),
    ),
    ...told(
      'Also failing',
      alsoFailing.map(({ code, summary }) => code ?? summary),
    ),
    ...told(
      'Cleared',
      exonerated.map(({ what }) => what),
    ),
    ...told(
      'No answer',
      unknown.map((one) => `${one.title} (${one.reason})`),
    ),
    ...told('Next', now?.command === undefined ? [] : [now.command]),
    `${counts.FAIL} FAIL, ${counts.WARN} WARN, ${counts.UNKNOWN} UNKNOWN, ${counts.PASS} PASS; ${effortWords(diagnosis)}`,
  ];
  return lines.map((line) => printable(line.length > 300 ? `${line.slice(0, 299)}…` : line)).join('\n');
}
