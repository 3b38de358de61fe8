import type { Finding } from '../findings/finding.ts';
import type { LastRun } from '../stacks/listing/last-run.ts';
import type { ListedStack, StackList } from '../stacks/listing/list-stacks.ts';
import type { LockState } from '../stacks/listing/lock.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import type { Row } from './table.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** What is wrong first, then the stacks, then what could not be told about their locks. */
export function stackListText(style: Style, list: StackList): string {
  const { problems, stacks, total } = list;
  const blocks = [
    ...(problems.length > 0 ? [problems.map((each) => problemText(style, each)).join('\n')] : []),
    stacks.length === 0 ? `None of ${total} stacks fits.` : stackTable(style, stacks),
    ...lockNotes(style, stacks),
  ];
  return blocks.join('\n\n');
}

function problemText(style: Style, { verdict, title, detail, hint }: Finding): string {
  const then = hint === undefined ? '' : `; ${printable(hint)}`;
  return wrap(`${style.mark(verdict)} ${title}: ${printable(detail)}${style.dim(then)}`, style.width, '', '  ');
}

function stackTable(style: Style, stacks: readonly ListedStack[]): string {
  const withCi = stacks.some(({ ci }) => ci !== 'none');
  const withRun = stacks.some(({ lastRun }) => lastRun !== undefined);
  const head = [
    'stack',
    'tier',
    ...(withCi ? ['CI'] : []),
    'needed by',
    ...(withRun ? ['last run (UTC)'] : []),
    'lock',
  ];
  const rows = stacks.map(
    ({ stack, ci, dependants, lastRun, lock }): Row => [
      printable(stack.name),
      String(stack.tier),
      ...(withCi ? [ci === 'none' ? '-' : ci] : []),
      needed(dependants),
      ...(withRun ? [runText(lastRun)] : []),
      stack.scaffold === true ? style.dim('scaffold') : lockText(style, lock),
    ],
  );
  return table(rows, { width: style.width, head: head.map((title) => style.dim(title)) });
}

function needed({ direct, all }: ListedStack['dependants']): string {
  if (all === 0) return '-';
  return direct === all ? String(all) : `${direct}, ${all} in all`;
}

function runText(run: LastRun | undefined): string {
  return run === undefined ? '-' : `${run.at.slice(0, 10)} ${run.at.slice(11, 16)} ${run.outcome}`;
}

function lockText(style: Style, lock: LockState): string {
  if (lock.state === 'free') return 'free';
  if (lock.state === 'unknown') return '?';
  const since = lock.since === undefined ? '' : `, since ${printable(lock.since.slice(0, 16).replace('T', ' '))}`;
  return style.yellow(`held by ${printable(lock.by)}${since}`);
}

/** Each reason once, with how many stacks it hides. */
function lockNotes(style: Style, stacks: readonly ListedStack[]): readonly string[] {
  const reasons = new Map<string, number>();
  for (const { lock } of stacks) {
    if (lock.state === 'unknown') reasons.set(lock.reason, (reasons.get(lock.reason) ?? 0) + 1);
  }
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(([reason, count]) =>
    wrap(`? ${count} ${count === 1 ? 'lock' : 'locks'} unknown: ${printable(reason)}`, style.width, '', '  '),
  );
  return [lines.join('\n')];
}
