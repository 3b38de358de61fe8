import type { DiffLine } from '../site/line-diff.ts';
import type { Style } from './style.ts';

/** The lines of a comparison, each with its sign. */
export function diffText(style: Style, diff: readonly DiffLine[]): string {
  const paint = { ' ': style.dim, '-': style.red, '+': style.green } as const;
  return diff.map(({ sign, text }) => paint[sign](`${sign} ${text}`.trimEnd())).join('\n');
}
