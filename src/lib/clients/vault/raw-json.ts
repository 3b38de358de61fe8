/**
 * The text of a member of a JSON document, exactly as it stands there: `memberText('{"a":{"b":[1]}}', ['a', 'b'])` is
 * `[1]`. JSON.parse turns integers beyond 2^53 into other integers; the text keeps them. The document must be valid
 * JSON (parse it first). Undefined when there is no such member; of a repeated name the last one counts, as in JSON.parse.
 */
export function memberText(json: string, path: readonly string[]): string | undefined {
  let [start, end] = [skipBlank(json, 0), json.length];
  for (const name of path) {
    const found = member(json, start, name);
    if (found === undefined) return undefined;
    [start, end] = found;
  }
  return json.slice(start, end).trimEnd();
}

/** Start and end of the value of `name` in the object that begins at `at`. */
function member(json: string, at: number, name: string): [number, number] | undefined {
  if (json[at] !== '{') return undefined;
  let found: [number, number] | undefined;
  let next = skipBlank(json, at + 1);
  while (json[next] === '"') {
    const keyEnd = stringEnd(json, next);
    const key: unknown = JSON.parse(json.slice(next, keyEnd));
    const start = skipBlank(json, skipBlank(json, keyEnd) + 1);
    const end = valueEnd(json, start);
    if (key === name) found = [start, end];
    next = skipBlank(json, end);
    if (json[next] === ',') next = skipBlank(json, next + 1);
  }
  return found;
}

function valueEnd(json: string, start: number): number {
  if (json[start] === '"') return stringEnd(json, start);
  let depth = 0;
  let at = start;
  while (at < json.length) {
    const char = json[at];
    if (char === '"') {
      at = stringEnd(json, at);
      continue;
    }
    if (char === '{' || char === '[') depth += 1;
    if (char === '}' || char === ']') {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    }
    if (char === ',' && depth === 0) return at;
    at += 1;
  }
  return at;
}

/** The place after the closing quote of the string that opens at `start`. */
function stringEnd(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function skipBlank(json: string, start: number): number {
  let at = start;
  while (at < json.length && ' \t\r\n'.includes(json[at] ?? '')) at += 1;
  return at;
}
