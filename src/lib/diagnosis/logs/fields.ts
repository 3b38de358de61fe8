/** Named fields of a line. `isStructured`: the line is nothing but fields (JSON, also cut; `key=value` from its start). */
export type Fields = { readonly fields: Map<string, string>; readonly isStructured: boolean };

const PAIR = /(?<=^|\s)([A-Za-z_@][\w.@-]*)=("(?:[^"\\]|\\.)*"|[^\s"]+)/g;
const JSON_PAIR = /"([\w.@-]+)"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false)/g;
const MOST = 100;
const LONGEST_VALUE = 16 * 1024;

/** Reads the fields of a line without prefixes. What begins with `{` and does not parse was cut: its whole pairs count. */
export function fieldsOf(text: string): Fields {
  const fields = new Map<string, string>();
  if (text.startsWith('{')) {
    const parsed = parse(text);
    if (parsed !== undefined) flatten(parsed, '', fields);
    else for (const [, key = '', value = ''] of pairs(text, JSON_PAIR)) fields.set(key, unquoted(value));
    return { fields, isStructured: parsed !== undefined || fields.size > 0 };
  }
  if (!text.includes('=')) return { fields, isStructured: false };
  for (const [, key = '', value = ''] of pairs(text, PAIR)) if (!fields.has(key)) fields.set(key, unquoted(value));
  return { fields, isStructured: /^(?:time|ts|level|msg|event|dir)=/.test(text) };
}

function* pairs(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  const fresh = new RegExp(pattern);
  for (let count = 0; count < MOST; count += 1) {
    const match = fresh.exec(text);
    if (match === null) return;
    yield match;
  }
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // A cut line: the reader of a log meets them every day.
    return undefined;
  }
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return withoutColour(String(JSON.parse(value)));
  } catch {
    return value.slice(1, -1);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what removes them.
const COLOUR = /\u001b\[[0-9;]*[A-Za-z]/g;

function withoutColour(text: string): string {
  return text.includes('\u001b[') ? text.replace(COLOUR, '') : text;
}

/** Scalars by their path; of lists the names and the exception values, joined. */
function flatten(value: object, path: string, into: Map<string, string>): void {
  for (const [key, item] of Object.entries(value)) {
    if (into.size >= MOST) return;
    const name = path === '' ? key : `${path}.${key}`;
    if (item === null || item === undefined) continue;
    if (Array.isArray(item)) into.set(name, joined(item));
    else if (typeof item !== 'object') into.set(name, withoutColour(String(item).slice(0, LONGEST_VALUE)));
    else if (path === '') flatten(item, name, into);
  }
}

function joined(items: readonly unknown[]): string {
  return items
    .slice(0, 20)
    .map((item) => {
      if (typeof item !== 'object' || item === null) return String(item);
      const { exc_value: value, name } = item as Readonly<Record<string, unknown>>;
      return String(value ?? name ?? '');
    })
    .join(' ')
    .slice(0, LONGEST_VALUE);
}
