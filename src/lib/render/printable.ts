/**
 * Text from somewhere else, made safe for a terminal: whatever could move the cursor, hide text or turn the direction
 * of writing becomes visible, and line ends do not break a table.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

/** The same value with every text in it made safe. */
export function printableParts<T>(value: T): T {
  if (typeof value === 'string') return printable(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => printableParts(item)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, printableParts<unknown>(item)])) as T;
}
