import type { Role, User } from '../entry.ts';
import type { ExpectedObject } from '../expected-object.ts';
import { ownerBindingId, roleBindingId } from './cluster.ts';

/** Groups in Authentik that a role needs: as a direct member, and reached through any chain of parents. */
export type RequiredGroups = { readonly direct: readonly string[]; readonly reached: readonly string[] };

const GROUP_OF_ROLE: Readonly<Record<Role, string>> = {
  'namespace-owner': 'kubernetes-namespace-owners',
  'power-user': 'kubernetes-power-users',
  admin: 'kubernetes-admins',
};

/** The group that Vault's login is bound to; owners need it because their secrets are there. */
const LOGIN_GROUP = 'Allow Login Users';

/** The group that is this user's alone: the keys of the user's own stacks. */
export function ownGroup(user: User): string {
  return `sops-${user.name}`;
}

/** The groups that a user needs. */
export function requiredGroups(user: User): RequiredGroups {
  const { role } = user.entry;
  const direct = [GROUP_OF_ROLE[role]];
  return role === 'namespace-owner'
    ? { direct: [...direct, ownGroup(user)], reached: [LOGIN_GROUP] }
    : { direct, reached: [] };
}

/** What the API server has to answer about the e-mail, and what it must not grant. */
export function accessOf(user: User, namespaces: readonly string[]): readonly ExpectedObject[] {
  const { email, role } = user.entry;
  const ask = (
    name: string,
    title: string,
    expected: boolean,
    question: Question,
    restsOn?: string,
  ): ExpectedObject => ({
    id: `users.access/${user.name}/${name}`,
    title,
    stack: undefined,
    command: `kubectl auth can-i ${question.verb} ${question.resource}${question.group === '' ? '' : `.${question.group}`}${question.namespace === undefined ? ' -A' : ` -n ${question.namespace}`} --as=${email}`,
    ...(restsOn === undefined ? {} : { restsOn }),
    spec: { kind: 'access', email, expected, ...question },
  });
  const secrets: Question = { verb: 'get', group: '', resource: 'secrets', namespace: 'kube-system' };
  if (role === 'admin') return [ask('everywhere', 'may read all', true, secrets, roleBindingId(user))];
  const denied = ask('kube-system', 'no system secrets', false, secrets);
  if (role === 'power-user') {
    const pods: Question = { verb: 'list', group: '', resource: 'pods', namespace: undefined };
    return [ask('pods', 'may see all pods', true, pods, roleBindingId(user)), denied];
  }
  const inside = namespaces.map((namespace) => {
    const deploy: Question = { verb: 'create', group: 'apps', resource: 'deployments', namespace };
    return ask(`inside/${namespace}`, `may deploy in ${namespace}`, true, deploy, ownerBindingId(user, namespace));
  });
  return [...inside, denied];
}

type Question = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
};

/** The user's groups in Authentik, which no stack manages. */
export function authentikOf(user: User): ExpectedObject {
  const { direct, reached } = requiredGroups(user);
  return {
    id: `users.authentik-groups/${user.name}`,
    title: 'Authentik groups',
    stack: undefined,
    command: `curl -sH "Authorization: Bearer $TOKEN" "$AUTHENTIK/api/v3/core/users/?search=${encodeURIComponent(user.entry.email)}" | jq '.results[].groups_obj[].name'`,
    spec: { kind: 'authentik-groups', email: user.entry.email, groups: direct, reached },
  };
}
