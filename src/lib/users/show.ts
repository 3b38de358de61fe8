import type { Clients } from '../clients/clients.ts';
import type { Site } from '../site/site.ts';
import { readUsers } from './document.ts';
import type { Quota } from './entry.ts';
import { QUOTA_DEFAULTS } from './entry.ts';
import { memberDigests } from './json-text.ts';
import type { StoredUser } from './stored-entry.ts';
import { ENTRY_KEYS } from './stored-entry.ts';

/** One user in detail. `quota` is what the stacks apply; `defaulted` names the parts that the entry leaves to them. */
export type ShownUser = {
  readonly stored: StoredUser;
  readonly version: number;
  readonly quota: Required<Quota> | undefined;
  readonly defaulted: readonly string[];
  /** Keys of the entry that no stack reads, by name only. */
  readonly otherKeys: readonly string[];
};

/** What reading found: a user, or the names that there are. */
export type UserLookup = { readonly user: ShownUser | undefined; readonly names: readonly string[] };

/** Reads one user. Errors: those of `readUsers` and `Vault`. */
export async function showUser(clients: Pick<Clients, 'vault'>, site: Site, name: string): Promise<UserLookup> {
  const document = readUsers(await clients.vault.kvRead(site.vault.users.path.value), site);
  const stored = document.users.get(name);
  const names = [...document.users.keys()];
  if (stored === undefined) return { user: undefined, names };
  const given = stored.entry?.role === 'namespace-owner' ? stored.entry.quota : undefined;
  return {
    names,
    user: {
      stored,
      version: document.version,
      quota: given === undefined ? undefined : { ...QUOTA_DEFAULTS, ...given },
      defaulted: given === undefined ? [] : Object.keys(QUOTA_DEFAULTS).filter((key) => !Object.hasOwn(given, key)),
      otherKeys: otherKeys(stored),
    },
  };
}

function otherKeys({ rawText }: StoredUser): readonly string[] {
  if (!rawText.startsWith('{')) return [];
  return [...memberDigests(rawText).keys()].filter((key) => !ENTRY_KEYS.some((known) => known === key));
}
