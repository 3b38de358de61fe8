import type { Clients } from '../../../clients/clients.ts';
import { InfraError } from '../../../errors.ts';
import type { Site } from '../../../site/site.ts';
import type { User } from '../../entry.ts';
import { answer, blocking, type CheckAnswer } from './check.ts';

/**
 * A person who has logged in to Vault before has an entity with an alias already, and the vault stack's apply would fail
 * half-way ("entity alias … already exists"). Such an alias is found here, with the import that settles it.
 */
export async function checkIdentityAlias(
  clients: Pick<Clients, 'vault'>,
  site: Site,
  user: User,
): Promise<CheckAnswer> {
  const [id, title] = ['users.add.identity-alias', 'Vault identity'];
  const mount = site.vault.oidcMount.value;
  const mounts = await clients.vault.read('sys/auth');
  const entry = mounts?.[`${mount}/`];
  const accessor =
    typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>).accessor : undefined;
  if (typeof accessor !== 'string') {
    return blocking(
      id,
      title,
      new InfraError(
        'users.no-oidc-mount',
        'config',
        `Vault has no auth mount ${mount}/, on which the user's alias would lie.`,
        {
          hints: ['vault auth list', 'Name the mount in infra.yaml: vault.oidcMount.'],
        },
      ),
    );
  }
  const found = await clients.vault.write('identity/lookup/entity', {
    alias_name: user.entry.email,
    alias_mount_accessor: accessor,
  });
  if (found === undefined || found.name === user.name)
    return answer(id, title, 'PASS', `no alias of ${user.entry.email} in the way`);
  return blocking(
    id,
    title,
    new InfraError(
      'users.alias-exists',
      'data',
      `Vault has an alias for ${user.entry.email} already, on the entity ${String(found.name)}: its owner has logged in before. Applying vault would fail half-way.`,
      {
        hints: [
          `Import that entity and its alias into the vault stack as vault_identity_entity.user["${user.name}"] (id ${String(found.id)}), or delete the entity when it holds nothing: vault delete identity/entity/id/${String(found.id)}`,
        ],
      },
    ),
  );
}
