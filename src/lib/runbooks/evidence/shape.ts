/** Readers of what came from an API: nothing is assumed, and a wrong type is the same as nothing. */
export type Loose = Readonly<Record<string, unknown>>;

/** The value as an object; anything else is an empty one. */
export function record(value: unknown): Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
}

/** The objects of a list; anything else in it is left out. */
export function records(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null).map(record) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A mapping of text to text. */
export function labels(value: unknown): Readonly<Record<string, string>> {
  const pairs = Object.entries(record(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return Object.fromEntries(pairs);
}

/** `{[key]: value}`, or nothing for undefined: evidence is JSON and has no undefined. */
export function maybe<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
