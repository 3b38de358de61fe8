/** A JSON object of unknown shape. */
export type Json = { readonly [key: string]: unknown };

/** The value as an object; anything else is an empty one. */
export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Whether the value is an object with at least a name in its metadata, as every Kubernetes object is. */
export function hasName(value: unknown): boolean {
  return text(object(object(value).metadata).name) !== undefined;
}

/** The value as a non-empty text; numbers and booleans as they are written. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value as a list; anything else is an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
