import { type Answer, type Handle, jsonAnswer } from '../http/exchange.ts';
import { stableUuid } from '../vault/state.ts';
import { type AuthentikRecords, recordsAnswer } from './authentik-outposts.ts';

/** A user of Authentik; groups by name. */
export type AuthentikUser = {
  readonly username: string;
  readonly email: string;
  readonly name?: string;
  readonly active?: boolean;
  readonly groups: readonly string[];
};

/** A group of Authentik; members of it are members of its parent. */
export type AuthentikGroup = { readonly name: string; readonly parent?: string; readonly superuser?: boolean };

/** What Authentik holds; groups by name. */
export type AuthentikState = {
  readonly users: Map<number, AuthentikUser>;
  readonly groups: Map<string, AuthentikGroup>;
  readonly records: AuthentikRecords;
};

/** Authentik's API v3 until 2025.10: users, groups with one parent, membership. `token` is the bearer token that it takes. */
export function createAuthentik(state: AuthentikState, token: string): Handle {
  return (ask) => {
    if (ask.headers.authorization !== `Bearer ${token}`) return jsonAnswer(403, '{"detail":"Token invalid/expired"}');
    const body = ask.body === '' ? {} : (JSON.parse(ask.body) as Record<string, unknown>);
    const [, kind, key, action] =
      /^\/api\/v3\/core\/(users|groups)\/(?:([^/]+)\/)?(?:([^/]+)\/)?$/.exec(ask.path) ?? [];
    if (kind === 'users' && key === 'me') return jsonAnswer(200, JSON.stringify(TOKEN_OWNER));
    if (kind === 'users') return usersAnswer(state, key, ask.query, ask.method, body);
    if (kind === 'groups') return groupsAnswer(state, key, action, ask.query, ask.method, body);
    return recordsAnswer(state.records, ask) ?? jsonAnswer(404, '{"detail":"Not found."}');
  };
}

/** The account that the token belongs to. */
const TOKEN_OWNER = {
  user: {
    pk: 1000,
    username: 'terraform',
    name: 'terraform',
    is_active: true,
    is_superuser: true,
    groups: [],
    email: '',
    avatar: '',
    uid: stableUuid('terraform').replaceAll('-', ''),
    settings: {},
    type: 'service_account',
    system_permissions: [],
  },
};

function usersAnswer(
  state: AuthentikState,
  key: string | undefined,
  query: URLSearchParams,
  method: string,
  body: Record<string, unknown>,
): Answer {
  if (key !== undefined) {
    const user = state.users.get(Number(key));
    if (user === undefined) return jsonAnswer(404, '{"detail":"No User matches the given query."}');
    const changed =
      method === 'PATCH'
        ? { ...user, ...(typeof body.is_active === 'boolean' ? { active: body.is_active } : {}) }
        : user;
    state.users.set(Number(key), changed);
    return jsonAnswer(200, JSON.stringify(describeUser(Number(key), changed)));
  }
  const search = (query.get('search') ?? '').toLowerCase();
  const found = [...state.users].filter(([, user]) => {
    const text = `${user.username} ${user.email} ${user.name ?? ''}`.toLowerCase();
    return (
      text.includes(search) &&
      (query.get('email') === null || user.email === query.get('email')) &&
      (query.get('username') === null || user.username === query.get('username')) &&
      (query.get('groups_by_name') === null || user.groups.includes(query.get('groups_by_name') ?? ''))
    );
  });
  return page(
    found.map(([pk, user]) => describeUser(pk, user)),
    query,
  );
}

function groupsAnswer(
  state: AuthentikState,
  key: string | undefined,
  action: string | undefined,
  query: URLSearchParams,
  method: string,
  body: Record<string, unknown>,
): Answer {
  if (key === undefined) {
    if (method === 'POST') return createGroup(state, body);
    const wanted = [...state.groups.values()].filter(
      ({ name }) =>
        (query.get('name') === null || name === query.get('name')) && name.includes(query.get('search') ?? ''),
    );
    return page(
      wanted.map((group) => describeGroup(state, group)),
      query,
    );
  }
  const group = [...state.groups.values()].find((each) => stableUuid(each.name) === key);
  if (group === undefined) return jsonAnswer(404, '{"detail":"No Group matches the given query."}');
  if (action === undefined) return jsonAnswer(200, JSON.stringify(describeGroup(state, group)));
  const pk = Number(body.pk);
  const user = state.users.get(pk);
  if (user === undefined) return jsonAnswer(404, '{"detail":"No User matches the given query."}');
  const others = user.groups.filter((each) => each !== group.name);
  state.users.set(pk, { ...user, groups: action === 'add_user' ? [...others, group.name] : others });
  return { status: 204, body: '' };
}

function createGroup(state: AuthentikState, body: Record<string, unknown>): Answer {
  const { name } = body;
  if (typeof name !== 'string' || name === '') return jsonAnswer(400, '{"name":["This field is required."]}');
  if (state.groups.has(name)) return jsonAnswer(400, '{"name":["This field must be unique."]}');
  state.groups.set(name, { name });
  return jsonAnswer(201, JSON.stringify(describeGroup(state, { name })));
}

function describeUser(pk: number, user: AuthentikUser): Record<string, unknown> {
  return {
    pk,
    username: user.username,
    name: user.name ?? user.username,
    is_active: user.active ?? true,
    last_login: null,
    is_superuser: false,
    groups: user.groups.map(stableUuid),
    groups_obj: user.groups.map((name) => ({
      pk: stableUuid(name),
      num_pk: 1,
      name,
      is_superuser: false,
      parent: null,
      parent_name: null,
      attributes: {},
    })),
    email: user.email,
    avatar: '',
    attributes: {},
    uid: stableUuid(user.username).replaceAll('-', ''),
    path: 'users',
    type: 'internal',
    uuid: stableUuid(user.username),
  };
}

function describeGroup(
  state: AuthentikState,
  { name, parent, superuser = false }: AuthentikGroup,
): Record<string, unknown> {
  const users = [...state.users].filter(([, user]) => user.groups.includes(name)).map(([pk]) => pk);
  return {
    pk: stableUuid(name),
    num_pk: 1,
    name,
    is_superuser: superuser,
    parent: parent === undefined ? null : stableUuid(parent),
    parent_name: parent ?? null,
    users,
    users_obj: [],
    attributes: {},
    roles: [],
  };
}

function page(all: readonly unknown[], query: URLSearchParams): Answer {
  const size = Number(query.get('page_size') ?? 100);
  const number = Number(query.get('page') ?? 1);
  const results = all.slice((number - 1) * size, number * size);
  const pages = Math.max(1, Math.ceil(all.length / size));
  const pagination = {
    next: number < pages ? number + 1 : 0,
    previous: number - 1,
    count: all.length,
    current: number,
    total_pages: pages,
    start_index: 1,
    end_index: results.length,
  };
  return jsonAnswer(200, JSON.stringify({ pagination, results }));
}
