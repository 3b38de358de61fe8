import type { Answer } from '../http/exchange.ts';
import { failure, noContent, success, unsupportedOperation, unsupportedPath } from './answers.ts';
import { type Call, list, seconds, text } from './call.ts';
import { listKeys } from './kv-metadata.ts';

/** The kubernetes secrets engine: roles, and credentials, which only a write can mint. */
export function kubernetesEngineCall(call: Call): Answer {
  const [area = '', name = ''] = call.path.split('/').map(decodeURIComponent);
  const roles = call.state.kubernetesRoles;
  if (area === 'roles') {
    if (call.operation === 'list') return listKeys(roles.keys(), '', 'kubernetes');
    const role = roles.get(name);
    switch (call.operation) {
      case 'read':
        return role === undefined ? failure(404) : success({ data: role, mountType: 'kubernetes' });
      case 'update':
        roles.set(name, roleOf(call, name));
        return noContent();
      case 'delete':
        roles.delete(name);
        return noContent();
      default:
        return unsupportedOperation();
    }
  }
  if (area === 'creds') {
    if (call.operation !== 'update') return unsupportedOperation();
    return roles.has(name) ? credentials(call, name) : failure(400, `role '${name}' does not exist`);
  }
  if (area === 'config')
    return success({ data: { disable_local_ca_jwt: false, kubernetes_host: '' }, mountType: 'kubernetes' });
  return unsupportedPath();
}

/** The part of the database engine that stacks read: static credentials. */
export function databaseCall(call: Call): Answer {
  const [area = '', name = ''] = call.path.split('/');
  if (area !== 'static-creds') return unsupportedPath();
  if (call.operation !== 'read') return unsupportedOperation();
  const creds = call.state.staticCreds.get(name);
  if (creds === undefined) return failure(400, `unknown role: ${name}`);
  const data = {
    last_vault_rotation: '2026-01-05T03:00:00.000000000Z',
    password: creds.password,
    rotation_period: 604_800,
    ttl: 302_400,
    username: creds.username,
  };
  return success({ data, mountType: 'database' });
}

function roleOf(call: Call, name: string): Record<string, unknown> {
  return {
    allowed_kubernetes_namespace_selector: text(call, 'allowed_kubernetes_namespace_selector') ?? '',
    allowed_kubernetes_namespaces: list(call, 'allowed_kubernetes_namespaces') ?? [],
    extra_annotations: null,
    extra_labels: null,
    generated_role_rules: text(call, 'generated_role_rules') ?? '',
    kubernetes_role_name: text(call, 'kubernetes_role_name') ?? '',
    kubernetes_role_type: text(call, 'kubernetes_role_type') ?? 'Role',
    name,
    name_template: text(call, 'name_template') ?? '',
    service_account_name: text(call, 'service_account_name') ?? '',
    token_default_audiences: null,
    token_default_ttl: seconds(call.data.token_default_ttl) ?? 0,
    token_max_ttl: seconds(call.data.token_max_ttl) ?? 0,
  };
}

function credentials(call: Call, name: string): Answer {
  const namespace = text(call, 'kubernetes_namespace') ?? 'default';
  const role = call.state.kubernetesRoles.get(name);
  const allowed = role?.allowed_kubernetes_namespaces;
  if (Array.isArray(allowed) && !allowed.includes(namespace) && !allowed.includes('*')) {
    return failure(
      400,
      `kubernetes_namespace '${namespace}' is not present in role's allowed_kubernetes_namespaces or does not match role's label selector allowed_kubernetes_namespace_selector`,
    );
  }
  const account = `v-token-${name}-${Date.now()}`;
  const data = {
    service_account_name: account,
    service_account_namespace: namespace,
    service_account_token: `sandbox.${Buffer.from(account).toString('base64url')}`,
  };
  return success({
    data,
    mountType: 'kubernetes',
    leaseId: `kubernetes/creds/${name}/${account}`,
    leaseDuration: 1800,
  });
}
