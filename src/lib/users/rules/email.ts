import { quoted } from '../quoted.ts';
import { violation } from '../schema.ts';
import type { Rule } from './rule.ts';
import { others } from './rule.ts';

const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function isAddress(email: string): boolean {
  const at = email.lastIndexOf('@');
  const [local, domain] = [email.slice(0, Math.max(0, at)).toLowerCase(), email.slice(at + 1).toLowerCase()];
  return email.length <= 254 && local.length <= 64 && LOCAL.test(local) && DOMAIN.test(domain);
}

/** Rules about the e-mail: it is the subject in the cluster, the alias in Vault and the key of the portal's list. */
export const EMAIL_RULES: readonly Rule[] = [
  {
    id: 'email-form',
    check: ({ entry: { email } }) =>
      isAddress(email)
        ? []
        : [
            violation(
              'email-form',
              `${quoted(email)} is not an e-mail address, and it has to be the one that Authentik sends when the user logs in.`,
            ),
          ],
  },
  {
    id: 'email-case',
    check: ({ entry: { email } }) =>
      email === email.toLowerCase() || !isAddress(email)
        ? []
        : [
            violation(
              'email-case',
              `The e-mail ${quoted(email)} has capital letters: cluster, Vault and dashboard compare it letter by letter with what Authentik sends. Write ${quoted(email.toLowerCase())}.`,
            ),
          ],
  },
  {
    id: 'email-taken',
    check: (user, facts) =>
      others(user, facts)
        .filter((other) => other.claims.email?.toLowerCase() === user.entry.email.toLowerCase())
        .map((other) =>
          violation(
            'email-taken',
            `The e-mail ${quoted(user.entry.email)} belongs to the user ${quoted(other.name)}: with the same one twice the rbac stack fails for everybody.`,
          ),
        ),
  },
  {
    id: 'email-authentik',
    check: ({ entry: { email } }, facts) => {
      const account = facts.authentik.state === 'answered' ? facts.authentik.value : undefined;
      return account === undefined || account.email === email
        ? []
        : [
            violation(
              'email-differs-from-authentik',
              `Authentik writes this e-mail ${quoted(account.email)}, not ${quoted(email)}: logins would match no binding. Use Authentik’s spelling, or change it there first.`,
            ),
          ];
    },
  },
];
