/**
 * Text shapes that are secrets wherever they appear: Vault tokens, JWTs, age keys, PEM private keys, URL passwords. A group
 * is what only begins like one and stays: it is passed over whole, because to look from each `eyJ` in a long word again
 * would take the square of its length. Each takes time in proportion to the text.
 */
const SHAPES: readonly RegExp[] = [
  /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/g,
  /\b(?:eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*|(eyJ[A-Za-z0-9_-]{8,}))/g,
  /\bAGE-SECRET-KEY-1[A-Z0-9]{20,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/g,
  /(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}/g,
];

/** Removes every known secret value and every secret-shaped text. `known` are the values in play in this run. */
export type Redactor = {
  /** `as` names a secret instead of the usual placeholder, so that equal ones stay recognisably equal. */
  redact(text: string, as?: (secret: string) => string): string;
  learn(value: string): void;
};

const placeholder = (): string => '[secret]';

/** Makes a redactor. Values shorter than 6 characters are not learned: they would mangle ordinary words. */
export function makeRedactor(known: readonly string[] = []): Redactor {
  const values = new Set<string>();
  // The longest first: one may be part of another.
  const state: { sorted: readonly string[] } = { sorted: [] };
  const learn = (value: string): void => {
    if (value.length < 6 || values.has(value)) return;
    values.add(value);
    state.sorted = [...values].sort((a, b) => b.length - a.length);
  };
  for (const value of known) learn(value);
  return {
    learn,
    redact(text, as = placeholder) {
      let out = text;
      for (const value of state.sorted) out = out.replaceAll(value, as);
      for (const shape of SHAPES)
        out = out.replace(shape, (found: string, stays?: unknown) => (typeof stays === 'string' ? stays : as(found)));
      return out;
    },
  };
}
