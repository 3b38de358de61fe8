import { Diagnosed } from '../failure.ts';

/** One entry of k8s_users as a stack sees it; nothing of it is checked but what the stack itself uses. */
export type UserEntry = Readonly<Record<string, unknown>>;

/** An owner with what its resources are made from. */
export type Owner = {
  readonly user: string;
  readonly email: string;
  readonly namespaces: readonly string[];
  readonly entry: UserEntry;
};

/** Decodes the document. Errors: Diagnosed, worded as `jsondecode`'s failures. */
export function decodeUsers(text: unknown): ReadonlyMap<string, UserEntry> {
  if (typeof text !== 'string') {
    throw new Diagnosed('Invalid function argument', 'Invalid value for "str" parameter: argument must not be null.');
  }
  if (text.trim() === '') throw new Diagnosed('Error in function call', 'Call to function "jsondecode" failed: EOF.');
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, UserEntry>));
  } catch (error) {
    throw new Diagnosed(
      'Error in function call',
      `Call to function "jsondecode" failed: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/** Users of one role. A user without `role` fails the stack. Errors: Diagnosed. */
export function usersOf(
  users: ReadonlyMap<string, UserEntry>,
  role: string,
): readonly (readonly [string, UserEntry])[] {
  return [...users].sort(byName).filter(([, entry]) => attribute(entry, 'role') === role);
}

/** Namespace-owners as the untyped stacks take them apart: email and namespaces must be there. Errors: Diagnosed. */
export function ownersOf(users: ReadonlyMap<string, UserEntry>): readonly Owner[] {
  return usersOf(users, 'namespace-owner').map(([user, entry]) => {
    const email = attribute(entry, 'email');
    const namespaces = attribute(entry, 'namespaces');
    if (!Array.isArray(namespaces)) {
      throw new Diagnosed(
        'Iteration over null value',
        "A null value cannot be used as the collection in a 'for' expression.",
      );
    }
    return { user, email: String(email), namespaces: namespaces.map(String), entry };
  });
}

/** Entries converted to the type that rbac declares: email and role required, namespaces and quota optional. Errors: Diagnosed. */
export function typedUsers(users: ReadonlyMap<string, UserEntry>): readonly Owner[] {
  return [...users].sort(byName).map(([user, entry]) => {
    for (const required of ['email', 'role']) {
      if (entry[required] !== undefined && entry[required] !== null) continue;
      throw new Diagnosed(
        'Invalid value for input variable',
        `The given value is not suitable for module.rbac.var.k8s_users declared at modules/rbac/main.tf:4,1-21: element "${user}": attribute "${required}" is required.`,
      );
    }
    const namespaces = entry.namespaces ?? [];
    return {
      user,
      email: String(entry.email),
      namespaces: Array.isArray(namespaces) ? namespaces.map(String) : [],
      entry,
    };
  });
}

/** Fails as a map built by a `for` expression does when a key comes twice. */
export function refuseDuplicates(keys: readonly string[]): void {
  const twice = keys.find((key, position) => keys.indexOf(key) !== position);
  if (twice === undefined) return;
  throw new Diagnosed(
    'Duplicate object key',
    `Two different items produced the key "${twice}" in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.`,
  );
}

/** Proxied names that all users ask for. Errors: Diagnosed for null and for a name that comes twice. */
export function domainsOf(users: ReadonlyMap<string, UserEntry>): readonly string[] {
  const domains = usersOf(users, 'namespace-owner').flatMap(([, entry]) => {
    const value = 'domains' in entry ? entry.domains : [];
    if (!Array.isArray(value)) throw new Diagnosed('Invalid object key', "Can't use a null value as a key.");
    return value.map(String);
  });
  refuseDuplicates(domains);
  return domains;
}

function attribute(entry: UserEntry, name: string): unknown {
  if (name in entry) return entry[name];
  throw new Diagnosed('Unsupported attribute', `This object does not have an attribute named "${name}".`);
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
