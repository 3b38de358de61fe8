import type { Advice } from '../mail/verdict/advice.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

/** What to do next: the sentence wrapped, the command whole, to be copied. */
export function nextLines(style: Style, steps: readonly Advice[]): readonly string[] {
  if (steps.length === 0) return [];
  const lines = steps.flatMap(({ text, command, risk, costs }) => [
    wrap(
      printable(`${text}${costs === undefined ? '' : ` (${costs})`}`),
      style.width,
      `  ${risk === 'read' ? 'look' : 'then'}  `,
      '        ',
    ),
    ...(command === undefined ? [] : [`        ${printable(command)}`]),
  ]);
  return ['', style.bold('Next'), ...lines];
}
