import type { Entry, Quota, Role } from './entry.ts';
import { ROLES } from './entry.ts';
import type { JsonNode } from './json-reader.ts';
import { quoted } from './quoted.ts';

/** What an entry lays claim to, read as far as it can be: also a broken entry owns its e-mail and its namespaces. */
export type Claims = {
  readonly role: string | undefined;
  readonly email: string | undefined;
  readonly namespaces: readonly string[];
  readonly domains: readonly string[];
};

/**
 * One user as `k8s_users` holds it. `entry` is missing when the stacks could not read it either; `problems` are full
 * sentences, also about entries that can be read. `rawText` is the source of the entry, unknown keys and all.
 */
export type StoredUser = {
  readonly name: string;
  readonly entry: Entry | undefined;
  readonly claims: Claims;
  readonly problems: readonly string[];
  readonly rawText: string;
};

/** The quota keys that the stacks read. */
export const QUOTA_KEYS = [
  'cpu_requests',
  'memory_requests',
  'memory_limits',
  'pods',
] as const satisfies readonly (keyof Quota)[];

/** The keys of an entry that the stacks read. */
export const ENTRY_KEYS = [
  'role',
  'email',
  'namespaces',
  'domains',
  'quota',
] as const satisfies readonly (keyof Entry)[];

/** Quota keys that documents of the platform show and no stack reads, with what is meant. */
export const QUOTA_MISTAKES: Readonly<Record<string, string>> = {
  cpu: 'the stacks read cpu_requests',
  memory: 'the stacks read memory_requests and memory_limits',
  storage: 'no stack limits storage',
};

/** Reads one member of `k8s_users`. `text` is the whole document, which the node's places refer to. Never throws. */
export function readStoredUser(name: string, node: JsonNode, text: string): StoredUser {
  const rawText = text.slice(node.start, node.end);
  if (node.kind !== 'object') {
    const claims = { role: undefined, email: undefined, namespaces: [], domains: [] };
    return { name, entry: undefined, claims, problems: [`The entry is a JSON ${node.kind}, not an object.`], rawText };
  }
  const problems: string[] = [];
  const members = new Map(node.members.map((member) => [member.name, member.value]));
  if (members.size < node.members.length) problems.push('A key of the entry stands twice; readers take the last one.');
  const role = textOf(members.get('role'));
  const email = textOf(members.get('email'));
  const namespaces = listOf('namespaces', members.get('namespaces'), problems);
  const domains = listOf('domains', members.get('domains'), problems);
  const quota = quotaOf(members.get('quota'), text, problems);
  if (!isRole(role)) {
    problems.push(
      role === undefined
        ? 'It has no role: the vault, woodpecker, cloudflared and k8s-dashboard stacks fail on it.'
        : `Its role is ${quoted(role)}, which the stacks ignore without a word.`,
    );
  }
  if (email === undefined) problems.push('It has no e-mail: the rbac stack fails for every user.');
  if (role === 'namespace-owner' && namespaces?.length === 0) {
    problems.push(
      'It owns no namespace: the vault stack fails on a missing list and on the empty policy of an empty one.',
    );
  }
  const usable =
    isRole(role) && email !== undefined && namespaces !== undefined && domains !== undefined && quota !== undefined;
  return {
    name,
    entry: usable ? { role, email, namespaces, domains, quota } : undefined,
    claims: { role, email, namespaces: namespaces ?? [], domains: domains ?? [] },
    problems,
    rawText,
  };
}

/** True for the roles that the stacks know. */
export function isRole(text: string | undefined): text is Role {
  return ROLES.some((role) => role === text);
}

function textOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === 'string' ? node.value : undefined;
}

function listOf(key: string, node: JsonNode | undefined, problems: string[]): readonly string[] | undefined {
  if (node === undefined) return [];
  const items = node.kind === 'array' ? node.items.map(textOf) : [undefined];
  if (items.every((item) => item !== undefined)) return items;
  problems.push(`Its ${key} are not a list of strings: the stacks that read them fail.`);
  return undefined;
}

/** Numbers are taken as the digits that were written: terraform turns them into strings. */
function quotaOf(node: JsonNode | undefined, text: string, problems: string[]): Quota | undefined {
  if (node === undefined) return {};
  if (node.kind !== 'object') {
    problems.push('Its quota is not an object: the rbac stack fails.');
    return undefined;
  }
  const quota: { -readonly [Key in keyof Quota]: string } = {};
  for (const { name, value } of node.members) {
    const known = QUOTA_KEYS.find((key) => key === name);
    if (known === undefined) {
      const meant = Object.hasOwn(QUOTA_MISTAKES, name) ? `: ${QUOTA_MISTAKES[name]}` : '';
      problems.push(`Its quota key ${quoted(name)} has no effect${meant}.`);
    } else if (value.kind === 'string') quota[known] = value.value;
    else if (value.kind === 'number') quota[known] = text.slice(value.start, value.end);
    else if (value.kind !== 'null') {
      problems.push(`Its quota ${name} is neither a string nor a number: the rbac stack fails.`);
      return undefined;
    }
  }
  return quota;
}

/** A stored user in plain fields, for documents; the source text stays out. */
export function storedFields({ name, entry, claims, problems }: StoredUser): {
  readonly name: string;
  readonly readable: boolean;
  readonly role?: string;
  readonly email?: string;
  readonly namespaces: string[];
  readonly domains: string[];
  readonly quota: Record<string, string>;
  readonly problems: string[];
} {
  return {
    name,
    readable: entry !== undefined,
    ...(claims.role === undefined ? {} : { role: claims.role }),
    ...(claims.email === undefined ? {} : { email: claims.email }),
    namespaces: [...claims.namespaces],
    domains: [...claims.domains],
    quota: { ...entry?.quota },
    problems: [...problems],
  };
}
