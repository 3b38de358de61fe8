import type { StatusName } from '../errors.ts';
import { nearestWord } from '../site/nearest.ts';
import type { Entry, Quota, Role, User } from './entry.ts';
import { ROLES } from './entry.ts';
import type { JsonNode } from './json-reader.ts';
import { readJson } from './json-reader.ts';
import { quoted } from './quoted.ts';
import { ENTRY_KEYS, isRole, QUOTA_KEYS, QUOTA_MISTAKES } from './stored-entry.ts';

/** One thing that is wrong. `message` is a full sentence that says why it matters; `status` is what it amounts to alone. */
export type Violation = {
  readonly code: string;
  readonly message: string;
  readonly status: StatusName;
  /** What to type next, when there is something. */
  readonly hints?: readonly string[];
};

/** What was typed. Everything is optional but the name; `quota` holds `key=value` words. */
export type EntryInput = {
  readonly name: string;
  readonly role?: string | undefined;
  readonly email?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly domains?: readonly string[] | undefined;
  readonly quota?: readonly string[] | undefined;
};

/** What could be understood of an input that has not the right form; the rules judge it as far as it goes. */
export type Draft = Pick<User, 'name'> & { readonly entry: Omit<Entry, 'role' | 'email'> & Partial<Entry> };

/**
 * A user that has the right form, or everything that is wrong with its form; `missing` names what was not given.
 * `draft` is absent when nothing of the input could be read.
 */
export type ParsedUser =
  | { readonly ok: true; readonly user: User }
  | {
      readonly ok: false;
      readonly violations: readonly Violation[];
      readonly missing: readonly string[];
      readonly draft?: Draft;
    };

/** A violation of the form of the input. */
export function violation(code: string, message: string, status: StatusName = 'data'): Violation {
  return { code: `users.${code}`, message, status };
}

/**
 * Builds a user from flags. Role namespace-owner is the default, and its namespace defaults to the name; nothing else
 * is filled in, so that the stored entry holds what somebody decided. All violations are reported at once.
 */
export function userFromFlags(input: EntryInput): ParsedUser {
  const violations: Violation[] = [];
  const role = roleOf(input.role, violations);
  const quota = new Map<string, string>();
  for (const word of input.quota ?? []) {
    const at = word.indexOf('=');
    const [key, value] = at < 1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
    if (value === '')
      violations.push(violation('quota-form', `The quota ${quoted(word)} is not KEY=VALUE, e.g. cpu_requests=4.`));
    else if (quota.has(key)) violations.push(violation('quota-twice', `The quota ${quoted(key)} is given twice.`));
    else quota.set(key, value);
  }
  const { name, namespaces, domains } = input;
  const email = input.email === '' ? undefined : input.email;
  const missing = [...(name === '' ? ['NAME'] : []), ...(email === undefined ? ['--email'] : [])];
  if (missing.length > 0) {
    const hints = [`infra user add ${/^[a-z0-9-]{1,63}$/.test(name) ? name : 'NAME'} --email ADDRESS`];
    violations.push({ ...violation('missing', `${missing.join(' and ')} must be given.`, 'usage'), hints });
  }
  return finish({ name, role, email, namespaces, domains, quota }, violations, missing);
}

/** Builds a user from the JSON text of an entry: the same rules, and every key has to be one that the stacks read. */
export function userFromJson(name: string, text: string): ParsedUser {
  const violations: Violation[] = [];
  const reading = readJson(text);
  if (!reading.ok || reading.root.kind !== 'object') {
    const why = reading.ok
      ? `a JSON ${reading.root.kind}, not an object`
      : `not JSON: line ${reading.problem.line}, column ${reading.problem.column}: ${reading.problem.message}`;
    return {
      ok: false,
      missing: [],
      violations: [violation('input-not-json', `The entry on standard input is ${why}.`)],
    };
  }
  for (const path of reading.duplicates) {
    violations.push(violation('input-duplicate', `The key ${quoted(path)} stands twice in the entry.`));
  }
  const members = new Map(reading.root.members.map((member) => [member.name, member.value]));
  for (const key of members.keys()) {
    if (!ENTRY_KEYS.some((known) => known === key)) violations.push(unknownKey(key));
  }
  const role = roleOf(stringOf('role', members.get('role'), violations), violations);
  const email = stringOf('email', members.get('email'), violations) || undefined;
  const namespaces = stringsOf('namespaces', members.get('namespaces'), violations);
  const domains = stringsOf('domains', members.get('domains'), violations);
  const quota = quotaWords(members.get('quota'), text, violations);
  const isGiven = email !== undefined || !['string', undefined].includes(members.get('email')?.kind);
  const missing = isGiven ? [] : ['email'];
  if (!isGiven) {
    violations.push(violation('missing', 'The entry on standard input has no "email", which must be given.', 'usage'));
  }
  return finish({ name, role, email, namespaces, domains, quota }, violations, missing);
}

/** The entry as it is stored: what was decided, nothing that was left to the stacks' defaults. */
export function entryJson(entry: Entry): string {
  const { role, email, namespaces, domains, quota } = entry;
  return JSON.stringify({
    role,
    email,
    ...(namespaces.length > 0 ? { namespaces } : {}),
    ...(domains.length > 0 ? { domains } : {}),
    ...(Object.keys(quota).length > 0 ? { quota } : {}),
  });
}

/** What was read, before the rules of form are known to be kept. */
type Read = {
  readonly name: string;
  readonly role: Role | undefined;
  readonly email: string | undefined;
  readonly namespaces: readonly string[] | undefined;
  readonly domains: readonly string[] | undefined;
  readonly quota: ReadonlyMap<string, string>;
};

function finish(read: Read, violations: Violation[], missing: readonly string[]): ParsedUser {
  const { name, role, email } = read;
  const quota: { -readonly [Key in keyof Quota]: string } = {};
  for (const [key, value] of read.quota) {
    const known = QUOTA_KEYS.find((each) => each === key);
    if (known === undefined) violations.push(unknownQuota(key));
    else quota[known] = value;
  }
  const namespaces = read.namespaces ?? (role === 'namespace-owner' ? [name] : []);
  const entry = { namespaces, domains: read.domains ?? [], quota };
  if (violations.length === 0 && email !== undefined && role !== undefined) {
    return { ok: true, user: { name, entry: { role, email, ...entry } } };
  }
  const draft = {
    name,
    entry: { ...entry, ...(role === undefined ? {} : { role }), ...(email === undefined ? {} : { email }) },
  };
  return { ok: false, violations, missing, draft };
}

function roleOf(text: string | undefined, violations: Violation[]): Role | undefined {
  if (text === undefined) return 'namespace-owner';
  if (isRole(text)) return text;
  const hint = meantOneOf(text, 'roles', ROLES);
  violations.push(
    violation('role-unknown', `The role ${quoted(text)} would be ignored by every stack without a word: ${hint}`),
  );
  return undefined;
}

function unknownKey(key: string): Violation {
  const hint = meantOneOf(key, 'keys', ENTRY_KEYS);
  return violation('key-unknown', `The key ${quoted(key)} is read by no stack: ${hint}`);
}

/** The end of a sentence about a word that is none of those allowed. */
function meantOneOf(word: string, plural: string, allowed: readonly string[]): string {
  const meant = nearestWord(word, allowed);
  return meant === undefined ? `the ${plural} are ${allowed.join(', ')}.` : `did you mean ${meant}?`;
}

function unknownQuota(key: string): Violation {
  if (Object.hasOwn(QUOTA_MISTAKES, key)) {
    return violation(
      'quota-key',
      `The quota key ${quoted(key)} would be ignored without a word: ${QUOTA_MISTAKES[key]}.`,
    );
  }
  const hint = meantOneOf(key, 'keys', QUOTA_KEYS);
  return violation('quota-key', `The quota key ${quoted(key)} is read by no stack: ${hint}`);
}

function stringOf(key: string, node: JsonNode | undefined, violations: Violation[]): string | undefined {
  if (node === undefined || node.kind === 'string') return node?.value;
  violations.push(violation('input-type', `The key ${key} has to be a string, it is a JSON ${node.kind}.`));
  return undefined;
}

function stringsOf(key: string, node: JsonNode | undefined, violations: Violation[]): readonly string[] | undefined {
  if (node === undefined) return undefined;
  const items =
    node.kind === 'array' ? node.items.map((item) => (item.kind === 'string' ? item.value : undefined)) : [undefined];
  if (items.every((item) => item !== undefined)) return items;
  violations.push(violation('input-type', `The key ${key} has to be a list of strings.`));
  return undefined;
}

function quotaWords(node: JsonNode | undefined, text: string, violations: Violation[]): ReadonlyMap<string, string> {
  if (node === undefined) return new Map();
  if (node.kind !== 'object') {
    violations.push(violation('input-type', `The key quota has to be an object, it is a JSON ${node.kind}.`));
    return new Map();
  }
  const words = new Map<string, string>();
  for (const { name, value } of node.members) {
    if (value.kind === 'string') words.set(name, value.value);
    else if (value.kind === 'number') words.set(name, text.slice(value.start, value.end));
    else violations.push(violation('input-type', `The quota ${quoted(name)} has to be a string or a number.`));
  }
  return words;
}
