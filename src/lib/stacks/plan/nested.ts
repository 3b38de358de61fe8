/** A value as an object; anything else is an empty one. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A block of a resource: terraform keeps it as a list of at most one object, some providers as an object. */
export function blockOf(value: unknown): Readonly<Record<string, unknown>> {
  return fieldsOf(Array.isArray(value) ? value[0] : value);
}

/** Every object of a repeated block. */
export function blocksOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return (Array.isArray(value) ? value : [value])
    .filter((item) => typeof item === 'object' && item !== null)
    .map(fieldsOf);
}

/** A text, or undefined for anything else and for an empty one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
