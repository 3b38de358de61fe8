/**
 * A small scanner of HCL text: enough to find blocks, attributes and literal strings without evaluating anything.
 * It never throws: text that is not HCL gives fewer tokens, not an error, because terragrunt itself reports those.
 * Lexical rules: the HCL native syntax specification (comments, quoted templates, heredocs).
 */
export type Token =
  | { readonly kind: 'word' | 'mark' | 'newline'; readonly text: string }
  /** A quoted string or heredoc; `text` is what stands between the delimiters, `plain` is false with `${…}` or `%{…}`. */
  | {
      readonly kind: 'string';
      readonly text: string;
      readonly plain: boolean;
      /** True for a string whose closing quote is missing. */
      readonly open?: true;
    };

/** What stands between the braces of a block, or in a whole file. */
export type Body = { readonly attributes: ReadonlyMap<string, readonly Token[]>; readonly blocks: readonly Block[] };

/** One block: `resource "kubernetes_namespace" "x" { … }` has two labels. */
export type Block = { readonly type: string; readonly labels: readonly string[]; readonly body: Body };

const WORD = /[\p{L}\p{N}_][\p{L}\p{N}_-]*/uy;
const HEREDOC = /<<-?([\p{L}\p{N}_][\p{L}\p{N}_-]*)[ \t]*\r?\n/uy;
/** Nesting beyond this is no configuration that terraform would read; the scan stays flat instead of overflowing. */
const DEEPEST = 200;
const COMMENT = /#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;

/** The tokens of an HCL text, without comments and blanks. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    const comment = commentAt(text, at);
    if (char === ' ') {
      at += 1;
    } else if (comment !== undefined) {
      at += comment[0].length;
    } else if (char === '"') {
      const end = endOfString(text, at);
      const closed = end > at + 1 && text[end - 1] === '"';
      const token = stringToken(text.slice(at + 1, closed ? end - 1 : end));
      tokens.push(closed ? token : { ...token, open: true });
      at = end;
    } else if (char === '\n') {
      tokens.push({ kind: 'newline', text: char });
      at += 1;
    } else {
      at = scanRest(text, at, tokens);
    }
  }
  return tokens;
}

/** The same text with every comment blanked out, so that a search finds only what counts. Line breaks stay. */
export function withoutComments(text: string): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const comment = commentAt(text, at);
    const heredoc = comment === undefined ? heredocAt(text, at) : undefined;
    const end = comment
      ? at + comment[0].length
      : (heredoc?.end ?? (text[at] === '"' ? endOfString(text, at) : at + 1));
    out += comment ? comment[0].replace(/[^\n]/g, ' ') : text.slice(at, end);
    at = end;
  }
  return out;
}

/** Blocks and attributes of an HCL text. */
export function parseHcl(text: string): Body {
  return parseBody(tokenize(text), 0, 0).body;
}

/** The value of an attribute that is one plain string, else undefined. */
export function literal(tokens: readonly Token[] | undefined): string | undefined {
  const only = tokens?.length === 1 ? tokens[0] : undefined;
  return only?.kind === 'string' && only.plain ? unquoted(only.text) : undefined;
}

/** Every string in an attribute's value, e.g. the members of a list, templates included. */
export function strings(tokens: readonly Token[] | undefined): readonly string[] {
  return (tokens ?? []).flatMap((token) => (token.kind === 'string' ? [unquoted(token.text)] : []));
}

/** An attribute's value as text without blanks, e.g. `var.name`; undefined when the attribute is absent. */
export function expression(tokens: readonly Token[] | undefined): string | undefined {
  return tokens?.map((token) => (token.kind === 'string' ? JSON.stringify(token.text) : token.text)).join('');
}

function parseBody(
  tokens: readonly Token[],
  from: number,
  depth: number,
): { readonly body: Body; readonly end: number } {
  const attributes = new Map<string, readonly Token[]>();
  const blocks: Block[] = [];
  let at = from;
  while (at < tokens.length) {
    const token = tokens[at];
    if (isMark(token, '}')) return { body: { attributes, blocks }, end: at + 1 };
    const next = tokens[at + 1];
    if (token?.kind === 'word' && isMark(next, '=') && !isMark(tokens[at + 2], '=')) {
      const end = endOfValue(tokens, at + 2);
      attributes.set(
        token.text,
        tokens.slice(at + 2, end).filter((part) => part.kind !== 'newline'),
      );
      at = end;
    } else if (token?.kind === 'word') {
      const opening = endOfLabels(tokens, at + 1);
      if (!isMark(tokens[opening], '{') || depth > DEEPEST) {
        at += 1;
        continue;
      }
      const inner = parseBody(tokens, opening + 1, depth + 1);
      blocks.push({
        type: token.text,
        labels: tokens.slice(at + 1, opening).map((part) => part.text),
        body: inner.body,
      });
      at = inner.end;
    } else if (isMark(token, '{') && depth <= DEEPEST) {
      at = parseBody(tokens, at + 1, depth + 1).end;
    } else {
      at += 1;
    }
  }
  return { body: { attributes, blocks }, end: at };
}

function endOfLabels(tokens: readonly Token[], from: number): number {
  let at = from;
  while (tokens[at]?.kind === 'word' || tokens[at]?.kind === 'string') at += 1;
  return at;
}

/** A value ends at the line's end outside brackets, or at the bracket that closes the body around it. */
function endOfValue(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind === 'newline' && depth === 0) return at;
    if (token?.kind !== 'mark') continue;
    if ('{[('.includes(token.text)) depth += 1;
    else if ('}])'.includes(token.text)) {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return tokens.length;
}

function scanRest(text: string, at: number, tokens: Token[]): number {
  const heredoc = heredocAt(text, at);
  if (heredoc !== undefined) {
    tokens.push(stringToken(heredoc.text), { kind: 'newline', text: '\n' });
    return heredoc.end;
  }
  const word = match(WORD, text, at);
  if (word !== undefined) {
    tokens.push({ kind: 'word', text: word[0] });
    return at + word[0].length;
  }
  const char = text[at] ?? '';
  if (char.trim() !== '') tokens.push({ kind: 'mark', text: char });
  return at + 1;
}

function heredocAt(text: string, at: number): { readonly text: string; readonly end: number } | undefined {
  if (text[at] !== '<' || text[at + 1] !== '<') return undefined;
  const opening = match(HEREDOC, text, at);
  if (opening === undefined) return undefined;
  const start = at + opening[0].length;
  const closing = new RegExp(`^[ \\t]*${opening[1]}[ \\t]*\\r?$`, 'mu');
  const found = closing.exec(text.slice(start));
  if (found === null) return { text: text.slice(start), end: text.length };
  return { text: text.slice(start, start + found.index), end: start + found.index + found[0].length };
}

/** Index after the closing quote. `${` and `%{` open a nested expression, which may hold strings of its own. */
function endOfString(text: string, from: number, depth = 0): number {
  let at = from + 1;
  while (at < text.length) {
    const char = text[at];
    if (char === '\\') at += 2;
    else if (char === '"') return at + 1;
    else if (char === '\n') return at;
    else if ((char === '$' || char === '%') && text[at + 1] === '{' && text[at - 1] !== char)
      at = endOfTemplate(text, at + 2, depth + 1);
    else at += 1;
  }
  return text.length;
}

function endOfTemplate(text: string, from: number, nesting: number): number {
  if (nesting > DEEPEST) return text.length;
  let depth = 1;
  let at = from;
  while (at < text.length && depth > 0) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at, nesting);
      continue;
    }
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    at += 1;
  }
  return at;
}

function stringToken(text: string): Extract<Token, { kind: 'string' }> {
  return { kind: 'string', text, plain: !/(?<![$%])[$%]\{/.test(text) };
}

function unquoted(text: string): string {
  return text.replace(/\\(["\\])/g, '$1').replace(/([$%])\1\{/g, '$1{');
}

/** A look at one character first: most begin no comment, and a pattern costs much more. */
function commentAt(text: string, at: number): RegExpExecArray | undefined {
  return text[at] === '#' || text[at] === '/' ? match(COMMENT, text, at) : undefined;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text;
}
