import type { Signature } from './signature.ts';

/** Shorter texts would stand in half of all lines. */
const SHORTEST = 5;

/** Ends a run of literal characters: what JSON writes in another way, and what a pattern may leave out or repeat. */
const QUOTES = new Set(['"', "'", '\\']);

/**
 * The texts of which at least one stands, in lower case, in the bytes of every line that the signature matches: what a
 * scan looks for before it reads a line at all. Given ones, else the longest literal part of the pattern.
 */
export function anchorsOf({ id, pattern, anchors }: Signature): readonly string[] {
  if (anchors !== undefined) return anchors;
  const longest = literalsOf(pattern.source).reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest.length < SHORTEST) throw new Error(`signature ${id} needs anchors: nothing literal in ${pattern.source}`);
  return [longest.toLowerCase()];
}

/** The literal parts of a pattern, outside of groups, classes and alternatives. */
function literalsOf(source: string): readonly string[] {
  if (/(?<!\\)\|/.test(source.replace(/\((?:[^()\\]|\\.)*\)/g, ''))) return [];
  const runs: string[] = [];
  let run = '';
  const end = (): void => {
    runs.push(run);
    run = '';
  };
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] ?? '';
    if (char === '(' || char === '[') {
      end();
      at = closing(source, at);
    } else if (char === '?' || char === '*' || char === '{') {
      run = run.slice(0, -1);
      end();
      if (char === '{') at = source.indexOf('}', at);
    } else if (char === '\\') {
      at += 1;
      const escaped = source[at] ?? '';
      if (/[a-z0-9]/i.test(escaped) || QUOTES.has(escaped)) end();
      else run += escaped;
    } else if ('.^$+)|'.includes(char) || QUOTES.has(char)) end();
    else run += char;
  }
  end();
  return runs;
}

/** Index of the bracket that closes the one at `at`. */
function closing(source: string, at: number): number {
  let depth = 0;
  let inClass = false;
  for (let index = at; index < source.length; index += 1) {
    const char = source[index];
    if (char === '\\') index += 1;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    if (depth === 0 && !inClass) return index;
  }
  return source.length;
}
