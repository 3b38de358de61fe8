/**
 * A word that somebody typed or stored, as it is put into a message: quoted, cut, and with everything visible that
 * could move a terminal's cursor or turn the direction of writing.
 */
export function quoted(word: string): string {
  return visible(JSON.stringify(shortened(word)));
}

/** The same without quotes, for lines of a difference. */
export function plain(line: string): string {
  return visible(shortened(line, 500));
}

function shortened(word: string, longest = 100): string {
  return word.length > longest ? `${word.slice(0, longest)}…` : word;
}

function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
