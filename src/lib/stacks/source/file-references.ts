import type { Body, Token } from './hcl-text.ts';
import { strings } from './hcl-text.ts';

/** What the bases of a path stand for while a file is evaluated, as absolute folders. */
export type Bases = Readonly<Record<string, string>>;

/** A path that a configuration names. With `open` the text goes on with something computed: a prefix, not a name. */
export type Reference = { readonly base: string; readonly rest: string; readonly open: boolean };

/** Blocks that name other stacks, which are dependencies, not inputs. */
const OTHER_STACKS: ReadonlySet<string> = new Set(['dependency', 'dependencies']);

/** Functions of terragrunt that look upwards for a file of a name. */
const LOOK_UP = 'find_in_parent_folders';

/** `${path.module}/…` and the like; what follows is the path, up to the string's or line's end, or the next `${`. */
const BASED = /\$\{\s*([a-z_]+(?:\.[a-z]+)?(?:\(\s*\))?)\s*\}\/{0,2}([^"\n]*)/g;

/**
 * Every path that strings of a configuration name: what begins with a base (`${path.module}/x`, also in the middle of
 * an argument such as `-var-file=…`), and what is relative (`../x`, or the argument of `file`, `templatefile`, …).
 * Too many are better than too few: a name that leads to no file never matches a change.
 */
export function referencesIn(body: Body, bases: Bases, relativeTo: readonly string[]): readonly Reference[] {
  return valuesOf(body).flatMap((value) => [
    ...strings(value).flatMap((text) => [...based(text, bases), ...relative(text, relativeTo)]),
    ...namedFiles(value).flatMap((text) => relativeTo.map((base) => closed(base, text))),
  ]);
}

/** Names given to `find_in_parent_folders("x")`. */
export function lookedUp(body: Body): readonly string[] {
  return valuesOf(body).flatMap((value) => argumentsOf(value, new Set([LOOK_UP])));
}

function valuesOf(body: Body): readonly (readonly Token[])[] {
  return [
    ...body.attributes.values(),
    ...body.blocks.filter((block) => !OTHER_STACKS.has(block.type)).flatMap((block) => valuesOf(block.body)),
  ];
}

function based(text: string, bases: Bases): readonly Reference[] {
  return [...text.matchAll(BASED)].flatMap(([, name = '', rest = '']) => {
    const base = Object.hasOwn(bases, name) ? bases[name] : undefined;
    return base === undefined ? [] : cut(base, rest);
  });
}

function relative(text: string, relativeTo: readonly string[]): readonly Reference[] {
  return /^\.\.?\//.test(text) ? relativeTo.flatMap((base) => cut(base, text)) : [];
}

/** A path up to what is computed; one with blanks may also end at the first, as the word of a command line. */
function cut(base: string, rest: string): readonly Reference[] {
  const computed = rest.search(/[$%]\{/);
  if (computed >= 0) return [{ base, rest: rest.slice(0, computed), open: true }];
  const word = rest.split(/\s/, 1)[0] ?? '';
  return [closed(base, rest), ...(word === rest || word === '' ? [] : [closed(base, word)])];
}

function closed(base: string, rest: string): Reference {
  return { base, rest, open: false };
}

const FILE_FUNCTIONS: ReadonlySet<string> = new Set([
  'file',
  'templatefile',
  'filebase64',
  'fileset',
  'fileexists',
  'filemd5',
  'filesha1',
  'filesha256',
  'filesha512',
  'filebase64sha256',
  'filebase64sha512',
  'read_terragrunt_config',
  'sops_decrypt_file',
  'read_tfvars_file',
]);

function namedFiles(value: readonly Token[]): readonly string[] {
  return argumentsOf(value, FILE_FUNCTIONS).filter((text) => !/[$%]\{/.test(text));
}

function argumentsOf(value: readonly Token[], functions: ReadonlySet<string>): readonly string[] {
  return value.flatMap((token, index) => {
    const [open, argument] = [value[index + 1], value[index + 2]];
    const isCall = token.kind === 'word' && functions.has(token.text) && open?.text === '(';
    return isCall && argument?.kind === 'string' ? [argument.text] : [];
  });
}
