import type { Alias, Document, Node, Pair, YAMLError } from 'yaml';
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Violation } from './violation.ts';

/** A place in the file, both from 1. */
export type Position = { readonly line: number; readonly column: number };

/** A parsed YAML text: plain data and a way back from a path in it to the place in the text. */
export type YamlText = {
  readonly data: unknown;
  readonly violations: readonly Violation[];
  /** Place of the key that `path` ends with, or of the value where there is no key (a list item, the whole file). */
  readonly place: (path: readonly PropertyKey[]) => Position;
};

/** Aliases that may be resolved: beyond it a few lines could stand for gigabytes. */
const MAX_ALIASES = 50;

/** Our words for the parser's codes: its own texts quote the file, which may hold a secret by mistake. */
const SYNTAX: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  DUPLICATE_KEY: 'this key stands here twice; keep one of them',
  TAB_AS_INDENT: 'a tab; YAML is indented with spaces only',
  BAD_INDENT: 'the indentation does not fit the lines above, or a bracket there is not closed',
  MULTIPLE_DOCS: 'a second document begins here (---); infra.yaml is one document',
  TAG_RESOLVE_FAILED: 'a tag (!…); infra.yaml is plain data without tags',
  BAD_ALIAS: 'an alias (*…) or an anchor (&…) in the wrong place',
  BLOCK_AS_IMPLICIT_KEY: 'a key and a value where only a value fits; text with ": " inside needs quotes',
  MULTILINE_IMPLICIT_KEY: 'a key that goes over several lines, or a ":" that is missing',
  MISSING_CHAR: 'a quote, a bracket or a ":" is missing',
  NON_STRING_KEY: 'keys must be text',
};

/** Parses the text of infra.yaml. Never throws: what is wrong is a violation. */
export function parseYaml(source: string): YamlText {
  const lines = new LineCounter();
  const doc = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const violations: Violation[] = [...doc.errors, ...doc.warnings].map((error) => ({
    code: error.code === 'DUPLICATE_KEY' ? 'config.duplicate-key' : 'config.bad-yaml',
    ...at(error.pos[0]),
    text: SYNTAX[error.code] ?? 'this is not valid YAML',
  }));
  violations.push(...traps(doc, at));
  const place = (path: readonly PropertyKey[]): Position => at(offsetOf(doc, path));
  if (violations.length > 0) return { data: undefined, violations, place };
  return { data: doc.toJS({ maxAliasCount: MAX_ALIASES }), violations, place };
}

/** What YAML allows and people get wrong: tags, ambiguous numbers, keys that are not text, aliases without end. */
function traps(doc: Document, at: (offset: number) => Position): readonly Violation[] {
  const found: Violation[] = [];
  const add = (node: { range?: readonly number[] | null }, code: string, text: string): void => {
    found.push({ code, ...at(node.range?.[0] ?? 0), text });
  };
  let aliases = 0;
  visit(doc, {
    Node(_key, node, path) {
      if (
        isNode(node) &&
        'tag' in node &&
        typeof node.tag === 'string' &&
        !doc.warnings.some(({ pos }) => near(node, pos[0]))
      ) {
        add(node, 'config.bad-yaml', 'a tag (!…); infra.yaml is plain data without tags');
      }
      if (isAlias(node)) {
        aliases += 1;
        if (aliases === MAX_ALIASES + 1)
          add(node, 'config.bad-yaml', `more than ${MAX_ALIASES} aliases (*…); write the values out`);
        const wrong = aliasTrap(doc, node, path);
        if (wrong !== undefined) add(node, 'config.bad-yaml', wrong);
      }
      if (isScalar(node) && typeof node.value === 'number' && /^[-+]?0\d/.test(node.source ?? '')) {
        add(
          node,
          'config.ambiguous-number',
          'a number with a leading zero is octal to some readers and decimal to others; drop the zero, or quote it if it is text',
        );
      }
    },
    Pair(_key, pair) {
      const key: unknown = pair.key;
      if (isScalar(key) && typeof key.value === 'string') return;
      if (isNode(key)) add(key, 'config.bad-key', 'a key that is not text; quote it');
      else found.push({ code: 'config.bad-key', ...at(0), text: 'a key that is not text; quote it' });
    },
  });
  return found;
}

function aliasTrap(doc: Document, alias: Alias, path: readonly unknown[]): string | undefined {
  const target = alias.resolve(doc);
  if (target === undefined) return 'an alias (*…) without an anchor (&…) before it';
  if (path.includes(target)) return 'an alias (*…) inside of what it stands for';
  return containsAlias(target)
    ? 'an alias (*…) of something that holds aliases itself; write the values out'
    : undefined;
}

function near(node: Node, offset: number): boolean {
  const start = node.range?.[0] ?? 0;
  return offset <= start && start - offset < 200;
}

function containsAlias(node: Node): boolean {
  let found = false;
  visit(node, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** Offset of the key that a path ends with; the nearest known place above when the path leads nowhere. */
function offsetOf(doc: Document, path: readonly PropertyKey[]): number {
  let node: unknown = doc.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(doc);
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && item.key.value === step,
      );
      if (pair === undefined) return offset;
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else return offset;
  }
  return offset;
}
