/** What a policy may grant on a path. */
export type Capability =
  | 'create'
  | 'read'
  | 'update'
  | 'delete'
  | 'list'
  | 'sudo'
  | 'deny'
  | 'patch'
  | 'subscribe'
  | 'recover';

/** One `path` block. */
export type Rule = { readonly path: string; readonly capabilities: readonly Capability[] };

/** A policy: its name, its text as written, and its rules. */
export type Policy = { readonly name: string; readonly text: string; readonly rules: readonly Rule[] };

const KNOWN: readonly string[] = [
  'create',
  'read',
  'update',
  'delete',
  'list',
  'sudo',
  'deny',
  'patch',
  'subscribe',
  'recover',
];

const OLD_STYLE: Readonly<Record<string, readonly Capability[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
};

/** Text that is no policy; its message is what Vault puts into `errors`. */
export class PolicyError extends Error {}

/** Parses a policy in HCL or JSON. Errors: PolicyError with Vault's wording. */
export function parsePolicy(name: string, text: string): Policy {
  const source = text.trim();
  const blocks = source.startsWith('{') ? jsonBlocks(source) : hclBlocks(source);
  const rules = blocks.map((block): Rule => {
    for (const capability of block.capabilities) {
      if (!KNOWN.includes(capability)) {
        throw new PolicyError(`failed to parse policy: path "${block.path}": invalid capability "${capability}"`);
      }
    }
    return { path: block.path.replace(/^\//, ''), capabilities: block.capabilities as Capability[] };
  });
  return { name, text, rules };
}

type Block = { readonly path: string; readonly capabilities: readonly string[] };

function jsonBlocks(source: string): Block[] {
  const parsed = JSON.parse(source) as { path?: Record<string, { capabilities?: string[]; policy?: string }> };
  return Object.entries(parsed.path ?? {}).map(([path, body]) => ({
    path,
    capabilities: body.capabilities ?? OLD_STYLE[body.policy ?? ''] ?? [],
  }));
}

/** Path blocks of HCL; anything else inside a block (parameters, wrapping TTLs) is skipped over. */
function hclBlocks(source: string): Block[] {
  const tokens = tokenize(source);
  const blocks: Block[] = [];
  let at = 0;
  while (at < tokens.length) {
    const keyword = tokens[at];
    if (keyword === 'name' && tokens[at + 1] === '=') {
      at += 3;
      continue;
    }
    const label = tokens[at + 1];
    if ((keyword !== 'path' && keyword !== '"path"') || label === undefined || tokens[at + 2] !== '{') {
      throw new PolicyError(
        `failed to parse policy: 1 error occurred:\n\t* invalid key "${(keyword ?? '').replaceAll('"', '')}" on line 0\n\n`,
      );
    }
    const end = closing(tokens, at + 2);
    if (end === undefined) throw unclosed(source);
    blocks.push({ path: unquote(label), capabilities: capabilitiesIn(tokens.slice(at + 3, end)) });
    at = end + 1;
  }
  return blocks;
}

function capabilitiesIn(tokens: readonly string[]): readonly string[] {
  const old = tokens.findIndex((token, at) => token === 'policy' && tokens[at + 1] === '=');
  if (old >= 0) return OLD_STYLE[unquote(tokens[old + 2] ?? '')] ?? [];
  const start = tokens.indexOf('capabilities');
  if (start < 0) return [];
  const end = tokens.indexOf(']', start);
  return tokens
    .slice(start + 1, end < 0 ? undefined : end)
    .filter((token) => token.startsWith('"'))
    .map(unquote);
}

function closing(tokens: readonly string[], open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at] === '{') depth += 1;
    if (tokens[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

function unclosed(source: string): PolicyError {
  const lines = source.split('\n');
  const place = `${lines.length}:${(lines.at(-1) ?? '').length + 2}`;
  return new PolicyError(`failed to parse policy: At ${place}: object expected closing RBRACE got: EOF`);
}

function unquote(token: string): string {
  return token.startsWith('"') ? (JSON.parse(token) as string) : token;
}

function tokenize(source: string): string[] {
  const withoutBlocks = source.replace(/\/\*[\s\S]*?\*\//g, '');
  const tokens: string[] = [];
  for (const line of withoutBlocks.split('\n')) {
    for (const match of line.matchAll(/"(?:[^"\\]|\\.)*"|#.*|\/\/.*|[A-Za-z0-9_.-]+|[^\s]/g)) {
      if (match[0].startsWith('#') || match[0].startsWith('//')) break;
      tokens.push(match[0]);
    }
  }
  return tokens;
}
