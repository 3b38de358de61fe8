/**
 * Text from somewhere else, made safe for a terminal: whatever could move the cursor, hide text or turn the direction
 * of writing becomes visible, and line ends do not break a table.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
