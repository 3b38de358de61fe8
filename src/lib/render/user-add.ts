import type { Finding, Verdict } from '../findings/finding.ts';
import { countVerdicts } from '../findings/finding.ts';
import type { StepState } from '../operation/step.ts';
import type { AddOverview } from '../users/add/request.ts';
import type { AddResult } from '../users/add/result.ts';
import type { User } from '../users/entry.ts';
import { QUOTA_DEFAULTS } from '../users/entry.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

/** The verdict whose mark stands before a step. */
const STEP_VERDICT: Readonly<Record<StepState, Verdict>> = {
  done: 'PASS',
  applied: 'PASS',
  planned: 'SKIP',
  deferred: 'SKIP',
  refused: 'FAIL',
  failed: 'FAIL',
  blocked: 'SKIP',
  interrupted: 'WARN',
  'rolled-back': 'WARN',
};

const SAID_BELOW: readonly StepState[] = ['failed', 'refused', 'interrupted'];

/** `11.2 s`, `3 ms`: one digit after the point from a second on. */
function duration(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** First line: who, which role, where, how much. */
export function userLine(user: User): string {
  const { role, namespaces, domains, quota } = user.entry;
  const parts = [user.name, role];
  if (namespaces.length > 0) parts.push(`namespace ${namespaces.join(', ')}`);
  if (role === 'namespace-owner') {
    const effective = { ...QUOTA_DEFAULTS, ...quota };
    parts.push(
      `quota ${effective.cpu_requests} CPU, ${effective.memory_requests} (limit ${effective.memory_limits}), ${effective.pods} pods`,
    );
  }
  if (domains.length > 0) parts.push(`domains ${domains.join(', ')}`);
  // Shown before the rules have judged it: what was typed may be anything.
  return parts.map((part) => printable(part.length > 200 ? `${part.slice(0, 200)}…` : part)).join(' · ');
}

/** One finding; UNKNOWN and FAIL say the word, so that no meaning hangs on a symbol. Wraps below its own detail. */
export function findingLine(style: Style, finding: Finding, titleWidth = 22): string {
  const { verdict, title, detail, reason } = finding;
  const word = verdict === 'PASS' ? '' : `${style.verdict(verdict)} `;
  const told = reason === undefined || verdict === 'PASS' || reason === 'not-configured' ? '' : ` (${reason})`;
  const left = `  ${style.mark(verdict)} ${title.padEnd(titleWidth)} `;
  return wrap(`${word}${detail}${told}`, style.width, left, ' '.repeat(titleWidth + 5)).trimEnd();
}

/** One step on one line of 80 columns, the duration at the right edge. */
export function stepLine(style: Style, title: string, state: StepState, detail: string, durationMs: number): string {
  // What failed is told in full by the error below; here the word is enough.
  const said = SAID_BELOW.includes(state)
    ? state
    : state === 'applied' || state === 'done'
      ? detail
      : `${state}: ${detail}`;
  const left = `${title.padEnd(17)} ${said}`;
  const right = durationMs > 0 ? duration(durationMs) : '';
  const mark = style.mark(STEP_VERDICT[state]);
  return right === ''
    ? `  ${mark} ${left}`
    : `  ${mark} ${left.padEnd(style.width - right.length - 5)} ${style.dim(right)}`;
}

/** What will be done, before the question is asked. */
export function overviewText(style: Style, overview: AddOverview): string {
  const lines: string[] = [''];
  if (overview.alreadyWritten) lines.push(`${overview.path}, ${overview.key}: the entry is there already`);
  else {
    lines.push(`${overview.path}, ${overview.key}: ${overview.usersBefore} → ${overview.usersBefore + 1} users`);
    lines.push(...overview.diff.map((line) => `  ${line}`));
  }
  if (overview.order.length > 0) {
    lines.push('', 'Then, in this order');
    const width = Math.max(...overview.order.map((each) => each.stack.length), 10);
    overview.order.forEach(({ stack, reason, tier }, index) => {
      lines.push(
        `  ${String(index + 1).padStart(1)} ${stack.padEnd(width)}  ${reason}${tier === 0 ? ' · Tier 0' : ''}`,
      );
    });
    for (const { stack, reason } of overview.leftOut) lines.push(`  – ${stack.padEnd(width)}  ${reason}`);
  }
  if (overview.standingDrift.length > 0) {
    lines.push('', 'Not about this user, pending before the edit:');
    for (const { stack, address, class: kind } of overview.standingDrift)
      lines.push(`  ! ${stack}: ${kind} ${address}`);
  }
  for (const note of overview.notes) lines.push(wrap(`Note: ${note}`, style.width, '', '      '));
  return lines.join('\n');
}

/** The answer on stdout: the proof, what is left, where the journal is. */
export function resultText(style: Style, result: AddResult): string {
  if (result.verdict === 'nothing-to-change') {
    const left = listed(style, 'Left to do by hand', result.byHand);
    return [`${result.user.name} is complete: nothing to change.`, ...left].join('\n');
  }
  if (result.error !== undefined && result.findings.length === 0 && result.commandsLeft.length === 0) return '';
  const lines: string[] = [];
  if (result.findings.length > 0) {
    const counts = countVerdicts(result.findings);
    const tally = (Object.keys(counts) as Verdict[])
      .filter((verdict) => counts[verdict] > 0)
      .map((verdict) => `${counts[verdict]} ${verdict}`);
    const title = `What ${result.user.name} has now`;
    lines.push(
      `${style.bold(title)}${' '.repeat(Math.max(2, style.width - title.length - tally.join(' · ').length))}${tally.join(' · ')}`,
    );
    const width = Math.min(40, Math.max(...result.findings.map((finding) => finding.title.length)));
    lines.push(...result.findings.map((finding) => findingLine(style, finding, width)));
  }
  lines.push(
    ...listed(style, 'Commands that are left', result.commandsLeft),
    ...listed(style, 'Left to do by hand', result.byHand),
  );
  lines.push('', closing(result));
  return lines.join('\n').replace(/^\n+/, '');
}

function listed(style: Style, title: string, items: readonly string[]): readonly string[] {
  const lines = items.map((item, index) => wrap(item, style.width, `  ${index + 1} `, '    '));
  return items.length === 0 ? [] : ['', title, ...lines];
}

function closing(result: AddResult): string {
  const took = duration(result.durationMs);
  const show = result.run === undefined ? '' : ` infra run show ${result.run}`;
  switch (result.verdict) {
    case 'added':
    case 'completed':
      return `Done in ${took}.${show}`;
    case 'edited':
      if (result.overview?.alreadyWritten === true) {
        return `The entry is there already (version ${result.version ?? '?'}); the stacks were not looked at.`;
      }
      return `The entry is written (version ${result.version ?? '?'}); no stack was applied.${show}`;
    case 'planned':
      return 'Dry run: nothing was changed.';
    case 'undone':
      return `The edit was taken back; nothing else was changed.${show}`;
    case 'incomplete':
      return `Not complete.${show}`;
    default:
      return `Nothing was changed.${show}`;
  }
}
