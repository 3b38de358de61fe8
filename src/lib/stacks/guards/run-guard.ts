import { InfraError } from '../../errors.ts';
import type { Change } from '../stack.ts';
import type { Allowed } from './allowed.ts';
import { entryFor, isListed } from './allowed.ts';
import { holdsData } from './destroy-guard.ts';

/** One change that is not carried out unless it is listed by name. `code` is stable. */
export type Guarded = {
  readonly stack: string;
  readonly change: Change;
  readonly code: string;
  readonly because: string;
  readonly holdsData: boolean;
};

/** Rank of what destroys; whatever else is guarded comes behind. */
const DESTROYS = ['delete', 'replace', 'forget'];

/**
 * Every change of one plan that a rule guards, allowed or not: what deletes, replaces or forgets, and updates that have
 * been an incident. `more` are risks that only the cluster can tell, by address.
 */
export function guardedChanges(
  stack: string,
  changes: readonly Change[],
  more: ReadonlyMap<string, readonly { readonly code: string; readonly because: string }[]> = new Map(),
): readonly Guarded[] {
  return changes.flatMap((change) => {
    const data = holdsData(change.type);
    const destroyed = DESTROYS.includes(change.class)
      ? [{ code: `stack.${change.class}`, because: whyDestroyed(change) }]
      : [];
    const risks = [...(change.risks ?? []), ...(more.get(change.address) ?? [])];
    return [...destroyed, ...risks].map(({ code, because }) => ({ stack, change, code, because, holdsData: data }));
  });
}

/** Those that nobody has listed: what destroys by --allow-destroy, the others by --allow-guarded. */
export function notAllowed(guarded: readonly Guarded[], allowed: Allowed): readonly Guarded[] {
  return guarded.filter(
    ({ stack, change, code }) => !isListed(destroys(code) ? allowed.destroy : allowed.guarded, stack, change),
  );
}

/** Entries of the lists that no guarded change of the run needs: most likely a typing error. */
export function unusedEntries(guarded: readonly Guarded[], allowed: Allowed): readonly string[] {
  const uses = (entry: string, isDestroy: boolean): boolean =>
    guarded.some(({ stack, change, code }) => destroys(code) === isDestroy && isListed([entry], stack, change));
  return [
    ...allowed.destroy.filter((entry) => !uses(entry, true)),
    ...allowed.guarded.filter((entry) => !uses(entry, false)),
  ];
}

/**
 * One refusal over the whole run, or undefined: what holds data first, then deletions, replacements, forgotten objects,
 * then guarded updates. The hints are the exact flags. Status refused: nothing was changed.
 */
export function runRefusal(refused: readonly Guarded[]): InfraError | undefined {
  if (refused.length === 0) return undefined;
  const sorted = [...refused].sort(byDanger);
  const stacks = new Set(refused.map(({ stack }) => stack)).size;
  const anyDestroys = refused.some(({ code }) => destroys(code));
  const what = [...new Set(sorted.map(({ code, change }) => (destroys(code) ? change.class : 'guarded')))]
    .map(
      (name) =>
        `${sorted.filter(({ code, change }) => (destroys(code) ? change.class : 'guarded') === name).length} ${name}`,
    )
    .join(', ');
  return new InfraError(
    anyDestroys ? 'stack.destroy-refused' : 'stack.guarded',
    'refused',
    `${refused.length === 1 ? 'One change is' : `${refused.length} changes are`} not carried out unless listed by name (${what}, in ${stacks === 1 ? sorted[0]?.stack : `${stacks} stacks`}).`,
    {
      violations: sorted.map(({ stack, change, code, because, holdsData: data }) => ({
        code,
        message: `${stack}: ${change.class} ${change.address}: ${data ? 'holds data; ' : ''}${because}`,
      })),
      hints: ['If it is meant, the same command with', ...flagsFor(sorted)],
      nothingChanged: true,
    },
  );
}

/** By how much harm a change can do: for refusals and for tables. */
function byDanger(a: Guarded, b: Guarded): number {
  const rank = ({ change, code }: Guarded): number =>
    destroys(code) ? DESTROYS.indexOf(change.class) : DESTROYS.length;
  return (
    Number(destroys(b.code)) - Number(destroys(a.code)) ||
    Number(b.holdsData) - Number(a.holdsData) ||
    rank(a) - rank(b) ||
    (a.stack === b.stack ? (a.change.address < b.change.address ? -1 : 1) : a.stack < b.stack ? -1 : 1)
  );
}

/** True for the code of a change that takes an object away or out of sight. */
function destroys(code: string): boolean {
  return DESTROYS.some((kind) => code === `stack.${kind}`);
}

function flagsFor(refused: readonly Guarded[]): readonly string[] {
  const flags = refused.map(
    ({ stack, change, code }) => `${destroys(code) ? '--allow-destroy' : '--allow-guarded'} ${entryFor(stack, change)}`,
  );
  const once = [...new Set(flags)];
  return once.length > 8 ? [...once.slice(0, 8), `and ${once.length - 8} more of them, one for each line above`] : once;
}

function whyDestroyed(change: Change): string {
  const parts = [
    change.reason?.replaceAll('_', ' '),
    change.replacePaths && change.replacePaths.length > 0 ? `because of ${change.replacePaths.join(', ')}` : undefined,
  ].filter((part) => part !== undefined);
  if (parts.length > 0) return parts.join('; ');
  return change.class === 'forget' ? 'the object stays, and no stack manages it any more' : 'terraform gives no reason';
}
