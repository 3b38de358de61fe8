import { tokenize } from './hcl-text.ts';

const OPENING: Readonly<Record<string, string>> = { '}': '{', ']': '[', ')': '(' };

/**
 * What makes a text no HCL, as far as brackets and quotes tell: one that is never closed, or closes nothing. Undefined
 * when there is nothing of the kind; terragrunt may still refuse it.
 */
export function hclProblem(text: string): string | undefined {
  const open: string[] = [];
  for (const token of tokenize(text)) {
    if (token.kind === 'string' && token.open === true) return `the quote before ${short(token.text)} is never closed`;
    if (token.kind !== 'mark') continue;
    if ('{[('.includes(token.text)) open.push(token.text);
    const wanted = OPENING[token.text];
    if (wanted !== undefined && open.pop() !== wanted) return `a ${token.text} closes nothing`;
  }
  const last = open.at(-1);
  return last === undefined ? undefined : `a ${last} is never closed`;
}

function short(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return JSON.stringify(line.length > 30 ? `${line.slice(0, 30)}…` : line);
}
