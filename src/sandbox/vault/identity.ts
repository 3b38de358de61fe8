import { randomUUID } from 'node:crypto';
import { isPlainObject } from '../exact-json.ts';
import type { Answer } from '../http/exchange.ts';
import { failure, noContent, success, unsupportedOperation, unsupportedPath } from './answers.ts';
import { type Call, flag, list, text } from './call.ts';
import { aliasCall, describeAlias } from './identity-alias.ts';
import { listKeys } from './kv-metadata.ts';
import { type Entity, type Group, now, type VaultState } from './state.ts';

/** The identity engine: entities, groups, their aliases, and look-up by id, name or alias. */
export function identityCall(call: Call): Answer {
  const [area = '', by = '', ...rest] = call.path.split('/');
  const key = decodeURIComponent(rest.join('/'));
  switch (area) {
    case 'entity':
      return objectCall(call, call.state.entities, by, key, writeEntity, describeEntity);
    case 'group':
      return objectCall(call, call.state.groups, by, key, writeGroup, describeGroup);
    case 'entity-alias':
      return aliasCall(call, 'entity', by, key);
    case 'group-alias':
      return aliasCall(call, 'group', by, key);
    case 'lookup':
      return lookup(call, by);
    default:
      return unsupportedPath();
  }
}

type Named = { readonly id: string; readonly name: string };

function objectCall<T extends Named>(
  call: Call,
  objects: Map<string, T>,
  by: string,
  key: string,
  write: (call: Call, known: T | undefined) => Answer,
  describe: (state: VaultState, object: T) => Record<string, unknown>,
): Answer {
  const all = [...objects.values()];
  if (call.operation === 'list')
    return listKeys(
      all.map((object) => (by === 'id' ? object.id : object.name)),
      '',
      'identity',
    );
  if (by !== '' && by !== 'id' && by !== 'name') return unsupportedPath();
  const wanted = key !== '' ? key : text(call, by === 'id' ? 'id' : 'name');
  const known = all.find((object) => (by === 'id' ? object.id === wanted : object.name === wanted));
  switch (call.operation) {
    case 'read':
      return known === undefined ? failure(404) : success({ data: describe(call.state, known), mountType: 'identity' });
    case 'update': {
      const withName = by === 'name' && key !== '' ? { ...call, data: { ...call.data, name: key } } : call;
      const byId = text(call, 'id');
      return write(withName, known ?? (byId === undefined ? undefined : objects.get(byId)));
    }
    case 'delete': {
      if (known !== undefined) {
        objects.delete(known.id);
        for (const aliases of [call.state.entityAliases, call.state.groupAliases]) {
          for (const alias of aliases.values()) if (alias.canonicalId === known.id) aliases.delete(alias.id);
        }
      }
      return noContent();
    }
    default:
      return unsupportedOperation();
  }
}

function writeEntity(call: Call, known: Entity | undefined): Answer {
  const time = now();
  const entity: Entity = known ?? {
    id: randomUUID(),
    name: text(call, 'name') ?? `entity_${randomUUID().slice(0, 8)}`,
    policies: [],
    metadata: null,
    disabled: false,
    created: time,
    updated: time,
  };
  entity.name = text(call, 'name') ?? entity.name;
  entity.policies = list(call, 'policies') ?? entity.policies;
  entity.metadata = metadata(call) ?? entity.metadata;
  entity.disabled = flag(call, 'disabled') ?? entity.disabled;
  entity.updated = time;
  call.state.entities.set(entity.id, entity);
  if (known !== undefined) return noContent();
  return success({ data: { aliases: null, id: entity.id, name: entity.name }, mountType: 'identity' });
}

function writeGroup(call: Call, known: Group | undefined): Answer {
  const time = now();
  const type = text(call, 'type') ?? known?.type ?? 'internal';
  if (known !== undefined && type !== known.type) return failure(400, 'group type cannot be changed');
  const members = list(call, 'member_entity_ids');
  if (type === 'external' && members !== undefined && members.length > 0) {
    return failure(400, "member entities can't be set manually for external groups");
  }
  const group: Group = known ?? {
    id: randomUUID(),
    name: text(call, 'name') ?? `group_${randomUUID().slice(0, 8)}`,
    type,
    policies: [],
    memberEntityIds: [],
    metadata: null,
    modifyIndex: 0,
    created: time,
    updated: time,
  };
  group.name = text(call, 'name') ?? group.name;
  group.policies = list(call, 'policies') ?? group.policies;
  group.memberEntityIds = members ?? group.memberEntityIds;
  group.metadata = metadata(call) ?? group.metadata;
  group.modifyIndex += 1;
  group.updated = time;
  call.state.groups.set(group.id, group);
  if (known !== undefined) return noContent();
  return success({ data: { id: group.id, name: group.name }, mountType: 'identity' });
}

function lookup(call: Call, what: string): Answer {
  if (call.operation !== 'update') return unsupportedOperation();
  const { state } = call;
  const aliases = what === 'entity' ? state.entityAliases : state.groupAliases;
  const name = text(call, 'alias_name');
  const accessor = text(call, 'alias_mount_accessor');
  if ((name === undefined) !== (accessor === undefined)) {
    return failure(400, "both 'alias_name' and 'alias_mount_accessor' needs to be set");
  }
  if (Object.keys(call.data).length === 0) return failure(400, 'query parameter not supplied');
  const alias = [...aliases.values()].find(
    (each) =>
      (name !== undefined && each.name === name && each.mountAccessor === accessor) ||
      each.id === text(call, 'alias_id'),
  );
  const id = alias?.canonicalId ?? text(call, 'id');
  const byName = text(call, 'name');
  const found = <T extends Named>(objects: Map<string, T>) =>
    [...objects.values()].find((object) => object.id === id || (byName !== undefined && object.name === byName));
  if (what === 'entity') {
    const entity = found(state.entities);
    return entity === undefined ? noContent() : success({ data: describeEntity(state, entity), mountType: 'identity' });
  }
  const group = found(state.groups);
  return group === undefined ? noContent() : success({ data: describeGroup(state, group), mountType: 'identity' });
}

function describeEntity(state: VaultState, entity: Entity): Record<string, unknown> {
  const groups = [...state.groups.values()].filter((group) => group.memberEntityIds.includes(entity.id));
  return {
    aliases: [...state.entityAliases.values()]
      .filter((alias) => alias.canonicalId === entity.id)
      .map((alias) => describeAlias(state, alias, 'entity')),
    creation_time: entity.created,
    direct_group_ids: groups.map((group) => group.id),
    disabled: entity.disabled,
    group_ids: groups.map((group) => group.id),
    id: entity.id,
    inherited_group_ids: [],
    last_update_time: entity.updated,
    merged_entity_ids: null,
    metadata: entity.metadata,
    name: entity.name,
    namespace_id: 'root',
    policies: entity.policies,
  };
}

function describeGroup(state: VaultState, group: Group): Record<string, unknown> {
  const alias = [...state.groupAliases.values()].find((each) => each.canonicalId === group.id);
  return {
    alias: alias === undefined ? {} : describeAlias(state, alias, 'group'),
    creation_time: group.created,
    id: group.id,
    last_update_time: group.updated,
    member_entity_ids: group.memberEntityIds.length > 0 ? group.memberEntityIds : null,
    member_group_ids: null,
    metadata: group.metadata,
    modify_index: group.modifyIndex,
    name: group.name,
    namespace_id: 'root',
    parent_group_ids: null,
    policies: group.policies,
    type: group.type,
  };
}

function metadata(call: Call): Record<string, string> | undefined {
  const value = call.data.metadata;
  return isPlainObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]))
    : undefined;
}
