/**
 * Reads JSON (RFC 8259) and keeps where every value stands in the text, so that a document can be edited without
 * being written anew: integers beyond 2^53, `__proto__` and the writer's own spacing survive byte for byte.
 * Messages name places, never values: the text may hold secrets.
 */

/** A value and its place: `text.slice(start, end)` is exactly its source. */
export type JsonNode =
  | { readonly kind: 'object'; readonly start: number; readonly end: number; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly start: number; readonly end: number; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly start: number; readonly end: number; readonly value: string }
  | { readonly kind: 'number' | 'boolean' | 'null'; readonly start: number; readonly end: number };

/** One `"name": value` of an object; `start` is where the quoted name begins. */
export type JsonMember = { readonly name: string; readonly start: number; readonly value: JsonNode };

/** What is wrong and where; `offset` counts UTF-16 units from 0, line and column count from 1. */
export type JsonProblem = {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly message: string;
};

/** A text that was read, or why it is not JSON. `duplicates` are paths such as `alice.role` of names that stand twice. */
export type JsonReading =
  | { readonly ok: true; readonly root: JsonNode; readonly duplicates: readonly string[] }
  | { readonly ok: false; readonly problem: JsonProblem };

/** Deeper nesting than this is refused: nothing here needs it, and a hostile text must not exhaust the stack. */
export const DEEPEST = 100;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y;
const BLANK = /[ \t\n\r]*/y;

class Malformed extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** Reads a whole text. Never throws. */
export function readJson(text: string): JsonReading {
  const reader = new Reader(text);
  try {
    return { ok: true, root: reader.document(), duplicates: reader.duplicates };
  } catch (caught) {
    if (!(caught instanceof Malformed)) throw caught;
    const isCutOff = caught.offset > 0 && caught.offset >= text.trimEnd().length;
    const before = text.slice(0, caught.offset).split('\n');
    return {
      ok: false,
      problem: {
        offset: caught.offset,
        line: before.length,
        column: (before.at(-1)?.length ?? 0) + 1,
        message: isCutOff ? `the text ends too early: ${caught.message}` : caught.message,
      },
    };
  }
}

class Reader {
  readonly duplicates: string[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    if (this.#text.startsWith('\uFEFF')) throw new Malformed(0, 'it begins with a byte order mark, which JSON forbids');
    this.#blank();
    if (this.#at === this.#text.length) throw new Malformed(this.#at, 'the text is empty');
    const root = this.#value('', 0);
    this.#blank();
    if (this.#at < this.#text.length) throw new Malformed(this.#at, 'there is text after the end of the value');
    return root;
  }

  #value(path: string, depth: number): JsonNode {
    if (depth > DEEPEST) throw new Malformed(this.#at, `nested deeper than ${DEEPEST} levels`);
    const start = this.#at;
    switch (this.#text[start]) {
      case '{':
        return this.#object(path, depth);
      case '[':
        return this.#array(path, depth);
      case '"':
        return { kind: 'string', start, value: this.#string(), end: this.#at };
      case 't':
        return this.#word('true', 'boolean');
      case 'f':
        return this.#word('false', 'boolean');
      case 'n':
        return this.#word('null', 'null');
      default:
        this.#match(NUMBER, 'a value is expected');
        return { kind: 'number', start, end: this.#at };
    }
  }

  #object(path: string, depth: number): JsonNode {
    const start = this.#at;
    const members: JsonMember[] = [];
    const seen = new Set<string>();
    this.#at += 1;
    this.#blank();
    while (this.#text[this.#at] !== '}') {
      if (members.length > 0) this.#expect(',', 'a comma or a closing brace is expected');
      if (this.#text[this.#at] !== '"') throw new Malformed(this.#at, 'a quoted name is expected');
      const nameStart = this.#at;
      const name = this.#string();
      const inner = path === '' ? name : `${path}.${name}`;
      if (seen.has(name)) this.duplicates.push(inner);
      seen.add(name);
      this.#blank();
      this.#expect(':', 'a colon is expected');
      members.push({ name, start: nameStart, value: this.#value(inner, depth + 1) });
      this.#blank();
    }
    this.#at += 1;
    return { kind: 'object', start, end: this.#at, members };
  }

  #array(path: string, depth: number): JsonNode {
    const start = this.#at;
    const items: JsonNode[] = [];
    this.#at += 1;
    this.#blank();
    while (this.#text[this.#at] !== ']') {
      if (items.length > 0) this.#expect(',', 'a comma or a closing bracket is expected');
      items.push(this.#value(`${path}[${items.length}]`, depth + 1));
      this.#blank();
    }
    this.#at += 1;
    return { kind: 'array', start, end: this.#at, items };
  }

  /** A loop, not one pattern: a pattern's back-tracking would not survive a string of many megabytes. */
  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let escaped = false;
    this.#at += 1;
    for (let code = text.charCodeAt(this.#at); code !== 0x22; code = text.charCodeAt(this.#at)) {
      if (code === 0x5c) {
        escaped = true;
        this.#match(ESCAPE, 'this escape does not exist');
      } else if (code >= 0x20) this.#at += 1;
      else if (Number.isNaN(code)) throw new Malformed(start, 'this string is never closed: the text is cut off');
      else throw new Malformed(this.#at, 'a control character stands in a string unescaped');
    }
    this.#at += 1;
    const raw = text.slice(start, this.#at);
    return escaped ? String(JSON.parse(raw)) : raw.slice(1, -1);
  }

  #word(word: string, kind: 'boolean' | 'null'): JsonNode {
    const start = this.#at;
    if (!this.#text.startsWith(word, start)) throw new Malformed(start, 'a value is expected');
    this.#at += word.length;
    return { kind, start, end: this.#at };
  }

  #expect(mark: string, message: string): void {
    if (this.#text[this.#at] !== mark) throw new Malformed(this.#at, message);
    this.#at += 1;
    this.#blank();
  }

  #blank(): void {
    this.#match(BLANK, '');
  }

  #match(pattern: RegExp, message: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw new Malformed(this.#at, message);
    this.#at = pattern.lastIndex;
    return found[0];
  }
}
