import type { Site } from '../../site/site.ts';
import type { User } from '../entry.ts';
import type { ExpectedObject, ExpectedRule } from '../expected-object.ts';

const STACK = 'vault';

/** Labels that the vault stack puts on a user's namespace. */
const NAMESPACE_LABELS = {
  tier: '4-aux',
  'resource-governance/custom-quota': 'true',
  'managed-by': 'vault-user-onboarding',
} as const;

/** Id of a namespace's finding, which other objects are inside of. */
export function namespaceId(namespace: string): string {
  return `users.namespace/${namespace}`;
}

/** A namespace, its deployer and its encryption key. */
export function namespaceBasicsOf(namespace: string, site: Site): readonly ExpectedObject[] {
  const deployer = `${namespace}-deployer`;
  const key = `sops-state-${namespace}`;
  const engine = site.vault.kubernetesMount.value;
  return [
    {
      id: namespaceId(namespace),
      title: `namespace ${namespace}`,
      stack: STACK,
      command: `kubectl get namespace ${namespace} -o yaml`,
      spec: { kind: 'namespace', name: namespace, labels: NAMESPACE_LABELS },
    },
    {
      id: `users.transit-key/${key}`,
      title: `transit key ${key}`,
      stack: STACK,
      command: `vault read ${site.vault.transitMount.value}/keys/${key}`,
      spec: { kind: 'transit-key', name: key },
    },
    {
      id: `users.role/${namespace}/${deployer}`,
      title: `role ${deployer}`,
      stack: STACK,
      command: `kubectl -n ${namespace} get role ${deployer} -o yaml`,
      inside: namespaceId(namespace),
      spec: {
        kind: 'role',
        name: deployer,
        namespace,
        rules: [
          { groups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'patch', 'update'] },
          { groups: [''], resources: ['pods'], verbs: ['get', 'list'] },
        ],
      },
    },
    {
      id: `users.kubernetes-engine-role/${deployer}`,
      title: `Vault role ${deployer}`,
      stack: STACK,
      command: `vault read ${engine}/roles/${deployer}`,
      spec: { kind: 'kubernetes-engine-role', name: deployer, namespace },
    },
  ];
}

/** Policies, group, entity and aliases of a namespace-owner. */
export function identityOf(user: User, site: Site): readonly ExpectedObject[] {
  const owner = `namespace-owner-${user.name}`;
  const sopsPolicy = `sops-user-${user.name}`;
  const sopsGroup = `sops-${user.name}`;
  const groupId = `users.identity-group/${sopsGroup}`;
  const entityId = `users.entity/${user.name}`;
  const group = `vault read identity/group/name/${sopsGroup}`;
  const entity = `vault read identity/entity/name/${user.name}`;
  return [
    {
      id: `users.vault-policy/${owner}`,
      title: `policy ${owner}`,
      stack: STACK,
      command: `vault policy read ${owner}`,
      spec: { kind: 'vault-policy', name: owner, rules: ownerRules(user, site) },
    },
    {
      id: `users.vault-policy/${sopsPolicy}`,
      title: `policy ${sopsPolicy}`,
      stack: STACK,
      command: `vault policy read ${sopsPolicy}`,
      spec: {
        kind: 'vault-policy',
        name: sopsPolicy,
        rules: user.entry.namespaces.flatMap((namespace) => keyRules(namespace, site)),
      },
    },
    {
      id: groupId,
      title: `group ${sopsGroup}`,
      stack: STACK,
      command: group,
      spec: { kind: 'identity-group', name: sopsGroup, policies: [sopsPolicy] },
    },
    {
      id: `users.group-alias/${sopsGroup}`,
      title: `group alias ${sopsGroup}`,
      stack: STACK,
      command: group,
      inside: groupId,
      spec: { kind: 'group-alias', name: sopsGroup, group: sopsGroup },
    },
    {
      id: entityId,
      title: `entity ${user.name}`,
      stack: STACK,
      command: entity,
      spec: { kind: 'entity', name: user.name, policies: [owner, sopsPolicy] },
    },
    {
      id: `users.entity-alias/${user.entry.email}`,
      title: `alias ${user.entry.email}`,
      stack: STACK,
      command: entity,
      inside: entityId,
      spec: { kind: 'entity-alias', email: user.entry.email, entity: user.name },
    },
  ];
}

/** The user's own secrets, and credentials for its deployers (`read` as written today, `update` as the engine needs). */
function ownerRules(user: User, site: Site): readonly ExpectedRule[] {
  const [mount = ''] = site.vault.users.path.value.split('/');
  const data = { needs: ['create', 'read', 'update', 'delete'], allows: ['list', 'patch'] };
  const metadata = { needs: ['list', 'read', 'delete'], allows: [] };
  return [
    { path: `${mount}/data/${user.name}`, ...data },
    { path: `${mount}/data/${user.name}/*`, ...data },
    { path: `${mount}/metadata/${user.name}`, ...metadata },
    { path: `${mount}/metadata/${user.name}/*`, ...metadata },
    ...user.entry.namespaces.map((namespace) => ({
      path: `${site.vault.kubernetesMount.value}/creds/${namespace}-deployer`,
      needs: ['read'],
      allows: ['update'],
    })),
  ];
}

function keyRules(namespace: string, site: Site): readonly ExpectedRule[] {
  const mount = site.vault.transitMount.value;
  return [
    { path: `${mount}/encrypt/sops-state-${namespace}`, needs: ['update'], allows: ['create'] },
    { path: `${mount}/decrypt/sops-state-${namespace}`, needs: ['update'], allows: ['create'] },
    { path: `${mount}/keys/sops-state-${namespace}`, needs: ['read'], allows: [], optional: true },
  ];
}
