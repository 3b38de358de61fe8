import type { SpecOf } from '../expected-object.ts';
import { asRecord, asRecords } from '../json-api.ts';
import type { Outcome } from './outcome.ts';
import { absent, compared, differs, differsAsSet } from './outcome.ts';
import type { Platform } from './platform.ts';

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** An external group with exactly the user's policy. */
export async function verifyIdentityGroup(platform: Platform, spec: SpecOf<'identity-group'>): Promise<Outcome> {
  const group = await platform.vault(`identity/group/name/${spec.name}`);
  if (group === undefined) return absent();
  return compared(
    [differs('its type', group.type, 'external'), differsAsSet('it', words(group.policies), spec.policies)],
    `external, ${spec.policies.join(', ')}`,
  );
}

/** The alias by which a group of the login is this group. */
export async function verifyGroupAlias(platform: Platform, spec: SpecOf<'group-alias'>): Promise<Outcome> {
  const [group, accessor] = await Promise.all([
    platform.vault(`identity/group/name/${spec.group}`),
    platform.loginAccessor(),
  ]);
  const alias = asRecord(group?.alias);
  if (group === undefined || alias?.name === undefined) return absent();
  const mount = platform.site.vault.oidcMount.value;
  return compared(
    [
      differs('its name', alias.name, spec.name),
      accessor === undefined
        ? `Vault has no login mount ${mount}`
        : differs('its mount', alias.mount_accessor, accessor),
      differs('its group', alias.canonical_id, String(group.id)),
    ],
    `on ${mount}`,
  );
}

/** An entity that is not disabled and has exactly the user's policies. */
export async function verifyEntity(platform: Platform, spec: SpecOf<'entity'>): Promise<Outcome> {
  const entity = await platform.vault(`identity/entity/name/${spec.name}`);
  if (entity === undefined) return absent();
  return compared(
    [
      entity.disabled === true ? 'it is disabled' : undefined,
      differsAsSet('it', words(entity.policies), spec.policies),
    ],
    `${spec.policies.length} policies`,
  );
}

/** The alias by which a login with this e-mail is the entity. One that leads elsewhere blocks the user and the stack. */
export async function verifyEntityAlias(platform: Platform, spec: SpecOf<'entity-alias'>): Promise<Outcome> {
  const [entity, accessor] = await Promise.all([
    platform.vault(`identity/entity/name/${spec.entity}`),
    platform.loginAccessor(),
  ]);
  const mount = platform.site.vault.oidcMount.value;
  if (accessor === undefined) return compared([`Vault has no login mount ${mount}`], '');
  const aliases = (asRecords(entity?.aliases) ?? []).filter((alias) => alias.mount_accessor === accessor);
  const alias = aliases.find((each) => each.name === spec.email);
  if (alias !== undefined) {
    return compared(
      [differs('its entity', alias.canonical_id, String(entity?.id))],
      `on ${mount}, leads to ${spec.entity}`,
    );
  }
  const holder = await platform.clients.vault.write('identity/lookup/entity', {
    alias_name: spec.email,
    alias_mount_accessor: accessor,
  });
  if (holder !== undefined)
    return compared([`it leads to the entity ${String(holder.name)}, not to ${spec.entity}`], '');
  const others = aliases.map((each) => String(each.name));
  return others.length === 0 ? absent() : compared([`the entity has the alias ${others.join(', ')} instead`], '');
}
