import type { Affected, AffectedStack, Reason } from '../stacks/affected/affected.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** Reasons of one stack that are printed; the rest is counted. */
const MOST_REASONS = 4;
/** Files without a stack that are printed; the rest is counted. `--json` lists all. */
const MOST_FILES = 12;

/** What changed touches which stacks, in order, each with its reasons; then what is gone, and what touches none. */
export function affectedText(style: Style, affected: Affected): string {
  const blocks = [heading(style, affected), ...stacksBlocks(style, affected.stacks), ...removedBlock(style, affected)];
  return [...blocks, ...strayBlock(style, affected.unattributed)].join('\n\n');
}

function heading(style: Style, { base, mergeBase, behind, changed, stacks }: Affected): string {
  const count = stacks.length === 0 ? 'no stack' : style.bold(plural(stacks.length, 'stack'));
  const files = changed === 0 ? 'Nothing' : plural(changed, 'file');
  const since = `${mergeBase.slice(0, 7)}, the merge base with ${printable(base.ref)}`;
  const lines = [wrap(`${files} changed since ${since} (${printable(base.because)}): ${count}`, style.width)];
  if (behind > 0) {
    const text = `${printable(base.ref)} has ${plural(behind, 'commit')} that ${behind === 1 ? 'is' : 'are'} not here: what ${behind === 1 ? 'it' : 'they'} changed is not looked at.`;
    lines.push(wrap(text, style.width));
  }
  return lines.join('\n');
}

function stacksBlocks(style: Style, stacks: readonly AffectedStack[]): readonly string[] {
  if (stacks.length === 0) return [];
  // What touches every stack is said once: 155 lines of the same file tell nothing.
  const shared = stacks.length < 2 ? [] : rootPaths(stacks);
  const rest = stacks.map(({ name, reasons }) => ({
    name,
    reasons: reasons.filter((reason) => reason.kind !== 'root' || !shared.includes(reason.path)),
  }));
  const own = rest.filter(({ reasons }) => reasons.length > 0);
  if (shared.length === 0) return [reasonsTable(style, own)];
  const order = rest.map(({ name }) => printable(name)).join(', ');
  return [
    `${wrap(`Every stack is touched by ${shared.map(printable).join(', ')}. In order:`, style.width)}\n${wrap(order, style.width, '  ')}`,
    ...(own.length > 0 ? [`Besides\n${reasonsTable(style, own)}`] : []),
  ];
}

function rootPaths(stacks: readonly AffectedStack[]): readonly string[] {
  const paths = (stacks[0]?.reasons ?? []).filter(({ kind }) => kind === 'root').map(({ path }) => path);
  return paths.filter((path) =>
    stacks.every(({ reasons }) => reasons.some((reason) => reason.kind === 'root' && reason.path === path)),
  );
}

function reasonsTable(style: Style, stacks: readonly AffectedStack[]): string {
  const rows = stacks.flatMap(({ name, reasons }) => {
    const shown = reasons.length > MOST_REASONS + 1 ? reasons.slice(0, MOST_REASONS) : reasons;
    const left = reasons.length - shown.length;
    const lines = [...shown.map((reason) => reasonText(style, reason)), ...(left > 0 ? [`and ${left} more`] : [])];
    return lines.map((line, index) => [index === 0 ? printable(name) : '', line]);
  });
  return table(rows, { width: style.width, indent: '  ' });
}

function reasonText(style: Style, { kind, path, via }: Reason): string {
  const what = printable(path);
  if (kind === 'own') return what;
  if (kind === 'root') return `${what} ${style.dim('(root)')}`;
  const by = printable(via ?? '');
  if (kind === 'input') return `${what} ${style.dim(`(read by ${by})`)}`;
  const chain = by.includes(' → ') ? ` by way of ${by.split(' → ').slice(0, -1).join(' → ')}` : '';
  return `${what} ${style.dim(`(module${chain})`)}`;
}

function removedBlock(style: Style, { removed }: Affected): readonly string[] {
  if (removed.length === 0) return [];
  const names = removed.map(printable).join(', ');
  const them = removed.length === 1 ? 'it' : 'they';
  const text = `${style.mark('WARN')} Removed: ${names}. What ${them} made is still there; nothing here destroys it.`;
  return [wrap(text, style.width)];
}

function strayBlock(style: Style, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const shown = paths.length > MOST_FILES + 1 ? paths.slice(0, MOST_FILES) : paths;
  const left = paths.length - shown.length;
  const more = left > 0 ? [`  and ${left} more: --json lists them`] : [];
  return [
    [
      `Touching no stack: ${plural(paths.length, 'file')}`,
      ...shown.map((path) => `  ${printable(path)}`),
      ...more,
    ].join('\n'),
  ].map((text) => style.dim(text));
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
