import type { Site } from '../../site/site.ts';
import type { User } from '../entry.ts';
import { QUOTA_DEFAULTS } from '../entry.ts';
import type { ExpectedObject, ExpectedSubject } from '../expected-object.ts';
import { namespaceId } from './vault.ts';

/** ClusterRoles that bindings name. Where two stand, the repository has used both names. */
const NAV_READONLY = ['dashboard-nav-readonly', 'oidc-namespace-owner-readonly'];
const OWNER_READONLY = ['oidc-namespace-owner-readonly', 'oidc-ns-owner-readonly'];

/** Id of the binding that gives an owner its namespace. */
export function ownerBindingId(user: User, namespace: string): string {
  return `users.role-binding/${namespace}/namespace-owner-${user.name}`;
}

/** Id of the cluster-wide binding of the user's role. */
export function roleBindingId(user: User): string {
  return `users.cluster-role-binding/${roleBindingName(user)}`;
}

/** Name of the cluster-wide binding of the user's role. */
export function roleBindingName({ name, entry: { role } }: User): string {
  if (role === 'admin') return `oidc-admin-${name}`;
  return role === 'power-user' ? `oidc-power-user-readonly-${name}` : `oidc-ns-owner-readonly-${name}`;
}

/** The one cluster-wide binding that every role has. */
export function bindingsOfRole(user: User, stack: string): readonly ExpectedObject[] {
  const { role, email } = user.entry;
  const roles =
    role === 'admin' ? ['cluster-admin'] : role === 'power-user' ? ['oidc-power-user-readonly'] : OWNER_READONLY;
  return [clusterBinding(roleBindingName(user), roles, { kind: 'User', name: email }, stack)];
}

/** Binding, quota and certificate of one namespace. */
export function namespaceRightsOf(user: User, namespace: string, stack: string, site: Site): readonly ExpectedObject[] {
  const quota = { ...QUOTA_DEFAULTS, ...user.entry.quota };
  const inside = namespaceId(namespace);
  const tls = site.users.tlsSecret.value;
  return [
    binding(`namespace-owner-${user.name}`, namespace, { kind: 'User', name: user.entry.email }, stack),
    {
      id: `users.resource-quota/${namespace}`,
      title: `quota of ${namespace}`,
      stack,
      inside,
      command: `kubectl -n ${namespace} get resourcequota user-quota -o yaml`,
      spec: {
        kind: 'resource-quota',
        name: 'user-quota',
        namespace,
        hard: {
          'requests.cpu': quota.cpu_requests,
          'requests.memory': quota.memory_requests,
          'limits.memory': quota.memory_limits,
          pods: quota.pods,
        },
      },
    },
    {
      id: `users.tls-secret/${namespace}`,
      title: `certificate in ${namespace}`,
      stack,
      inside,
      command: `kubectl -n ${namespace} get secret ${tls} -o jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -subject -dates`,
      spec: { kind: 'tls-secret', name: tls, namespace },
    },
  ];
}

/** Dashboard accounts of every namespace, and the injector, which knows the first namespace only. */
export function dashboardOf(
  user: User,
  namespaces: readonly string[],
  stack: string,
  site: Site,
): readonly ExpectedObject[] {
  const account = `dashboard-${user.name}`;
  const [first] = namespaces;
  if (first === undefined) return [];
  const { namespace, secret } = site.users.dashboard;
  const injector: ExpectedObject = {
    id: `users.dashboard-injector/${user.name}`,
    title: 'dashboard login',
    stack: 'k8s-dashboard',
    restsOn: tokenId(account, first),
    command: `kubectl -n ${namespace.value} get secret ${secret.value} -o json | jq -r '.data[]' | base64 -d | grep -c '"${user.entry.email}"'`,
    spec: {
      kind: 'dashboard-injector',
      name: secret.value,
      namespace: namespace.value,
      email: user.entry.email,
      token: { name: `${account}-token`, namespace: first },
    },
  };
  return [...namespaces.flatMap((each) => dashboardAccount(user, account, each, stack)), injector];
}

function tokenId(account: string, namespace: string): string {
  return `users.token-secret/${namespace}/${account}-token`;
}

function dashboardAccount(user: User, account: string, namespace: string, stack: string): readonly ExpectedObject[] {
  const subject: ExpectedSubject = { kind: 'ServiceAccount', name: account, namespace };
  const accountId = `users.service-account/${namespace}/${account}`;
  return [
    {
      id: accountId,
      title: `account ${account}`,
      stack,
      inside: namespaceId(namespace),
      command: `kubectl -n ${namespace} get serviceaccount ${account} -o yaml`,
      spec: { kind: 'service-account', name: account, namespace },
    },
    binding(`dashboard-owner-${user.name}`, namespace, subject, stack),
    clusterBinding(`dashboard-readonly-${user.name}-${namespace}`, NAV_READONLY, subject, stack),
    {
      id: tokenId(account, namespace),
      title: `token ${account}-token`,
      stack,
      inside: accountId,
      command: `kubectl -n ${namespace} describe secret ${account}-token`,
      spec: { kind: 'token-secret', name: `${account}-token`, namespace, account },
    },
  ];
}

/** The user's entry in the portal's list. */
export function portalOf(user: User, stack: string, site: Site): ExpectedObject {
  const { namespace, configMap } = site.users.portal;
  const { email, role, namespaces } = user.entry;
  return {
    id: `users.config-map-entry/${email}`,
    title: 'portal entry',
    stack,
    command: `kubectl -n ${namespace.value} get configmap ${configMap.value} -o jsonpath='{.data.users\\.json}' | jq '."${email}"'`,
    spec: { kind: 'config-map-entry', name: configMap.value, namespace: namespace.value, email, role, namespaces },
  };
}

/** One DNS record for each domain. A look-up cannot tell it from the wildcard, only the API can. */
export function domainsOf(user: User, stack: string): readonly ExpectedObject[] {
  return user.entry.domains.map((label) => ({
    id: `users.dns-record/${label}`,
    title: `DNS record ${label}`,
    stack,
    command: `curl -sH "Authorization: Bearer $TOKEN" "https://api.cloudflare.com/client/v4/zones/$ZONE_ID/dns_records?name.startswith=${label}."`,
    spec: { kind: 'dns-record', label },
  }));
}

/** The user as a Woodpecker admin. */
export function woodpeckerOf(user: User, site: Site): ExpectedObject {
  const { namespace, statefulSet } = site.users.woodpecker;
  return {
    id: `users.woodpecker-admin/${user.name}`,
    title: 'Woodpecker admin',
    stack: 'woodpecker',
    command: `kubectl -n ${namespace.value} get statefulset ${statefulSet.value} -o yaml | grep -A1 WOODPECKER_ADMIN`,
    spec: { kind: 'woodpecker-admin', name: statefulSet.value, namespace: namespace.value, login: user.name },
  };
}

function binding(name: string, namespace: string, subject: ExpectedSubject, stack: string): ExpectedObject {
  return {
    id: `users.role-binding/${namespace}/${name}`,
    title: `binding ${name}`,
    stack,
    inside: namespaceId(namespace),
    command: `kubectl -n ${namespace} get rolebinding ${name} -o yaml`,
    spec: { kind: 'role-binding', name, namespace, roles: ['admin'], subject },
  };
}

function clusterBinding(
  name: string,
  roles: readonly string[],
  subject: ExpectedSubject,
  stack: string,
): ExpectedObject {
  return {
    id: `users.cluster-role-binding/${name}`,
    title: `binding ${name}`,
    stack,
    command: `kubectl get clusterrolebinding ${name} -o yaml`,
    spec: { kind: 'cluster-role-binding', name, roles, subject },
  };
}
