import type { Ask } from '../../../diagnosis/probe.ts';
import { readUsers } from '../../../users/document.ts';
import { requiredGroups } from '../../../users/objects/access.ts';

/** What k8s_users says about somebody; undefined when it has no such entry. */
export type EntryFact = {
  readonly name: string;
  readonly email: string;
  readonly role: string;
  /** Groups that the role needs as a direct member, and through any chain of parents. */
  readonly direct: readonly string[];
  readonly reached: readonly string[];
};

/** The entry of a name or an e-mail. Errors: those of `Vault.kvRead` and `readUsers`. */
export async function entryOf({ client, site }: Ask, user: string): Promise<EntryFact | undefined> {
  const vault = await client('vault');
  const { users } = readUsers(await vault.kvRead(site.vault.users.path.value), site);
  const wanted = user.toLowerCase();
  const found = [...users.values()].find(
    ({ name, entry }) => name.toLowerCase() === wanted || entry?.email.toLowerCase() === wanted,
  );
  if (found?.entry === undefined) return undefined;
  const { name, entry } = found;
  const { direct, reached } = requiredGroups({ name, entry });
  return { name, email: entry.email, role: entry.role, direct, reached };
}
