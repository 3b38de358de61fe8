import type { Clients } from '../../../clients/clients.ts';
import { InfraError } from '../../../errors.ts';
import type { Action, Step } from '../../../operation/step.ts';
import type { Site } from '../../../site/site.ts';
import type { AuthentikGroup, AuthentikUser } from '../../authentik.ts';
import {
  addToGroup,
  authentikApi,
  childrenOf,
  createGroup,
  findByEmail,
  groupNames,
  listGroups,
} from '../../authentik.ts';
import type { User } from '../../entry.ts';
import type { JsonApi } from '../../json-api.ts';
import { ownGroup, requiredGroups } from '../../objects/access.ts';

/** What the step asks. */
type GroupsContext = { readonly clients: Pick<Clients, 'http' | 'tokens'>; readonly site: Site };

/** Who is added to which groups; `create` are names of groups that have to be made first. */
type GroupsPayload =
  | {
      readonly api: JsonApi;
      readonly account: AuthentikUser;
      readonly create: readonly string[];
      readonly join: readonly AuthentikGroup[];
    }
  | undefined;

/**
 * The groups of the role in Authentik, one member at a time. The user's own group is made when it is missing: it opens
 * nothing but what is this user's. A missing group of a role is not: which applications it opens is decided there.
 * Of the groups that lead to a login any will do; the account joins one only where there is nothing to choose.
 */
export function groupsStep(context: GroupsContext, user: User): Step<GroupsPayload> {
  const { clients, site } = context;
  const { email } = user.entry;
  return {
    id: 'authentik',
    title: 'Authentik',
    plan: async () => {
      const api = await authentikApi(clients, site);
      if (api === undefined) return { state: 'done', reason: 'not configured', actions: [], payload: undefined };
      const [account, groups] = await Promise.all([findByEmail(clients, api, email), listGroups(clients, api)]);
      if (account === undefined) throw noAccount(email);
      const { direct, reached } = requiredGroups(user);
      const missing = direct.filter((name) => !groups.some((group) => group.name === name));
      const create = missing.filter((name) => name === ownGroup(user));
      if (create.length < missing.length) throw noGroup(missing.filter((name) => !create.includes(name)));
      const logins = loginGroups(account, groups, reached);
      const join = groups.filter(
        (group) => logins.join.includes(group) || (direct.includes(group.name) && !account.groups.includes(group.id)),
      );
      const actions = [...create.map(creation), ...[...join.map(({ name }) => name), ...create].map(membership(email))];
      if (actions.length === 0)
        return { state: 'done', reason: `in its groups already${logins.note}`, actions, payload: undefined };
      return { state: 'ready', reason: logins.note, actions, payload: { api, account, create, join } };
    },
    apply: async ({ payload, reason }) => {
      if (payload === undefined) return 'nothing to do';
      const { api, account, create } = payload;
      const join = [...payload.join];
      for (const name of create) join.push(await createGroup(clients, api, name));
      for (const group of join) await addToGroup(clients, api, group, account);
      const made = create.length === 0 ? '' : `made ${create.join(', ')}, `;
      return `${made}added to ${join.map((group) => group.name).join(', ')}${reason ?? ''}`;
    },
    verify: async () => [],
  };
}

/**
 * For each group that has to be reached and is not: its only child, unless that one administers something, or a note for
 * a person. What else a child opens cannot be seen here.
 */
function loginGroups(
  account: AuthentikUser,
  groups: readonly AuthentikGroup[],
  reached: readonly string[],
): { readonly join: readonly AuthentikGroup[]; readonly note: string } {
  const has = groupNames(account, groups);
  const join: AuthentikGroup[] = [];
  const open: string[] = [];
  for (const name of reached.filter((each) => !has.has(each))) {
    const [only, ...more] = childrenOf(name, groups);
    if (only !== undefined && more.length === 0 && !only.superuser && !/admin/i.test(only.name)) join.push(only);
    else open.push(name);
  }
  return { join, note: open.length === 0 ? '' : `; by hand: ${open.map((name) => `a child of ${name}`).join(', ')}` };
}

function creation(name: string): Action {
  return { kind: 'authentik-group-create', target: name, summary: `make the group ${name}`, risk: 'write' };
}

function membership(email: string): (name: string) => Action {
  return (name) => ({ kind: 'authentik-group', target: name, summary: `add ${email} to ${name}`, risk: 'write' });
}

function noAccount(email: string): InfraError {
  return new InfraError('users.authentik-no-account', 'data', `Authentik has no account with the e-mail ${email}.`, {
    hints: ['Invite the person, then run the same command again.'],
  });
}

function noGroup(names: readonly string[]): InfraError {
  return new InfraError('users.authentik-no-group', 'data', `Authentik has no group ${names.join(', ')}.`, {
    hints: ['Make the group in Authentik, then run the same command again.'],
  });
}
