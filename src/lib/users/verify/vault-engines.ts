import type { SpecOf } from '../expected-object.ts';
import type { Outcome } from './outcome.ts';
import { absent, compared, differs, differsAsSet } from './outcome.ts';
import type { Platform } from './platform.ts';

/** The key that encrypts a namespace's state: as the stack makes it, not exportable and not to be deleted. */
export async function verifyTransitKey(platform: Platform, spec: SpecOf<'transit-key'>): Promise<Outcome> {
  const key = await platform.vault(`${platform.site.vault.transitMount.value}/keys/${spec.name}`);
  if (key === undefined) return absent();
  return compared(
    [
      differs('its type', key.type, 'aes256-gcm96'),
      key.deletion_allowed === true ? 'it may be deleted' : undefined,
      key.exportable === true ? 'it may be exported' : undefined,
      key.derived === true ? 'it needs a context' : undefined,
      Number(key.min_decryption_version ?? 1) > 1
        ? `it no longer decrypts versions before ${key.min_decryption_version}`
        : undefined,
    ],
    `version ${key.latest_version ?? '?'}`,
  );
}

/** The role that mints a deployer's credentials. TTLs are seconds. */
export async function verifyEngineRole(platform: Platform, spec: SpecOf<'kubernetes-engine-role'>): Promise<Outcome> {
  const role = await platform.vault(`${platform.site.vault.kubernetesMount.value}/roles/${spec.name}`);
  if (role === undefined) return absent();
  const namespaces = Array.isArray(role.allowed_kubernetes_namespaces)
    ? role.allowed_kubernetes_namespaces.map(String)
    : [];
  const unexpected = ['allowed_kubernetes_namespace_selector', 'generated_role_rules', 'service_account_name'].filter(
    (field) => role[field] !== undefined && role[field] !== null && role[field] !== '',
  );
  return compared(
    [
      differsAsSet('it', namespaces, [spec.namespace]),
      differs('its role', role.kubernetes_role_name, spec.name),
      differs('its kind of role', role.kubernetes_role_type, 'Role'),
      differs('its TTL', seconds(role.token_default_ttl), '1800 s'),
      differs('its longest TTL', seconds(role.token_max_ttl), '3600 s'),
      ...unexpected.map((field) => `it sets ${field}, which the stack does not`),
    ],
    '30 min, at most 1 h',
  );
}

function seconds(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'string' ? `${value} s` : undefined;
}
