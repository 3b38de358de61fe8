import type { TraceAnswer } from '../mail/trace/trace.ts';
import type { TracedMail } from '../mail/trace/traced.ts';
import { nextLines } from './mail-next.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** Below this width a step has its time and program on a line of their own. */
const TABLE_WIDTH = 64;

/** One mail with its story, several as a list, or that nothing is known; then what the answer rests on. */
export function mailTraceText(style: Style, answer: TraceAnswer, tookMs: number): string {
  const [mail, second] = answer.mails;
  const told =
    mail === undefined ? unfound(style, answer) : second === undefined ? one(style, mail) : several(style, answer);
  return [...told, ...nextLines(style, answer.next), '', ...restsOn(style, answer, tookMs)].join('\n');
}

function unfound(style: Style, { findings }: TraceAnswer): readonly string[] {
  return findings.map(({ verdict, detail }) => said(style, verdict, `${detail}.`));
}

function said(style: Style, verdict: TracedMail['verdict'], text: string): string {
  return wrap(printable(text), style.width, `${style.verdict(verdict)}  `, '      ');
}

function one(style: Style, mail: TracedMail): readonly string[] {
  const { from, client, login, messageId, queueIds, now, dropped } = mail;
  const to = mail.recipients.map(({ address, origTo }) =>
    origTo === undefined ? address : `${address} (for ${origTo})`,
  );
  const by = client === undefined ? '' : ` by ${client}`;
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    [
      'from',
      from === undefined && client === undefined ? undefined : `${from === '' ? '<>' : (from ?? '')}${by}`.trim(),
    ],
    ['login', login],
    ['to', to.filter((each) => each !== '').join(', ') || undefined],
    ['message', messageId === undefined ? undefined : `<${messageId}>`],
    ['ids', queueIds.length === 0 ? undefined : queueIds.join(' then ')],
    ['now', now === undefined ? undefined : now.queue === 'none' ? 'in no queue' : `in the queue ${now.queue}`],
  ];
  const rows = facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, printable(value)]]));
  return [
    said(style, mail.verdict, `${mail.summary}.`),
    '',
    table(rows, { width: style.width, indent: '  ' }),
    ...(mail.steps.length === 0 ? [] : ['', steps(style, mail)]),
    ...(dropped === 0 ? [] : [`  ${dropped} more lines of it are left out`]),
    ...(mail.isBegun ? [] : ['', wrap('How it came in is not in the log.', style.width, '  ')]),
  ];
}

function steps(style: Style, { steps: all }: TracedMail): string {
  const lines: string[] = [];
  const days = Map.groupBy(all, ({ at }) => at.slice(0, 10));
  for (const [day, own] of days) {
    lines.push(style.bold(`${day}, UTC`));
    const rows = own.map(({ at, program, text }) => [at.slice(11, 19), program, printable(text)]);
    lines.push(
      style.width < TABLE_WIDTH
        ? rows
            .map(([time, program, text]) => `  ${time}  ${program}\n${wrap(text ?? '', style.width, '    ')}`)
            .join('\n')
        : table(rows, { width: style.width, indent: '  ' }),
    );
  }
  return lines.join('\n');
}

function several(style: Style, { mails, more, wanted }: TraceAnswer): readonly string[] {
  const lines = mails.map(({ verdict, firstSeen, queueIds, from, recipients, summary }) => {
    const to = recipients.map(({ address }) => address).filter((each) => each !== '');
    const others = to.length > 2 ? ` and ${to.length - 1} others` : to.length > 1 ? ' and another' : '';
    const head = `${queueIds.at(-1) ?? 'refused'}  ${from === '' ? '<>' : (from ?? '?')} to ${to[0] ?? '?'}${others}`;
    const day = `${firstSeen.slice(0, 10)} ${firstSeen.slice(11, 19)}`;
    return [
      wrap(printable(head), style.width, `${style.mark(verdict)} ${day}  `, '    '),
      wrap(printable(summary), style.width, '    '),
    ].join('\n');
  });
  const count = `${mails.length + more} mails ${wanted}${more === 0 ? '' : `, the newest ${mails.length} of them`}; times in UTC`;
  return [wrap(printable(count), style.width), '', ...lines];
}

function restsOn(style: Style, { coverage }: TraceAnswer, tookMs: number): readonly string[] {
  const { logs, notes, reachesBackTo } = coverage;
  const lines = logs.reduce((sum, each) => sum + each.lines, 0);
  const back = reachesBackTo === undefined ? '' : `, back to ${reachesBackTo.slice(0, 16).replace('T', ' ')} UTC`;
  const read = `${lines} line${lines === 1 ? '' : 's'} of ${logs.length} log${logs.length === 1 ? '' : 's'} read${back}`;
  return [
    ...notes.map((note) => wrap(printable(note), style.width)),
    wrap(`${read} · ${(tookMs / 1000).toFixed(1)} s`, style.width),
  ];
}
