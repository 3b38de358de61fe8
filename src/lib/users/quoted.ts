/**
 * A word that somebody typed or stored, as it is put into a message: quoted, cut, and with everything visible that
 * could move a terminal's cursor or turn the direction of writing.
 */
export function quoted(word: string): string {
  const cut = word.length > 100 ? `${word.slice(0, 100)}…` : word;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
