import { randomUUID } from 'node:crypto';
import type { Answer } from '../http/exchange.ts';
import { failure, noContent, success, unsupportedOperation } from './answers.ts';
import { type Call, text } from './call.ts';
import { type Alias, now, type VaultState } from './state.ts';

/** `entity-alias` and `group-alias`: create, update, read, list, delete. */
export function aliasCall(call: Call, of: 'entity' | 'group', by: string, key: string): Answer {
  const aliases = of === 'entity' ? call.state.entityAliases : call.state.groupAliases;
  if (call.operation === 'list') return listAliases(call.state, aliases, of);
  const known = by === 'id' && key !== '' ? aliases.get(key) : undefined;
  switch (call.operation) {
    case 'read':
      return known === undefined
        ? failure(404)
        : success({ data: describeAlias(call.state, known, of), mountType: 'identity' });
    case 'delete':
      if (known !== undefined) aliases.delete(known.id);
      return noContent();
    case 'update':
      return writeAlias(call, of, aliases, known);
    default:
      return unsupportedOperation();
  }
}

/** An alias as entities, groups and look-ups show it. */
export function describeAlias(state: VaultState, alias: Alias, of: 'entity' | 'group'): Record<string, unknown> {
  const auth = [...state.auths.values()].find((each) => each.accessor === alias.mountAccessor);
  return {
    canonical_id: alias.canonicalId,
    creation_time: alias.created,
    id: alias.id,
    last_update_time: alias.created,
    merged_from_canonical_ids: null,
    metadata: null,
    mount_accessor: alias.mountAccessor,
    mount_path: `auth/${auth?.path ?? ''}`,
    mount_type: auth?.type ?? '',
    name: alias.name,
    ...(of === 'entity' ? { custom_metadata: {}, local: false } : {}),
  };
}

function listAliases(state: VaultState, aliases: ReadonlyMap<string, Alias>, of: 'entity' | 'group'): Answer {
  if (aliases.size === 0) return failure(404);
  const info = [...aliases.values()].map((alias) => {
    const { id: _id, creation_time: _created, last_update_time: _updated, ...rest } = describeAlias(state, alias, of);
    const { merged_from_canonical_ids: _merged, ...shown } = rest;
    return [alias.id, shown];
  });
  return success({ data: { key_info: Object.fromEntries(info), keys: [...aliases.keys()] }, mountType: 'identity' });
}

function writeAlias(call: Call, of: 'entity' | 'group', aliases: Map<string, Alias>, byId: Alias | undefined): Answer {
  const name = text(call, 'name') ?? byId?.name;
  const accessor = text(call, 'mount_accessor') ?? byId?.mountAccessor;
  if (name === undefined || accessor === undefined) {
    return failure(400, "'id' or 'mount_accessor' and 'name' must be provided");
  }
  const auths = [...call.state.auths.values()];
  if (!auths.some((auth) => auth.accessor === accessor)) return failure(400, `invalid mount accessor "${accessor}"`);
  const same = byId ?? [...aliases.values()].find((alias) => alias.name === name && alias.mountAccessor === accessor);
  const canonicalId =
    text(call, 'canonical_id') ?? (of === 'entity' ? text(call, 'entity_id') : undefined) ?? same?.canonicalId;
  const owners: ReadonlyMap<string, unknown> = of === 'entity' ? call.state.entities : call.state.groups;
  if (canonicalId !== undefined && !owners.has(canonicalId)) {
    return failure(400, of === 'entity' ? 'invalid canonical ID' : "invalid group ID given in 'canonical_id'");
  }
  if (canonicalId === undefined) return failure(400, 'missing canonical ID');
  if (of === 'entity') {
    const other = [...aliases.values()].find(
      (alias) => alias.canonicalId === canonicalId && alias.mountAccessor === accessor && alias.id !== same?.id,
    );
    if (other !== undefined) return failure(400, 'Alias already exists for requested entity and mount accessor');
  }
  const alias: Alias = same ?? { id: randomUUID(), name, canonicalId, mountAccessor: accessor, created: now() };
  alias.name = name;
  alias.canonicalId = canonicalId;
  alias.mountAccessor = accessor;
  aliases.set(alias.id, alias);
  if (same !== undefined && of === 'entity') return noContent();
  return success({ data: { canonical_id: canonicalId, id: alias.id }, mountType: 'identity' });
}
