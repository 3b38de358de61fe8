import type { Clients } from '../clients/clients.ts';
import { InfraError, isInfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import type { JsonApi } from './json-api.ts';
import { askApi, asRecord, asRecords, malformed } from './json-api.ts';

/** An account. `groups` are the ids of the groups that it is a direct member of. */
export type AuthentikUser = {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly active: boolean;
  readonly groups: readonly string[];
};

/**
 * A group. `parents` are ids: one at most until 2025.12, any number since. `superuser`: its members administer
 * Authentik itself.
 */
export type AuthentikGroup = {
  readonly id: string;
  readonly name: string;
  readonly parents: readonly string[];
  readonly superuser: boolean;
};

/** Authentik's API as the site configures it, or undefined when address or token is not configured. */
export async function authentikApi(clients: Pick<Clients, 'tokens'>, site: Site): Promise<JsonApi | undefined> {
  const { url, token } = site.authentik;
  if (url.value === undefined || token.value === undefined) return undefined;
  const value = await clients.tokens.resolve(token.value, 'authentik.token');
  return {
    name: 'Authentik',
    code: 'authentik',
    base: `${url.value.replace(/\/+$/, '')}/api/v3`,
    token: { scheme: 'Bearer', value },
    tokenSetting: 'authentik.token',
  };
}

/** The account with this e-mail, capitals ignored; undefined when there is none. Errors: `authentik.*`, `authentik.ambiguous` (65). */
export async function findByEmail(
  clients: Pick<Clients, 'http'>,
  api: JsonApi,
  email: string,
): Promise<AuthentikUser | undefined> {
  const path = `/core/users/?search=${encodeURIComponent(email)}&page_size=100`;
  const wanted = email.toLowerCase();
  const found = (await page(clients, api, path)).map((each) => toUser(api, path, each));
  const matching = found.filter((user) => user.email.toLowerCase() === wanted);
  if (matching.length > 1) {
    const names = matching.map((user) => user.username).join(', ');
    throw new InfraError(
      'authentik.ambiguous',
      'data',
      `Authentik has ${matching.length} accounts with the e-mail ${email}: ${names}.`,
    );
  }
  return matching[0];
}

/** Every group. Errors: `authentik.*`. */
export async function listGroups(clients: Pick<Clients, 'http'>, api: JsonApi): Promise<readonly AuthentikGroup[]> {
  const groups: AuthentikGroup[] = [];
  for (let number = 1; number > 0; ) {
    const path = `/core/groups/?include_users=false&page_size=100&page=${number}`;
    const { body } = await askApi(clients, api, 'GET', path);
    const results = asRecords(asRecord(body)?.results);
    if (results === undefined) throw malformed(api, path, 'a list of results');
    groups.push(...results.map((each) => toGroup(api, path, each)));
    const next = asRecord(asRecord(body)?.pagination)?.next;
    number = typeof next === 'number' && next > number ? next : 0;
  }
  return groups;
}

/** The groups right below the one of this name, in the order of their names. */
export function childrenOf(name: string, groups: readonly AuthentikGroup[]): readonly AuthentikGroup[] {
  const parent = groups.find((group) => group.name === name);
  const below = groups.filter((group) => parent !== undefined && group.parents.includes(parent.id));
  return below.sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** Names of every group that an account belongs to, through parents too. */
export function groupNames(user: AuthentikUser, groups: readonly AuthentikGroup[]): ReadonlySet<string> {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const reached = new Set<string>();
  const waiting = [...user.groups];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    waiting.push(...(byId.get(id)?.parents ?? []));
  }
  return new Set([...reached].flatMap((id) => byId.get(id)?.name ?? []));
}

/**
 * Makes a group without members, rights or parents. A group of that name that somebody made meanwhile is that group.
 * Errors: `authentik.*`.
 */
export async function createGroup(clients: Pick<Clients, 'http'>, api: JsonApi, name: string): Promise<AuthentikGroup> {
  const path = '/core/groups/';
  try {
    const { body } = await askApi(clients, api, 'POST', path, { name });
    return toGroup(api, path, asRecord(body) ?? {});
  } catch (caught) {
    // Names are unique: the answer to a second one is 400, and looking tells whether that was the reason.
    if (!isInfraError(caught) || caught.code !== 'authentik.failed') throw caught;
    const found = (await listGroups(clients, api)).find((group) => group.name === name);
    if (found === undefined) throw caught;
    return found;
  }
}

/**
 * Makes an account a direct member of a group and reads it back. Adding one member at a time cannot lose another's
 * membership, unlike writing the whole list. Errors: `authentik.*`, `authentik.not-added` (5) when it cannot be seen after.
 */
export async function addToGroup(
  clients: Pick<Clients, 'http'>,
  api: JsonApi,
  group: AuthentikGroup,
  user: AuthentikUser,
): Promise<void> {
  const path = `/core/groups/${encodeURIComponent(group.id)}/add_user/`;
  const answer = await askApi(clients, api, 'POST', path, { pk: user.id });
  const after = answer.status === 404 ? undefined : await findByEmail(clients, api, user.email);
  if (after?.groups.includes(group.id) !== true) {
    throw new InfraError(
      'authentik.not-added',
      'incomplete',
      `Authentik does not list ${user.email} in the group ${group.name} after adding it (${answer.status}).`,
    );
  }
}

async function page(
  clients: Pick<Clients, 'http'>,
  api: JsonApi,
  path: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { body } = await askApi(clients, api, 'GET', path);
  const results = asRecords(asRecord(body)?.results);
  if (results === undefined) throw malformed(api, path, 'a list of results');
  return results;
}

function toUser(api: JsonApi, path: string, record: Readonly<Record<string, unknown>>): AuthentikUser {
  const { pk, username, email, is_active: active } = record;
  if (typeof pk !== 'number' || typeof username !== 'string' || typeof email !== 'string') {
    throw malformed(api, path, 'accounts with pk, username and email');
  }
  const groups = Array.isArray(record.groups) ? record.groups.filter((id) => typeof id === 'string') : [];
  return { id: pk, username, email, active: active !== false, groups };
}

function toGroup(api: JsonApi, path: string, record: Readonly<Record<string, unknown>>): AuthentikGroup {
  const { pk, name, parent, parents } = record;
  if (typeof pk !== 'string' || typeof name !== 'string') throw malformed(api, path, 'groups with pk and name');
  const ids = Array.isArray(parents) ? parents : [parent];
  return { id: pk, name, parents: ids.filter((id) => typeof id === 'string'), superuser: record.is_superuser === true };
}
