import { notConfigured } from '../../../diagnosis/no-answer.ts';
import type { Ask, Judgement, Probe } from '../../../diagnosis/probe.ts';
import { isInfraError } from '../../../errors.ts';
import { authentikApi, findByEmail, groupNames, listGroups } from '../../../users/authentik.ts';
import { number, text } from '../../evidence/shape.ts';
import { some } from '../../words.ts';
import { askAuthentik } from '../evidence/api.ts';
import { entryOf } from '../evidence/entry.ts';
import { ENTRY_ID, type EntryEvidence } from './user-entry.ts';

/** The account and all groups that it is in, itself or through parents. */
export type AccountEvidence = {
  readonly asked: string | null;
  readonly account: {
    readonly username: string;
    readonly active: boolean;
    readonly direct: readonly string[];
    readonly reached: readonly string[];
  } | null;
};

/** The half that is about one person. It is asked only for, and never blamed before, what everybody shares. */
export const userAccount: Probe<AccountEvidence> = {
  id: 'authentik.user.account',
  title: 'account and groups',
  layer: 'user',
  considers: [ENTRY_ID],
  kind: 'request',
  cost: 'with --user: 2 or 3 requests to the Authentik API, 1 read of Vault',
  question: 'Does the user have an account that may log in, in the groups that it needs?',
  why: 'A host lets in whom its groups name; everybody else is refused, which is no outage. It stands last: in April 2026 four theories about one user were tested while nobody could log in.',
  byHand: (site) =>
    `curl -sS -H "Authorization: Bearer $AUTHENTIK_TOKEN" '${site.authentik.url.value ?? 'https://<authentik>'}/api/v3/core/users/?search=<e-mail>' | jq '.results[] | {username, is_active, groups: [.groups_obj[]?.name]}'`,
  healthy: 'An active account in the groups of its role.',
  failures: [
    { code: 'authentik.user.no-account', meaning: 'Authentik has no account for the user, or it is not active.' },
    { code: 'authentik.user.not-in-group', meaning: 'A group is missing that lets the user in.' },
    { code: 'user.no-account', meaning: 'No such account.' },
    { code: 'user.inactive', meaning: 'The account is switched off.' },
    { code: 'user.not-in-group', meaning: 'The account is not in a group that it needs.' },
  ],

  async collect(ask) {
    const { user } = ask.options;
    if (typeof user !== 'string') return { asked: null, account: null };
    const clients = { tokens: await ask.client('tokens'), http: await ask.client('http') };
    const api = await authentikApi(clients, ask.site);
    if (api === undefined) throw notConfigured('authentik.url or authentik.token');
    const email = user.includes('@') ? user : await emailOf(ask, user);
    const byEmail = email === undefined ? undefined : await findByEmail(clients, api, email);
    const account = byEmail ?? (await byUsername(ask, user));
    if (account === undefined) return { asked: user, account: null };
    const groups = await listGroups(clients, api);
    const direct = groups.filter(({ id }) => account.groups.includes(id)).map(({ name }) => name);
    const reached = [...groupNames(account, groups)].sort();
    return {
      asked: user,
      account: { username: account.username, active: account.active, direct: direct.sort(), reached },
    };
  },

  judge({ asked, account }, given): Judgement {
    if (asked === null) return { verdict: 'SKIP', reason: 'not-applicable', detail: 'no --user was given' };
    const fails = (code: string, cause: string, detail: string): Judgement => ({
      verdict: 'FAIL',
      detail,
      observations: [{ code, subject: asked }],
      causes: [{ code: cause, detail }],
    });
    if (account === null)
      return fails('user.no-account', 'authentik.user.no-account', `Authentik has no account of ${asked}`);
    if (!account.active)
      return fails('user.inactive', 'authentik.user.no-account', `the account ${account.username} is not active`);
    const entry = given.evidence<EntryEvidence>(ENTRY_ID);
    const needed = entry.state === 'answered' ? entry.value.entry : null;
    const missing = [
      ...(needed?.direct ?? []).filter((name) => !account.direct.includes(name)),
      ...(needed?.reached ?? []).filter((name) => !account.reached.includes(name)),
    ];
    if (missing.length > 0) {
      return fails(
        'user.not-in-group',
        'authentik.user.not-in-group',
        `${account.username} is not in ${some(missing)}`,
      );
    }
    if (account.reached.length === 0) {
      return fails(
        'user.not-in-group',
        'authentik.user.not-in-group',
        `${account.username} is in no group: every host refuses`,
      );
    }
    const without = entry.state === 'answered' && needed !== null ? '' : '; which groups are needed is not known';
    return { verdict: 'PASS', detail: `${account.username} is active, in ${some(account.reached)}${without}` };
  },
};

/** The e-mail of a name in k8s_users; without Vault the name has to do. */
async function emailOf(ask: Ask, user: string): Promise<string | undefined> {
  try {
    return (await entryOf(ask, user))?.email;
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return undefined;
  }
}

/** The account of exactly this user name: a search finds everybody whose name contains it. */
async function byUsername(
  ask: Ask,
  user: string,
): Promise<{ id: number; username: string; email: string; active: boolean; groups: readonly string[] } | undefined> {
  const results = await askAuthentik(ask, `/core/users/?username=${encodeURIComponent(user)}&page_size=100`);
  const found = results.find(({ username }) => username === user);
  const id = number(found?.pk);
  if (found === undefined || id === undefined) return undefined;
  const groups = Array.isArray(found.groups) ? found.groups.filter((one) => typeof one === 'string') : [];
  return { id, username: user, email: text(found.email) ?? '', active: found.is_active !== false, groups };
}
