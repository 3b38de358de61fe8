import { durationText } from '../findings/duration.ts';
import type { Verdict } from '../findings/finding.ts';
import { PLACE_TITLES, type QueueAnswer, type QueueCheck } from '../mail/queue/check-queue.ts';
import { QUEUES } from '../mail/queue/read-queue.ts';
import type { QueueSummary } from '../mail/queue/summary.ts';
import { nextLines } from './mail-next.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** Below this width the counts of six queues do not fit beside each other. */
const TABLE_WIDTH = 72;
const WORST: readonly Verdict[] = ['FAIL', 'UNKNOWN', 'WARN', 'PASS', 'SKIP'];

/** The verdicts, the counts, why and for whom mail waits, what to do. */
export function mailQueueText(style: Style, check: QueueCheck, tookMs: number): string {
  const known = check.answers.flatMap((answer) => {
    const summary = answer.evidence.state === 'answered' ? answer.evidence.value.summary : undefined;
    return summary === undefined ? [] : [{ answer, summary }];
  });
  const verdicts = check.findings
    .toSorted((a, b) => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict))
    .map(({ verdict, title, detail, reason }) => {
      const why = reason === undefined || verdict === 'PASS' ? '' : ` (${reason})`;
      return wrap(printable(`${title}: ${detail}${why}`), style.width, `${style.verdict(verdict)}  `, '      ');
    });
  const waiting = known.filter(({ summary }) => summary.total > 0);
  const parts = [
    ...verdicts,
    ...(waiting.length === 0 ? [] : ['', counts(style, check, waiting)]),
    ...reasons(style, check, waiting),
    ...domains(style, waiting),
    ...nextLines(
      style,
      check.answers.flatMap(({ next }) => next),
    ),
    '',
    `${known.length} of ${check.answers.length} queues listed · ${(tookMs / 1000).toFixed(1)} s`,
  ];
  return parts.join('\n');
}

type Known = { readonly answer: QueueAnswer; readonly summary: QueueSummary };

function since(check: QueueCheck, at: string | undefined): string {
  return at === undefined || at === '' ? '' : durationText(check.at.getTime() - Date.parse(at));
}

function counts(style: Style, check: QueueCheck, known: readonly Known[]): string {
  const oldest = ({ summary }: Known): string => {
    const [first] = QUEUES.flatMap((queue) => summary.oldest[queue]?.at ?? []).sort();
    return since(check, first);
  };
  if (style.width < TABLE_WIDTH) {
    return known
      .map(({ answer, summary }) => {
        const own = QUEUES.filter((queue) => summary.queues[queue] > 0).map(
          (queue) => `${summary.queues[queue]} ${queue}`,
        );
        const text = `${PLACE_TITLES[answer.place]}: ${own.join(', ')}; oldest ${oldest({ answer, summary })}`;
        return wrap(text, style.width, '  ', '    ');
      })
      .join('\n');
  }
  const rows = known.map((each) => [
    PLACE_TITLES[each.answer.place],
    ...QUEUES.map((queue) => (each.summary.queues[queue] === 0 ? '-' : String(each.summary.queues[queue]))),
    oldest(each),
  ]);
  return table(rows, { width: style.width, indent: '  ', head: ['', ...QUEUES, 'oldest'] });
}

function reasons(style: Style, check: QueueCheck, known: readonly Known[]): readonly string[] {
  const lines = known.flatMap(({ answer, summary }) =>
    summary.reasons.flatMap((reason) => {
      const count = `${reason.messages}`.padStart(4);
      const where = answer.place === 'here' ? '' : ', at the second MX';
      return [
        wrap(printable(`${reason.code}: ${reason.pattern}`), style.width, `${count}  `, '      '),
        wrap(printable(`oldest ${reason.id}, ${since(check, reason.oldest)}${where}`), style.width, '      '),
      ];
    }),
  );
  const others = known.reduce((sum, { summary }) => sum + summary.otherReasons, 0);
  if (lines.length === 0) return [];
  return [
    '',
    style.bold('Why they wait'),
    ...lines,
    ...(others === 0 ? [] : [`${`${others}`.padStart(4)}  for other reasons`]),
  ];
}

function domains(style: Style, known: readonly Known[]): readonly string[] {
  const all = new Map<string, number>();
  for (const { summary } of known) {
    for (const { domain, messages } of summary.domains) all.set(domain, (all.get(domain) ?? 0) + messages);
  }
  if (all.size === 0) return [];
  const told = [...all].sort((a, b) => b[1] - a[1]).map(([domain, messages]) => `${messages} ${domain}`);
  const others = known.reduce((sum, { summary }) => sum + summary.otherDomains, 0);
  const text = [...told, ...(others === 0 ? [] : [`${others} others`])].join(' · ');
  return ['', wrap(printable(text), style.width, `${style.bold('For whom')}  `, '          ')];
}
