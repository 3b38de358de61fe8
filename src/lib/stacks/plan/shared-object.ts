import { parse as parseYaml } from 'yaml';
import { canonicalJson, digestOf } from './canonical.ts';
import type { UserMarks } from './user-marks.ts';

/**
 * What differs between the two sides of an update, without any value: how many differences add something about the
 * user, the digests of those that do not (`foreign`), and of those that only follow from others (`derived`:
 * values known after the apply, and checksums).
 */
export type Differences = {
  readonly user: number;
  readonly foreign: readonly string[];
  readonly derived: readonly string[];
};

/** A checksum: hex of MD5, SHA-1 or SHA-256, or base64 of SHA-256. */
const CHECKSUM = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[A-Za-z0-9+/]{43}=)$/;

/** Fields that tell which member of a list is which. */
const IDENTITY = ['name', 'key', 'id', 'email', 'username'] as const;

/**
 * Compares the two sides of an update structurally: objects by key, lists as sets, and texts as what they hold (JSON,
 * YAML as in Helm values, comma lists as in WOODPECKER_ADMIN, else lines). A shared object is touched for a user only
 * if every difference adds something about this user; a removal or a change of something else is foreign.
 */
export function compareShared(before: unknown, after: unknown, unknown: unknown, marks: UserMarks): Differences {
  const walk = new Walk(marks);
  walk.values('', before, after, unknown);
  return { user: walk.user, foreign: walk.foreign, derived: walk.derived };
}

class Walk {
  user = 0;
  readonly foreign: string[] = [];
  readonly derived: string[] = [];
  readonly #marks: UserMarks;

  constructor(marks: UserMarks) {
    this.#marks = marks;
  }

  values(path: string, before: unknown, after: unknown, unknown: unknown): void {
    if (unknown === true) {
      this.derived.push(digestOf([path, 'unknown']));
    } else if (Array.isArray(before) && Array.isArray(after)) {
      this.#lists(path, before, after, unknown);
    } else if (isObject(before) && isObject(after)) {
      this.#objects(path, before, after, isObject(unknown) ? unknown : {});
    } else if (isAbsent(before) && isAbsent(after)) {
      return;
    } else if (isAbsent(before) && !isAbsent(after)) {
      this.#added(path, after);
    } else if (typeof before === 'string' && typeof after === 'string') {
      this.#texts(path, before, after);
    } else if (canonicalJson(before) !== canonicalJson(after)) {
      this.#changed(path, before, after);
    }
  }

  #objects(path: string, before: Fields, after: Fields, unknown: Fields): void {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(unknown)])) {
      const inner = `${path}/${key}`;
      const isNew = !Object.hasOwn(before, key) || isAbsent(before[key]);
      if (isNew && Object.hasOwn(after, key) && !isAbsent(after[key]) && this.#marks.isUser(key)) this.user += 1;
      else this.values(inner, own(before, key), own(after, key), own(unknown, key));
    }
  }

  #lists(path: string, before: readonly unknown[], after: readonly unknown[], unknown: unknown): void {
    if (hasUnknown(unknown)) {
      const marks = Array.isArray(unknown) ? unknown : [];
      for (let at = 0; at < Math.max(before.length, after.length, marks.length); at += 1) {
        this.values(`${path}/${at}`, before[at], after[at], marks[at]);
      }
      return;
    }
    const removed = without(before, after);
    const added = without(after, before);
    const pairs = pairUp(removed, added);
    for (const [index, [from, to]] of pairs.entries()) this.values(`${path}/#${index}`, from, to, undefined);
    const paired = new Set(pairs.flat());
    for (const item of removed) if (!paired.has(item)) this.#foreign(path, 'removed', item);
    for (const item of added) if (!paired.has(item)) this.#added(path, item);
  }

  #texts(path: string, before: string, after: string): void {
    if (before === after) return;
    const from = decode(before);
    const to = decode(after);
    if (from !== undefined && to !== undefined && Array.isArray(from) === Array.isArray(to)) {
      this.values(`${path}()`, from, to, undefined);
    } else if (CHECKSUM.test(before) && CHECKSUM.test(after) && before.length === after.length) {
      this.derived.push(digestOf([path, 'checksum']));
    } else {
      this.#members(path, membersOf(before), membersOf(after));
    }
  }

  #members(path: string, before: readonly string[], after: readonly string[]): void {
    for (const item of without(before, after)) this.#foreign(path, 'removed', item);
    for (const item of without(after, before)) this.#added(path, item);
  }

  #added(path: string, value: unknown): void {
    if (this.#isAboutUser(value)) this.user += 1;
    else this.#foreign(path, 'added', value);
  }

  #isAboutUser(value: unknown): boolean {
    if (typeof value === 'string') return this.#marks.isUser(value) || this.#marks.mentionsUser(value);
    if (Array.isArray(value)) return value.length > 0 && value.every((item) => this.#isAboutUser(item));
    if (!isObject(value)) return false;
    const scalars = Object.values(value).filter((item) => typeof item === 'string');
    const keys = Object.keys(value);
    if (keys.length > 0 && keys.every((key) => this.#marks.isUser(key))) return true;
    return scalars.some((item) => this.#marks.isUser(item));
  }

  #changed(path: string, before: unknown, after: unknown): void {
    this.foreign.push(digestOf([path, 'changed', before, after]));
  }

  #foreign(path: string, kind: 'added' | 'removed', value: unknown): void {
    this.foreign.push(digestOf([path, kind, value]));
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** What a text holds: JSON, or YAML over several lines; undefined when it is neither. */
function decode(text: string): Fields | readonly unknown[] | undefined {
  const start = text.trimStart()[0];
  const mayBeYaml = text.includes('\n') && /^[^\n#]*[:-](\s|$)/m.test(text);
  if (start !== '{' && start !== '[' && !mayBeYaml) return undefined;
  try {
    const value: unknown = start === '{' || start === '[' ? JSON.parse(text) : parseYaml(text, { logLevel: 'silent' });
    return isObject(value) || Array.isArray(value) ? value : undefined;
  } catch {
    // Not a document after all: it is compared line by line.
    return undefined;
  }
}

/** Lines of a text of several lines (those of brackets only do not count), else members of a comma list. */
function membersOf(text: string): readonly string[] {
  const parts = text.includes('\n') ? text.split('\n') : text.split(',');
  return parts.map((part) => part.trim()).filter((part) => part !== '' && !/^[\])}([{;,]+$/.test(part));
}

/** Members of `items` that `others` does not have, counting repetitions. */
function without<T>(items: readonly T[], others: readonly unknown[]): readonly T[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(canonicalJson(other), (left.get(canonicalJson(other)) ?? 0) + 1);
  return items.filter((item) => {
    const count = left.get(canonicalJson(item)) ?? 0;
    left.set(canonicalJson(item), count - 1);
    return count <= 0;
  });
}

/** Pairs what was changed in place: objects with the same identity, and what is left when both sides have as many. */
function pairUp(removed: readonly unknown[], added: readonly unknown[]): readonly (readonly [unknown, unknown])[] {
  const field = IDENTITY.find((name) =>
    [...removed, ...added].every((item) => isObject(item) && typeof own(item, name) === 'string'),
  );
  if (field !== undefined) {
    return removed.flatMap((from) => {
      const to = added.find((item) => isObject(item) && isObject(from) && own(item, field) === own(from, field));
      return to === undefined ? [] : [[from, to] as const];
    });
  }
  return removed.length === added.length ? removed.map((from, index) => [from, added[index]] as const) : [];
}

function hasUnknown(unknown: unknown): boolean {
  if (unknown === true) return true;
  return typeof unknown === 'object' && unknown !== null && Object.values(unknown).some(hasUnknown);
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
