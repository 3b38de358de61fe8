import { vaultRequest } from '../providers/vault.ts';
import type { Desired } from '../resource.ts';
import { type Model, wants } from './model.ts';
import { type Owner, ownersOf } from './users.ts';

/** Stack `vault`: what a namespace-owner gets there, and the standing policies. */
export const vaultModel: Model = async ({ users, outside }) => {
  const auths = await vaultRequest(outside.vault, 'GET', 'error reading from Vault', 'sys/auth');
  const oidc = auths?.['oidc/'] as { readonly accessor?: string } | undefined;
  const accessor = oidc?.accessor ?? '';
  const owners = ownersOf(users());
  const namespaces = [...new Set(owners.flatMap((owner) => owner.namespaces))];
  return wants([
    policy('ci', undefined, 'ci', CI),
    policy('terraform_state', undefined, 'terraform-state', TERRAFORM_STATE),
    policy('vault_admin', undefined, 'vault-admin', VAULT_ADMIN),
    ...namespaces.map(namespaceOf),
    ...owners.map((owner) =>
      policy('namespace_owner', owner.user, `namespace-owner-${owner.user}`, ownerPolicy(owner)),
    ),
    ...namespaces.map(transitKey),
    ...owners.map((owner) => policy('sops_user', owner.user, `sops-user-${owner.user}`, sopsPolicy(owner))),
    ...owners.map(group),
    ...owners.map((owner) =>
      alias('group', owner.user, `sops-${owner.user}`, accessor, 'vault_identity_group.sops_user'),
    ),
    ...owners.map(entity),
    ...owners.map((owner) =>
      alias('entity', owner.user, owner.email, accessor, 'vault_identity_entity.namespace_owner'),
    ),
    ...namespaces.map(deployer),
    ...namespaces.map(deployerRole),
  ]);
};

function namespaceOf(namespace: string): Desired {
  const labels = {
    'managed-by': 'vault-user-onboarding',
    'resource-governance/custom-quota': 'true',
    tier: '4-aux',
  };
  return {
    type: 'kubernetes_namespace',
    name: 'user_namespace',
    key: namespace,
    values: { metadata: [{ labels, name: namespace }] },
    computed: ['id'],
  };
}

function policy(name: string, key: string | undefined, policyName: string, text: string): Desired {
  const values = { name: policyName, policy: text };
  return { type: 'vault_policy', name, ...(key === undefined ? {} : { key }), values, computed: ['id'] };
}

function transitKey(namespace: string): Desired {
  return {
    type: 'vault_transit_secret_backend_key',
    name: 'sops_user_stack',
    key: namespace,
    values: { backend: 'transit', deletion_allowed: false, name: `sops-state-${namespace}`, type: 'aes256-gcm96' },
    computed: ['id'],
  };
}

function group({ user }: Owner): Desired {
  return {
    type: 'vault_identity_group',
    name: 'sops_user',
    key: user,
    values: { name: `sops-${user}`, policies: [`sops-user-${user}`], type: 'external' },
    computed: ['id'],
  };
}

function entity({ user }: Owner): Desired {
  return {
    type: 'vault_identity_entity',
    name: 'namespace_owner',
    key: user,
    values: { name: user, policies: [`namespace-owner-${user}`, `sops-user-${user}`] },
    computed: ['id'],
  };
}

function alias(of: 'group' | 'entity', user: string, name: string, accessor: string, owner: string): Desired {
  return {
    type: `vault_identity_${of}_alias`,
    name: of === 'group' ? 'sops_user' : 'namespace_owner',
    key: user,
    values: { mount_accessor: accessor, name },
    references: { canonical_id: { address: `${owner}["${user}"]`, attribute: 'id' } },
    computed: ['id'],
  };
}

function deployer(namespace: string): Desired {
  return {
    type: 'kubernetes_role',
    name: 'namespace_deployer',
    key: namespace,
    values: {
      metadata: [{ name: `${namespace}-deployer`, namespace }],
      rule: [
        { api_groups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'patch', 'update'] },
        { api_groups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      ],
    },
    computed: ['id'],
  };
}

function deployerRole(namespace: string): Desired {
  return {
    type: 'vault_kubernetes_secret_backend_role',
    name: 'namespace_deployer',
    key: namespace,
    values: {
      allowed_kubernetes_namespaces: [namespace],
      backend: 'kubernetes',
      kubernetes_role_name: `${namespace}-deployer`,
      name: `${namespace}-deployer`,
      token_default_ttl: 1800,
      token_max_ttl: 3600,
    },
    computed: ['id'],
  };
}

function ownerPolicy({ user, namespaces }: Owner): string {
  const own = (path: string, capabilities: readonly string[]) => rule(path, capabilities);
  const all = ['create', 'read', 'update', 'delete', 'list'];
  return [
    own(`secret/data/${user}`, all),
    own(`secret/data/${user}/*`, all),
    own(`secret/metadata/${user}`, ['list', 'read', 'delete']),
    own(`secret/metadata/${user}/*`, ['list', 'read', 'delete']),
    ...namespaces.map((namespace) => own(`kubernetes/creds/${namespace}-deployer`, ['read'])),
  ].join('\n');
}

function sopsPolicy({ namespaces }: Owner): string {
  return namespaces
    .flatMap((namespace) => [
      rule(`transit/encrypt/sops-state-${namespace}`, ['update']),
      rule(`transit/decrypt/sops-state-${namespace}`, ['update']),
    ])
    .join('\n');
}

function rule(path: string, capabilities: readonly string[]): string {
  return `path "${path}" {\n  capabilities = [${capabilities.map((each) => `"${each}"`).join(', ')}]\n}\n`;
}

const VAULT_ADMIN = rule('*', ['create', 'read', 'update', 'delete', 'list', 'patch', 'sudo']);
const TERRAFORM_STATE = rule('database/static-creds/pg-terraform-state', ['read']);
const CI = [
  rule('secret/data/*', ['read']),
  rule('secret/metadata/*', ['list', 'read']),
  rule('secret/data/vault', ['deny']),
  rule('secret/data/platform', ['create', 'read', 'update']),
  rule('kubernetes/creds/*', ['read']),
].join('\n');
