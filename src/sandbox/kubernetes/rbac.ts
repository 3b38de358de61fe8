import { type KubeObject, listAt, textAt, textsAt } from './object.ts';
import { type ClusterState, find, objectsOf, type User } from './state.ts';

/** What is asked of the authorizer. `path` for non-resource URLs, else the resource fields. */
export type Attributes = {
  readonly verb: string;
  readonly group: string;
  /** `pods` or `pods/log`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: string;
};

/** A decision and, when allowed by RBAC, its reason in the authorizer's words. */
export type Decision = { readonly allowed: boolean; readonly reason: string };

const RBAC = 'rbac.authorization.k8s.io';

/** Decides as the RBAC authorizer does; members of `system:masters` may do everything. */
export function authorize(state: ClusterState, user: User, asked: Attributes): Decision {
  if (user.groups.includes('system:masters')) return { allowed: true, reason: '' };
  for (const binding of objectsOf(state, { group: RBAC, plural: 'clusterrolebindings' }).values()) {
    const reason = grantedBy(state, user, asked, binding, undefined);
    if (reason !== undefined) return { allowed: true, reason };
  }
  if (asked.namespace === undefined || asked.path !== undefined) return { allowed: false, reason: '' };
  for (const binding of objectsOf(state, { group: RBAC, plural: 'rolebindings' }).values()) {
    if (binding.metadata.namespace !== asked.namespace) continue;
    const reason = grantedBy(state, user, asked, binding, asked.namespace);
    if (reason !== undefined) return { allowed: true, reason };
  }
  return { allowed: false, reason: '' };
}

/** The rules in force for a user in a namespace, for SelfSubjectRulesReview. */
export function rulesFor(state: ClusterState, user: User, namespace: string): readonly unknown[] {
  const rules: unknown[] = user.groups.includes('system:masters')
    ? [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    : [];
  for (const plural of ['clusterrolebindings', 'rolebindings']) {
    for (const binding of objectsOf(state, { group: RBAC, plural }).values()) {
      if (plural === 'rolebindings' && binding.metadata.namespace !== namespace) continue;
      if (subjectOf(binding, user) !== undefined) rules.push(...rulesOf(state, binding));
    }
  }
  return rules;
}

function grantedBy(
  state: ClusterState,
  user: User,
  asked: Attributes,
  binding: KubeObject,
  namespace: string | undefined,
): string | undefined {
  const subject = subjectOf(binding, user);
  if (subject === undefined || !rulesOf(state, binding).some((rule) => grants(rule, asked))) return undefined;
  const role = `${textAt(binding, 'roleRef', 'kind')} "${textAt(binding, 'roleRef', 'name')}"`;
  const where = namespace === undefined ? `"${binding.metadata.name}"` : `"${binding.metadata.name}/${namespace}"`;
  return `RBAC: allowed by ${binding.kind} ${where} of ${role} to ${subject}`;
}

function subjectOf(binding: KubeObject, user: User): string | undefined {
  for (const subject of listAt(binding, 'subjects')) {
    const name = textAt(subject, 'name');
    switch (textAt(subject, 'kind')) {
      case 'User':
        if (user.name === name) return `User "${name}"`;
        break;
      case 'Group':
        if (user.groups.includes(name)) return `Group "${name}"`;
        break;
      case 'ServiceAccount': {
        const namespace = textAt(subject, 'namespace') || (binding.metadata.namespace ?? '');
        if (user.name === `system:serviceaccount:${namespace}:${name}`) return `ServiceAccount "${name}/${namespace}"`;
        break;
      }
    }
  }
  return undefined;
}

function rulesOf(state: ClusterState, binding: KubeObject): readonly unknown[] {
  const name = textAt(binding, 'roleRef', 'name');
  const role =
    textAt(binding, 'roleRef', 'kind') === 'ClusterRole'
      ? find(state, RBAC, 'clusterroles', undefined, name)
      : find(state, RBAC, 'roles', binding.metadata.namespace, name);
  return listAt(role, 'rules');
}

function grants(rule: unknown, asked: Attributes): boolean {
  const has = (field: string, value: string) => textsAt(rule, field).some((each) => each === '*' || each === value);
  if (!has('verbs', asked.verb)) return false;
  if (asked.path !== undefined) {
    const { path } = asked;
    return textsAt(rule, 'nonResourceURLs').some((url) =>
      url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path,
    );
  }
  if (!has('apiGroups', asked.group)) return false;
  const [base = '', sub] = asked.resource.split('/');
  const resources = textsAt(rule, 'resources');
  const covered = resources.some(
    (each) => each === '*' || each === asked.resource || (sub !== undefined && each === `*/${sub}`),
  );
  if (!covered || base === '') return false;
  const names = textsAt(rule, 'resourceNames');
  return names.length === 0 || names.includes(asked.name ?? '');
}
