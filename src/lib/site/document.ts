import type * as z from 'zod';
import { makeRedactor } from '../secrets/redaction.ts';
import { nearestWord } from './nearest.ts';
import type { SiteDocument } from './schema.ts';
import { siteJsonSchema, siteSchema } from './schema.ts';
import { byPosition, type Violation } from './violation.ts';
import { type Position, parseYaml } from './yaml-text.ts';

/** The largest infra.yaml that is read, in bytes. A complete one has about 4 KiB. */
export const MAX_BYTES = 262_144;

/** A read infra.yaml. `document` is undefined when something else than an unknown key is wrong. */
export type ReadDocument = {
  readonly document: SiteDocument | undefined;
  readonly violations: readonly Violation[];
  readonly unknownKeys: readonly Violation[];
  readonly place: (path: readonly PropertyKey[]) => Position;
};

const START: Position = { line: 1, column: 1 };

/** Reads the bytes of infra.yaml: everything that is wrong at once, in the order of the file. An empty file is fine. */
export function readDocument(bytes: Uint8Array): ReadDocument {
  const whole = (code: string, text: string): ReadDocument => ({
    document: undefined,
    violations: [{ code, ...START, text }],
    unknownKeys: [],
    place: () => START,
  });
  if (bytes.length > MAX_BYTES) return whole('config.too-large', `the file is larger than ${MAX_BYTES / 1024} KiB`);
  if (new TextDecoder().decode(bytes.subarray(0, 9)) === '\0GITCRYPT') {
    return whole('config.locked', 'the file is encrypted; type git-crypt unlock');
  }
  const source = decode(bytes);
  if (source === undefined) return whole('config.not-text', 'the file is not UTF-8 text');
  const yaml = parseYaml(source);
  if (yaml.violations.length > 0) {
    return {
      document: undefined,
      violations: [...yaml.violations].sort(byPosition),
      unknownKeys: [],
      place: yaml.place,
    };
  }
  const data = yaml.data ?? {};
  if (typeof data !== 'object' || Array.isArray(data))
    return whole('config.not-a-mapping', 'the file must hold keys and values, such as vault:');
  const issues = siteSchema.safeParse(data).error?.issues ?? [];
  const violations: Violation[] = [];
  const unknownKeys: Violation[] = [];
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) unknownKeys.push(unknownKey(key, issue.path, yaml.place([...issue.path, key])));
    } else violations.push({ code: codeOf(issue), ...yaml.place(issue.path), text: sentence(issue, data) });
  }
  const known = violations.length > 0 ? undefined : siteSchema.parse(without(data, issues));
  return {
    document: known,
    violations: violations.sort(byPosition),
    unknownKeys: unknownKeys.sort(byPosition),
    place: yaml.place,
  };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    const source = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return source.includes('\0') ? undefined : source;
  } catch {
    return undefined;
  }
}

function unknownKey(key: string, path: readonly PropertyKey[], position: Position): Violation {
  const name = makeRedactor().redact(key).slice(0, 80);
  const where = path.length === 0 ? '' : ` in ${path.join('.')}`;
  const meant = nearestWord(key, knownKeys(path));
  const known = meant === undefined ? `known are ${knownKeys(path).join(', ')}` : `did you mean ${meant}?`;
  return { code: 'config.unknown-key', ...position, text: `unknown key ${JSON.stringify(name)}${where}; ${known}` };
}

type JsonSchema = { readonly properties?: Record<string, JsonSchema>; readonly items?: JsonSchema };

/** The keys that the schema knows at a path. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const found = path.reduce<JsonSchema | undefined>(
    (schema, step) => (typeof step === 'number' ? schema?.items : schema?.properties?.[String(step)]),
    siteJsonSchema() as JsonSchema,
  );
  return Object.keys(found?.properties ?? {});
}

function codeOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_union' ? 'config.token-not-a-reference' : 'config.bad-value';
}

/** What is expected, never what is there: it may be a secret in the wrong place. */
function sentence(issue: z.core.$ZodIssue, data: object): string {
  const name = issue.path.join('.');
  if (issue.code === 'invalid_union') {
    return `${name} must be {env: NAME}, {file: PATH} or {vault: "PATH#KEY"}, never the token itself`;
  }
  if (issue.code === 'invalid_type') return `${name} ${expectation(issue.expected, valueAt(data, issue.path))}`;
  if (issue.code === 'invalid_value') return `${name} must be ${issue.values.map(String).join(' or ')}`;
  if (issue.code === 'too_big') return `${name} must be at most ${issue.maximum}`;
  if (issue.code === 'too_small') {
    return issue.origin === 'array'
      ? `${name} must not be an empty list; leave it out instead`
      : `${name} must be at least ${issue.minimum}`;
  }
  return `${name} ${issue.message}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'must be text',
  int: 'must be a whole number',
  number: 'must be a number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must hold keys and values',
};

function expectation(expected: string, actual: unknown): string {
  if (actual === undefined) return 'is missing';
  const words = EXPECTED[expected] ?? `must be ${expected}`;
  if (actual === null) return `is empty; it ${words}, or leave it out`;
  return expected === 'string' && typeof actual !== 'object' ? `${words}; quote it` : words;
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    data,
  );
}

/** A copy of the data without the keys that the schema does not know. */
function without(data: object, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(data);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = valueAt(copy, issue.path);
    for (const key of issue.keys)
      if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, key);
  }
  return copy;
}
