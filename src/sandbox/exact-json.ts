/**
 * JSON whose numbers survive: sops and Vault's store keep a number as the digits that were sent, JavaScript does not.
 * Numbers that a double cannot give back literally are held as raw JSON (`JSON.rawJSON`, Node 22 and later).
 */
type Exact = {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

const exact = JSON as unknown as Exact;

/** Parses text so that `writeGoJson` gives back the same digits. Errors: SyntaxError. */
export function parseExact(text: string): unknown {
  return exact.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source
      ? exact.rawJSON(context.source)
      : value,
  );
}

/** A number that no double can hold; `literal` as it was sent. */
export class OutOfRange extends Error {
  readonly literal: string;

  constructor(literal: string) {
    super(`no double can hold ${literal}`);
    this.literal = literal;
  }
}

/**
 * A value as Go reads it into `any`: every number a double, `12345678901234567890` becomes `12345678901234567000`.
 * Go and JavaScript write the same shortest digits, only the zero keeps its sign in Go. Errors: OutOfRange.
 */
export function asDoubles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asDoubles);
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asDoubles(inner)]));
  }
  if (!exact.isRawJSON(value)) return value;
  const literal = String((value as { rawJSON: string }).rawJSON);
  const number = Number(literal);
  if (!Number.isFinite(number)) throw new OutOfRange(literal);
  return Object.is(number, -0) ? exact.rawJSON('-0') : number;
}

/** Writes as Go's encoder does: map keys in byte order, `<`, `>` and `&` escaped, no spaces. */
export function writeGoJson(value: unknown): string {
  return escapeHtml(JSON.stringify(sortKeys(value)));
}

/** True for an object that is neither an array nor a raw number. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !exact.isRawJSON(value);
}

/** RFC 7386: null removes a key, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch;
  // A map, because the key `__proto__` is a key like any other.
  const merged = new Map(isPlainObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Escapes what Go's encoder escapes inside strings. */
export function escapeHtml(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isPlainObject(value)) return value;
  const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}
