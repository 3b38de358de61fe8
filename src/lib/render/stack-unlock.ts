import type { Verdict } from '../findings/finding.ts';
import type { Holder, Life, LockPlace, LookedAt } from '../stacks/locks/holder.ts';
import type { UnlockOutcome, UnlockResult } from '../stacks/locks/unlock.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

const PLACES: Readonly<Record<LockPlace, string>> = {
  postgres: 'state database',
  file: 'state file',
  vault: 'lock in Vault',
  machine: 'this machine',
};
const MARKS: Readonly<Record<Life, Verdict>> = { alive: 'WARN', dead: 'FAIL', unknown: 'UNKNOWN' };

/** Who holds a stack, place by place: what is printed before anybody is asked. */
export function locksText(
  style: Style,
  stack: string,
  lookedAt: readonly LookedAt[],
  holders: readonly Holder[],
  now: Date,
): string {
  const rows = lookedAt.flatMap((place): readonly (readonly string[])[] => {
    const own = holders.filter((holder) => holder.place === place.place);
    if (own.length > 0) return own.map((holder) => holderRow(style, holder, now));
    if (place.state === 'skipped') return [];
    const isFree = place.state === 'free';
    const more = place.reason === undefined ? '' : ` (${printable(place.reason)})`;
    const detail = isFree ? `free${more}` : `${style.verdict('UNKNOWN')} ${printable(place.reason ?? '')}`;
    return [[style.mark(isFree ? 'PASS' : 'UNKNOWN'), PLACES[place.place], detail]];
  });
  return [style.bold(`Locks of ${stack}`), table(rows, { width: style.width, indent: '  ', gap: 1 })].join('\n');
}

/** The locks and what became of them. */
export function unlockText(style: Style, result: UnlockResult, now: Date): string {
  const { stack, lookedAt, holders, after, released } = result;
  const before = result.outcome === 'released' ? [] : [locksText(style, stack, lookedAt, holders, now), ''];
  const next = after.find((holder) => holder.blocks && !released.includes(holder.id));
  const isTaken = result.outcome === 'released' && next !== undefined;
  const end = isTaken
    ? `Released. ${printable(next.who)} has ${stack} now: it was waiting.`
    : END[result.outcome](result);
  return [...before, ...(end === '' ? [] : [wrap(end, style.width)])].join('\n').trimEnd();
}

const list = (ids: readonly string[]): string => ids.join(', ');

const END: Readonly<Record<UnlockOutcome, (result: UnlockResult) => string>> = {
  free: ({ stack }) => `Nobody holds ${stack}: there is nothing to release.`,
  released: ({ stack, released }) => `Released ${list(released)}; looked again: ${stack} is free.`,
  'would-release': ({ holders }) =>
    `Would release ${list(holders.filter((one) => one.blocks).map(({ id }) => id))}. Nothing was changed.`,
  // The error that follows says it.
  held: () => '',
  unknown: () => '',
};

function holderRow(style: Style, holder: Holder, now: Date): readonly string[] {
  const since = holder.since === undefined ? '' : `, for ${ageText(holder.since, now)}`;
  const seen = holder.lastSeen === undefined ? '' : `, last seen ${ageText(holder.lastSeen, now)} ago`;
  const what = holder.lock === 'creation' ? 'creation lock held by ' : '';
  const life = holder.life === 'unknown' ? `${style.verdict('UNKNOWN')} whether it lives` : holder.life;
  const facts = [
    `${what}${printable(holder.who)}${since}${seen} (${holder.id})`,
    `${life}: ${holder.evidence.map(printable).join(' ')}`,
  ];
  return [style.mark(holder.blocks ? MARKS[holder.life] : 'SKIP'), PLACES[holder.place], facts.join(' · ')];
}

/** Seconds, minutes, hours or days between two moments. */
function ageText(from: string, to: Date): string {
  const seconds = Math.max(0, Math.round((to.getTime() - Date.parse(from)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
