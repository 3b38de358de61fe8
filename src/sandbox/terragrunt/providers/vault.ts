import type { Reply, Send } from '../../http/exchange.ts';
import type { Driver } from '../drivers.ts';
import { Diagnosed } from '../failure.ts';
import type { Attributes } from '../resource.ts';

/** Resource types of the Vault provider. Error texts are those of its Go client. */
export const VAULT_DRIVERS: Readonly<Record<string, Driver>> = {
  vault_policy: driver({
    path: (attributes) => `sys/policies/acl/${attributes.name}`,
    body: (values) => ({ policy: values.policy }),
    parse: (data, attributes) => ({ id: attributes.name, name: attributes.name, policy: data.policy }),
    immutable: ['name'],
  }),
  vault_transit_secret_backend_key: driver({
    path: (attributes) => `${attributes.backend}/keys/${attributes.name}`,
    body: (values) => ({ type: values.type }),
    parse: (data, attributes) => ({
      id: `${attributes.backend}/keys/${attributes.name}`,
      backend: attributes.backend,
      name: attributes.name,
      type: data.type,
      deletion_allowed: data.deletion_allowed,
    }),
    immutable: ['backend', 'name', 'type'],
  }),
  vault_kubernetes_secret_backend_role: driver({
    path: (attributes) => `${attributes.backend}/roles/${attributes.name}`,
    body: ({ backend: _backend, name: _name, ...rest }) => rest,
    parse: (data, attributes) => ({
      id: `${attributes.backend}/roles/${attributes.name}`,
      backend: attributes.backend,
      name: attributes.name,
      allowed_kubernetes_namespaces: data.allowed_kubernetes_namespaces,
      kubernetes_role_name: data.kubernetes_role_name,
      token_default_ttl: data.token_default_ttl,
      token_max_ttl: data.token_max_ttl,
    }),
    immutable: ['backend', 'name'],
  }),
  vault_identity_entity: identity('entity', (data) => ({ id: data.id, name: data.name, policies: data.policies })),
  vault_identity_group: identity('group', (data) => ({
    id: data.id,
    name: data.name,
    policies: data.policies,
    type: data.type,
  })),
  vault_identity_entity_alias: identity('entity-alias', alias, refuseTakenAlias),
  vault_identity_group_alias: identity('group-alias', alias),
};

/** Sends one request and throws what the Go client would print. `undefined` for 404. */
export async function vaultRequest(
  vault: Send,
  verb: string,
  doing: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown> | undefined> {
  const reply = await vault(verb, `/v1/${path}`, body === undefined ? '' : JSON.stringify(body)).catch(
    (error: unknown) => {
      throw new Diagnosed(
        `${doing}: ${verb === 'POST' ? 'Put' : 'Get'} "/v1/${path}": ${error instanceof Error ? error.message : String(error)}`,
      );
    },
  );
  if (reply.status === 404) return undefined;
  if (reply.status >= 400) throw new Diagnosed(`${doing}: ${apiError(reply, verb, path)}`);
  if (reply.body.trim() === '') return {};
  const parsed = JSON.parse(reply.body) as { data?: Record<string, unknown> | null };
  return parsed.data ?? {};
}

/** The Go client's text for an error answer. */
function apiError(reply: Reply, verb: string, path: string): string {
  let errors: readonly string[] = [];
  try {
    errors = (JSON.parse(reply.body) as { errors?: string[] }).errors ?? [];
  } catch {
    // Not Vault's JSON (a proxy answered): the client prints the raw message then.
    return `Error making API request.\n\nURL: ${verb} /v1/${path}\nCode: ${reply.status}. Raw Message:\n\n${reply.body}`;
  }
  return `Error making API request.\n\nURL: ${verb} /v1/${path}\nCode: ${reply.status}. Errors:\n\n${errors.map((error) => `* ${error}`).join('\n')}`;
}

type Shape = {
  readonly path: (attributes: Attributes) => string;
  readonly body: (values: Attributes) => unknown;
  readonly parse: (data: Attributes, attributes: Attributes) => Attributes;
  readonly immutable: readonly string[];
};

function driver(shape: Shape): Driver {
  const read: Driver['read'] = async (attributes, { vault }) => {
    const data = await vaultRequest(vault, 'GET', 'error reading from Vault', shape.path(attributes));
    return data === undefined ? undefined : shape.parse(data, attributes);
  };
  const write: Driver['create'] = async (values, outside) => {
    await vaultRequest(outside.vault, 'PUT', 'error writing to Vault', shape.path(values), shape.body(values));
    return (await read(values, outside)) ?? values;
  };
  return {
    read,
    create: write,
    update: (values, _prior, outside) => write(values, outside),
    remove: async (attributes, { vault }) => {
      await vaultRequest(vault, 'DELETE', 'error deleting from Vault', shape.path(attributes));
    },
    immutable: shape.immutable,
  };
}

function alias(data: Attributes): Attributes {
  return { id: data.id, name: data.name, mount_accessor: data.mount_accessor, canonical_id: data.canonical_id };
}

/** Identity objects are kept by the id that Vault gives them. */
function identity(
  kind: string,
  parse: (data: Attributes) => Attributes,
  before: (values: Attributes, vault: Send) => Promise<void> = async () => undefined,
): Driver {
  const byId = (attributes: Attributes) => `identity/${kind}/id/${attributes.id}`;
  const read: Driver['read'] = async (attributes, { vault }) => {
    const data = await vaultRequest(vault, 'GET', 'error reading from Vault', byId(attributes));
    return data === undefined ? undefined : parse(data);
  };
  return {
    read,
    create: async (values, outside) => {
      await before(values, outside.vault);
      const data = await vaultRequest(
        outside.vault,
        'PUT',
        `error writing Identity${kind} to Vault`,
        `identity/${kind}`,
        values,
      );
      const created = { ...values, id: data?.id };
      if (created.id === undefined) {
        throw new Diagnosed(`${kind} "${values.name}" already exists; import it or delete it first`);
      }
      return (await read(created, outside)) ?? created;
    },
    update: async (values, prior, outside) => {
      await vaultRequest(outside.vault, 'PUT', 'error updating Vault', byId(prior), values);
      return (await read(prior, outside)) ?? { ...values, id: prior.id };
    },
    remove: async (attributes, { vault }) => {
      await vaultRequest(vault, 'DELETE', 'error deleting from Vault', byId(attributes));
    },
    immutable: kind === 'group' ? ['type'] : [],
  };
}

async function refuseTakenAlias(values: Attributes, vault: Send): Promise<void> {
  const asked = { alias_name: values.name, alias_mount_accessor: values.mount_accessor };
  const known = await vaultRequest(vault, 'PUT', 'error reading from Vault', 'identity/lookup/entity', asked);
  if (known?.id === undefined) return;
  throw new Diagnosed(
    `entity alias "${values.name}" already exists for mount accessor "${values.mount_accessor}", the alias may be imported with its id, or deleted`,
  );
}
