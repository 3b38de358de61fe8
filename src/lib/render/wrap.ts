import { stripVTControlCharacters } from 'node:util';

/** Columns that a text takes: colour codes take none; the few wide characters we print are counted as one. */
export function columnsOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/**
 * Breaks a text between words so that no line is wider than `width`; `first` and `rest` are put before the first and
 * the following lines. A word that is wider stays whole: commands and paths are there to be copied.
 */
export function wrap(text: string, width: number, first = '', rest = first): string {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const [index, paragraph] of text.split('\n').entries()) {
    if (index > 0) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    for (const word of paragraph.split(' ')) {
      const joined = isEmpty ? `${line}${word}` : `${line} ${word}`;
      if (isEmpty || columnsOf(joined) <= width) line = joined;
      else {
        lines.push(line);
        line = `${rest}${word}`;
      }
      isEmpty = false;
    }
  }
  return [...lines, line].join('\n');
}
