import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { NAMESPACES } from '../../clients/kubernetes/kinds.ts';
import type { ExpectedSubject, SpecOf } from '../expected-object.ts';
import { asRecord, asRecords } from '../json-api.ts';
import type { Outcome } from './outcome.ts';
import { absent, compared, differsAsSet, unreadable } from './outcome.ts';
import type { Platform } from './platform.ts';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;

/** A namespace that is not going away and has the labels that the platform's policies go by. */
export async function verifyNamespace(platform: Platform, spec: SpecOf<'namespace'>): Promise<Outcome> {
  const found = await platform.kubernetes(NAMESPACES, spec.name);
  if (found === undefined) return absent();
  const phase = asRecord(found.status)?.phase;
  const labels = found.metadata.labels ?? {};
  return compared(
    [
      phase === 'Active' ? undefined : `it is ${String(phase)}`,
      ...Object.entries(spec.labels).map(([key, value]) =>
        labels[key] === value
          ? undefined
          : `the label ${key} is ${labels[key] === undefined ? 'missing' : JSON.stringify(labels[key])}, not ${JSON.stringify(value)}`,
      ),
    ],
    'Active',
  );
}

/** A role that grants exactly the expected verbs; how they are spread over rules does not count. */
export async function verifyRole(platform: Platform, spec: SpecOf<'role'>): Promise<Outcome> {
  const found = await platform.kubernetes({ ...RBAC, plural: 'roles' }, spec.name, spec.namespace);
  if (found === undefined) return absent();
  const rules = asRecords(found.rules ?? []);
  if (rules === undefined) return unreadable('its rules are not a list');
  const granted = rules.flatMap((rule) => {
    const names = words(rule.resourceNames);
    return permissions(words(rule.apiGroups), words(rule.resources), words(rule.verbs)).map((each) =>
      names.length === 0 ? each : `${each} only of ${names.join(', ')}`,
    );
  });
  const expected = spec.rules.flatMap((rule) => permissions(rule.groups, rule.resources, rule.verbs));
  return compared([differsAsSet('it', [...new Set(granted)], expected)], `${expected.length} permissions`);
}

function permissions(
  groups: readonly string[],
  resources: readonly string[],
  verbs: readonly string[],
): readonly string[] {
  return groups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`)),
  );
}

/** A binding in a namespace. */
export async function verifyRoleBinding(platform: Platform, spec: SpecOf<'role-binding'>): Promise<Outcome> {
  const found = await platform.kubernetes({ ...RBAC, plural: 'rolebindings' }, spec.name, spec.namespace);
  return found === undefined ? absent() : compareBinding(found, spec.roles, spec.subject);
}

/** A binding for the whole cluster. */
export async function verifyClusterRoleBinding(
  platform: Platform,
  spec: SpecOf<'cluster-role-binding'>,
): Promise<Outcome> {
  const found = await platform.kubernetes({ ...RBAC, plural: 'clusterrolebindings' }, spec.name);
  return found === undefined ? absent() : compareBinding(found, spec.roles, spec.subject);
}

/** Exactly one role and exactly one subject: a second subject would share the user's rights. */
function compareBinding(found: KubernetesObject, roles: readonly string[], subject: ExpectedSubject): Outcome {
  const role = asRecord(found.roleRef);
  const subjects = (asRecords(found.subjects ?? []) ?? []).map(subjectText);
  const ref = `${String(role?.kind)} ${String(role?.name)}`;
  const expected = roles.map((name) => `ClusterRole ${name}`);
  const wanted = subjectText({ ...subject, ...(subject.kind === 'User' ? { apiGroup: RBAC.group } : {}) });
  return compared(
    [
      expected.includes(ref) ? undefined : `it grants ${ref}, not ${expected.join(' or ')}`,
      differsAsSet('it', subjects, [wanted]),
    ],
    `${role?.name} to ${subject.kind === 'User' ? subject.name : `${subject.namespace}/${subject.name}`}`,
  );
}

function subjectText(subject: Readonly<Record<string, unknown>>): string {
  const { kind, name, namespace, apiGroup } = subject;
  const place = kind === 'ServiceAccount' ? `${String(namespace)}/` : '';
  const group = kind === 'ServiceAccount' || apiGroup === RBAC.group ? '' : ` of ${String(apiGroup)}`;
  return `${String(kind)} ${place}${String(name)}${group}`;
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
