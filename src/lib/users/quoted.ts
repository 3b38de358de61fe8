/**
 * A word that somebody typed or stored, as it is put into a message: quoted, cut, and with everything visible that
 * could move a terminal's cursor or turn the direction of writing.
 */
export function quoted(word: string): string {
  const cut = word.length > 100 ? `${word.slice(0, 100)}…` : word;
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
}
