import { type Answer, asObject, asStrings } from './answer.ts';
import type { VaultHealth, VaultToken } from './client.ts';

/** Reads the answer of `auth/token/lookup-self`; undefined when it is not one. */
export function toToken(answer: Answer): VaultToken | undefined {
  const data = asObject(answer.body?.data);
  const policies = asStrings(data?.policies);
  if (data === undefined || policies === undefined || typeof data.ttl !== 'number') return undefined;
  return {
    displayName: textOf(data.display_name) ?? '',
    ttlSeconds: data.ttl,
    renewable: data.renewable === true,
    policies: [...new Set([...policies, ...(asStrings(data.identity_policies) ?? [])])],
    entityId: textOf(data.entity_id),
  };
}

/** Reads the answer of `sys/health`, whatever its status was; undefined when it is not one. */
export function toHealth(body: Readonly<Record<string, unknown>> | undefined): VaultHealth | undefined {
  if (body === undefined || typeof body.initialized !== 'boolean' || typeof body.sealed !== 'boolean') return undefined;
  return {
    initialized: body.initialized,
    sealed: body.sealed,
    standby: body.standby === true,
    version: textOf(body.version) ?? '',
    clusterId: textOf(body.cluster_id),
    clusterName: textOf(body.cluster_name),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
