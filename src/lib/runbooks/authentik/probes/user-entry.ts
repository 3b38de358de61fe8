import type { Probe } from '../../../diagnosis/probe.ts';
import { type EntryFact, entryOf } from '../evidence/entry.ts';

export const ENTRY_ID = 'authentik.user.entry';

/** The entry, or null: none, or nobody asked. */
export type EntryEvidence = { readonly entry: EntryFact | null };

/** Whether the platform knows the user. */
export const userEntry: Probe<EntryEvidence> = {
  id: ENTRY_ID,
  title: 'entry in k8s_users',
  layer: 'user',
  kind: 'passive',
  cost: 'with --user: 1 read of Vault',
  question: 'Does the user have an entry, and which groups does its role need?',
  why: 'The role decides which groups of Authentik the account must be in. Without an entry only the login itself can be judged.',
  byHand: (site) =>
    `vault kv get -field=${site.vault.users.key.value} ${site.vault.users.path.value} | jq '.["<user>"]'`,
  healthy: 'An entry with role and e-mail; or none, for somebody who only uses applications.',
  failures: [],

  async collect(ask) {
    const { user } = ask.options;
    return { entry: typeof user === 'string' ? ((await entryOf(ask, user)) ?? null) : null };
  },

  judge({ entry }, { options }) {
    if (typeof options.user !== 'string')
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'no --user was given' };
    if (entry === null)
      return { verdict: 'PASS', detail: `${options.user} has no entry: applications only, no namespace` };
    return { verdict: 'PASS', detail: `${entry.name} is ${entry.role}, ${entry.email}` };
  },
};
