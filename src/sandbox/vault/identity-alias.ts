import { randomUUID } from 'node:crypto';
import type { Answer } from '../http/exchange.ts';
import { failure, noContent, success, unsupportedOperation } from './answers.ts';
import { type Call, text } from './call.ts';
import { listKeys } from './kv-metadata.ts';
import { type Alias, now, type VaultState } from './state.ts';

/** `entity-alias` and `group-alias`: create, update, read, list, delete. */
export function aliasCall(call: Call, of: 'entity' | 'group', by: string, key: string): Answer {
  const aliases = of === 'entity' ? call.state.entityAliases : call.state.groupAliases;
  if (call.operation === 'list') return listKeys(aliases.keys(), '');
  const known = by === 'id' && key !== '' ? aliases.get(key) : undefined;
  switch (call.operation) {
    case 'read':
      return known === undefined
        ? failure(404)
        : success({ data: describeAlias(call.state, known), mountType: 'identity' });
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
export function describeAlias(state: VaultState, alias: Alias): Record<string, unknown> {
  const auth = [...state.auths.values()].find((each) => each.accessor === alias.mountAccessor);
  return {
    canonical_id: alias.canonicalId,
    creation_time: alias.created,
    custom_metadata: null,
    id: alias.id,
    last_update_time: alias.created,
    local: false,
    merged_from_canonical_ids: null,
    metadata: null,
    mount_accessor: alias.mountAccessor,
    mount_path: `auth/${auth?.path ?? ''}`,
    mount_type: auth?.type ?? '',
    name: alias.name,
    namespace_id: 'root',
  };
}

function writeAlias(call: Call, of: 'entity' | 'group', aliases: Map<string, Alias>, byId: Alias | undefined): Answer {
  const name = text(call, 'name') ?? byId?.name;
  if (name === undefined) return failure(400, of === 'entity' ? "'name' or 'id' is required" : 'missing alias name');
  const accessor = text(call, 'mount_accessor') ?? byId?.mountAccessor;
  if (accessor === undefined)
    return failure(400, of === 'entity' ? "'mount_accessor' and 'name' are required" : 'missing mount_accessor');
  const auths = [...call.state.auths.values()];
  if (!auths.some((auth) => auth.accessor === accessor)) return failure(400, `invalid mount accessor "${accessor}"`);
  const same = byId ?? [...aliases.values()].find((alias) => alias.name === name && alias.mountAccessor === accessor);
  const canonicalId =
    text(call, 'canonical_id') ?? (of === 'entity' ? text(call, 'entity_id') : undefined) ?? same?.canonicalId;
  const owners: ReadonlyMap<string, unknown> = of === 'entity' ? call.state.entities : call.state.groups;
  if (canonicalId !== undefined && !owners.has(canonicalId)) return failure(400, 'invalid canonical ID');
  if (canonicalId === undefined) return failure(400, 'missing canonical ID');
  if (of === 'entity') {
    const other = [...aliases.values()].find(
      (alias) => alias.canonicalId === canonicalId && alias.mountAccessor === accessor && alias.id !== same?.id,
    );
    if (other !== undefined) return failure(400, 'Entity already has an alias for this mount accessor');
  }
  const alias: Alias = same ?? { id: randomUUID(), name, canonicalId, mountAccessor: accessor, created: now() };
  alias.name = name;
  alias.canonicalId = canonicalId;
  alias.mountAccessor = accessor;
  aliases.set(alias.id, alias);
  return success({ data: { canonical_id: canonicalId, id: alias.id }, mountType: 'identity' });
}
