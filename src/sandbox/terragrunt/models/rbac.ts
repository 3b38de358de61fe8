import type { Attributes, Desired } from '../resource.ts';
import { type Model, wants } from './model.ts';
import type { UserEntry } from './users.ts';
import { type Owner, refuseDuplicates, typedUsers } from './users.ts';

const MODULE = 'module.rbac';
const API = 'rbac.authorization.k8s.io';

/** Stack `rbac`: bindings, quota, certificate and dashboard account of every user, and the portal's list of users. */
export const rbacModel: Model = async (evaluation) =>
  wants([...rbacResources(evaluation.users(), evaluation.certificate, true)]);

/** Resources of the rbac module; `platform` holds the same module in the documented shape, without dashboard accounts. */
export function rbacResources(
  users: ReadonlyMap<string, UserEntry>,
  certificate: { readonly certificate: string; readonly key: string },
  dashboard: boolean,
): readonly Desired[] {
  const all = typedUsers(users);
  refuseDuplicates(all.map((each) => each.email));
  const owners = all.filter((each) => each.entry.role === 'namespace-owner');
  const places = owners.flatMap((owner) => owner.namespaces.map((namespace) => ({ owner, namespace })));
  refuseDuplicates(places.map(({ owner, namespace }) => `${owner.user}-${namespace}`));
  return [
    clusterRole(
      'oidc_power_user',
      'oidc-power-user',
      ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
      ['*'],
    ),
    clusterRole('oidc_power_user_readonly', 'oidc-power-user-readonly', ['get', 'list', 'watch'], READABLE),
    clusterRole(
      'oidc_ns_owner_readonly',
      'oidc-ns-owner-readonly',
      ['get', 'list', 'watch'],
      ['pods', 'services', 'configmaps', 'events'],
    ),
    ...(dashboard
      ? [
          clusterRole(
            'dashboard_nav_readonly',
            'dashboard-nav-readonly',
            ['get', 'list', 'watch'],
            ['namespaces', 'nodes'],
          ),
        ]
      : []),
    ...all
      .filter((each) => each.entry.role === 'admin')
      .map((each) => oidc('oidc_admin', `oidc-admin-${each.user}`, 'cluster-admin', each)),
    ...all
      .filter((each) => each.entry.role === 'power-user')
      .map((each) =>
        oidc('oidc_power_user_readonly', `oidc-power-user-readonly-${each.user}`, 'oidc-power-user-readonly', each),
      ),
    ...owners.map((each) =>
      oidc('oidc_ns_owner_readonly', `oidc-ns-owner-readonly-${each.user}`, 'oidc-ns-owner-readonly', each),
    ),
    ...places.flatMap(({ owner, namespace }) => [
      roleBinding('namespace_owner', owner, namespace, `namespace-owner-${owner.user}`, 'admin', user(owner.email)),
      quota(owner, namespace),
      tls(namespace, certificate),
      ...(dashboard ? dashboardAccount(owner, namespace) : []),
    ]),
    portal(all),
  ];
}

const READABLE = [
  'pods',
  'pods/log',
  'services',
  'configmaps',
  'events',
  'namespaces',
  'nodes',
  'persistentvolumeclaims',
  'deployments',
  'statefulsets',
  'daemonsets',
  'replicasets',
  'jobs',
  'cronjobs',
  'ingresses',
];

function clusterRole(name: string, roleName: string, verbs: readonly string[], resources: readonly string[]): Desired {
  const groups = resources.includes('deployments')
    ? ['', 'apps', 'batch', 'networking.k8s.io']
    : resources.includes('*')
      ? ['*']
      : [''];
  return {
    module: MODULE,
    type: 'kubernetes_cluster_role',
    name,
    values: { metadata: [{ name: roleName }], rule: [{ api_groups: groups, resources, verbs }] },
    computed: ['id'],
  };
}

function user(email: string): Attributes {
  return { api_group: API, kind: 'User', name: email };
}

function account(owner: Owner, namespace: string): Attributes {
  return { kind: 'ServiceAccount', name: `dashboard-${owner.user}`, namespace };
}

function oidc(name: string, bindingName: string, role: string, owner: Owner): Desired {
  return clusterBinding(name, owner.user, bindingName, role, user(owner.email));
}

function clusterBinding(name: string, key: string, bindingName: string, role: string, subject: Attributes): Desired {
  return {
    module: MODULE,
    type: 'kubernetes_cluster_role_binding',
    name,
    key,
    values: {
      metadata: [{ name: bindingName }],
      role_ref: [{ api_group: API, kind: 'ClusterRole', name: role }],
      subject: [subject],
    },
    computed: ['id'],
  };
}

function roleBinding(
  name: string,
  owner: Owner,
  namespace: string,
  bindingName: string,
  role: string,
  subject: Attributes,
): Desired {
  return {
    module: MODULE,
    type: 'kubernetes_role_binding',
    name,
    key: `${owner.user}-${namespace}`,
    values: {
      metadata: [{ name: bindingName, namespace }],
      role_ref: [{ api_group: API, kind: 'ClusterRole', name: role }],
      subject: [subject],
    },
    computed: ['id'],
  };
}

/** Only these four keys of `quota` count, numbers become strings, everything else is dropped. */
function quota(owner: Owner, namespace: string): Desired {
  const given = (owner.entry.quota ?? {}) as Readonly<Record<string, unknown>>;
  const value = (key: string, standard: string) => String(given[key] ?? standard);
  const hard = {
    'limits.memory': value('memory_limits', '8Gi'),
    pods: value('pods', '20'),
    'requests.cpu': value('cpu_requests', '2'),
    'requests.memory': value('memory_requests', '4Gi'),
  };
  return {
    module: MODULE,
    type: 'kubernetes_resource_quota',
    name: 'user_quota',
    key: `${owner.user}-${namespace}`,
    values: { metadata: [{ name: 'user-quota', namespace }], spec: [{ hard }] },
    computed: ['id'],
  };
}

function tls(namespace: string, certificate: { readonly certificate: string; readonly key: string }): Desired {
  return {
    module: `${MODULE}.module.user_namespace_tls["${namespace}"]`,
    type: 'kubernetes_secret',
    name: 'tls_secret',
    values: {
      data: { 'tls.crt': certificate.certificate, 'tls.key': certificate.key },
      metadata: [{ name: 'tls-secret', namespace }],
      type: 'kubernetes.io/tls',
    },
    computed: ['id'],
    sensitive: ['data'],
  };
}

function dashboardAccount(owner: Owner, namespace: string): readonly Desired[] {
  const key = `${owner.user}-${namespace}`;
  const name = `dashboard-${owner.user}`;
  return [
    {
      module: MODULE,
      type: 'kubernetes_service_account',
      name: 'dashboard',
      key,
      values: { metadata: [{ name, namespace }] },
      computed: ['id'],
    },
    roleBinding(
      'dashboard_owner',
      owner,
      namespace,
      `dashboard-owner-${owner.user}`,
      'admin',
      account(owner, namespace),
    ),
    clusterBinding(
      'dashboard_readonly',
      key,
      `dashboard-readonly-${owner.user}-${namespace}`,
      'dashboard-nav-readonly',
      account(owner, namespace),
    ),
    {
      module: MODULE,
      type: 'kubernetes_secret',
      name: 'dashboard_token',
      key,
      values: {
        metadata: [{ annotations: { 'kubernetes.io/service-account.name': name }, name: `${name}-token`, namespace }],
        type: 'kubernetes.io/service-account-token',
      },
      computed: ['data', 'id'],
      sensitive: ['data'],
    },
  ];
}

function portal(all: readonly Owner[]): Desired {
  const users = Object.fromEntries(
    all.map((each) => [each.email, { namespaces: each.namespaces, role: each.entry.role, username: each.user }]),
  );
  return {
    module: MODULE,
    type: 'kubernetes_config_map',
    name: 'k8s_user_roles',
    values: {
      data: { 'users.json': JSON.stringify(users) },
      metadata: [{ name: 'k8s-user-roles', namespace: 'k8s-portal' }],
    },
    computed: ['id'],
  };
}
