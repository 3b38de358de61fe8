import { InfraError } from '../../../errors.ts';
import type { Step } from '../../../operation/step.ts';
import type { AuthentikGroup, AuthentikUser } from '../../authentik.ts';
import { addToGroup, authentikApi, findByEmail, groupNames, listGroups } from '../../authentik.ts';
import type { User } from '../../entry.ts';
import type { JsonApi } from '../../json-api.ts';
import { requiredGroups } from '../../objects/access.ts';
import type { AddContext } from '../request.ts';

/** Who is added to which groups. */
type GroupsPayload =
  | { readonly api: JsonApi; readonly account: AuthentikUser; readonly add: readonly AuthentikGroup[] }
  | undefined;

/**
 * The groups of the role in Authentik, one member at a time. A group that does not exist is not made: which
 * applications it opens is decided there. Of the groups that lead to a login any child will do, so that one is chosen by
 * a person and only named here.
 */
export function groupsStep(context: AddContext, user: User): Step<GroupsPayload> {
  const { clients, site } = context;
  return {
    id: 'authentik',
    title: 'Authentik',
    plan: async () => {
      const api = await authentikApi(clients, site);
      if (api === undefined) return { state: 'done', reason: 'not configured', actions: [], payload: undefined };
      const [account, groups] = await Promise.all([
        findByEmail(clients, api, user.entry.email),
        listGroups(clients, api),
      ]);
      if (account === undefined) {
        throw new InfraError(
          'users.authentik-no-account',
          'data',
          `Authentik has no account with the e-mail ${user.entry.email}.`,
          {
            hints: ['Invite the person, then run the same command again.'],
          },
        );
      }
      const { direct } = requiredGroups(user);
      const missing = direct.filter((name) => !groups.some((group) => group.name === name));
      if (missing.length > 0) {
        throw new InfraError('users.authentik-no-group', 'data', `Authentik has no group ${missing.join(', ')}.`, {
          hints: ['Make the group in Authentik, then run the same command again.'],
        });
      }
      const has = groupNames(account, groups);
      const add = groups.filter((group) => direct.includes(group.name) && !account.groups.includes(group.id));
      const login = requiredGroups(user).reached.filter((name) => !has.has(name));
      const note = login.length === 0 ? '' : `; by hand: a child of ${login.join(', ')}`;
      if (add.length === 0)
        return { state: 'done', reason: `in its groups already${note}`, actions: [], payload: undefined };
      const actions = add.map((group) => ({
        kind: 'authentik-group',
        target: group.name,
        summary: `add ${user.entry.email} to ${group.name}`,
        risk: 'write' as const,
      }));
      return { state: 'ready', reason: note, actions, payload: { api, account, add } };
    },
    apply: async ({ payload, reason }) => {
      if (payload === undefined) return 'nothing to do';
      for (const group of payload.add) await addToGroup(clients, payload.api, group, payload.account);
      return `added to ${payload.add.map((group) => group.name).join(', ')}${reason ?? ''}`;
    },
    verify: async () => [],
  };
}
