import type { Clients } from '../../../clients/clients.ts';
import { InfraError } from '../../../errors.ts';
import type { Site } from '../../../site/site.ts';
import type { User } from '../../entry.ts';
import type { RuleFacts } from '../../facts.ts';
import { forgejoLogin } from '../../forgejo.ts';
import { answer, blocking, type CheckAnswer } from './check.ts';

/** Authentik has to know the e-mail: subject in the cluster, alias in Vault and key of the dashboard all come from it. */
export function checkAuthentikAccount(user: User, facts: RuleFacts): CheckAnswer | undefined {
  const [id, title] = ['users.add.authentik', 'Authentik'];
  const { authentik } = facts;
  if (authentik.state === 'not-configured') {
    return answer(id, title, 'SKIP', `not asked: ${authentik.detail}`, { reason: 'not-configured' });
  }
  // An Authentik that did not answer is listed among the facts that could not be asked.
  if (authentik.state === 'unknown') return undefined;
  if (authentik.value === undefined) {
    return blocking(
      id,
      title,
      new InfraError(
        'users.authentik-no-account',
        'data',
        `Authentik has no account with the e-mail ${user.entry.email}.`,
        {
          hints: ['Invite the person first, then run the same command again.'],
        },
      ),
    );
  }
  return answer(id, title, 'PASS', `account ${user.entry.email} exists`);
}

/**
 * A namespace-owner becomes a Woodpecker admin by login name, and pipelines there are cluster admin: a login that nobody
 * has claimed would belong to whoever registers it first.
 */
export async function checkForgejoLogin(
  clients: Pick<Clients, 'http' | 'tokens'>,
  site: Site,
  user: User,
): Promise<CheckAnswer> {
  const [id, title] = ['users.add.forgejo', 'Forgejo'];
  const login = await forgejoLogin(clients, site, user.name);
  if (login === 'exists') return answer(id, title, 'PASS', `login ${user.name} exists`);
  if (login === 'not-configured') {
    return answer(id, title, 'SKIP', 'not asked: users.forgejo is not configured', { reason: 'not-configured' });
  }
  return blocking(
    id,
    title,
    new InfraError(
      'users.forgejo-unclaimed',
      'refused',
      `Forgejo has no login ${user.name}. ${user.name} would be a Woodpecker admin, and whoever registers that login first would be it.`,
      { hints: [`Let the person register the login ${user.name}, then run the same command again.`] },
    ),
  );
}

/** The admin role is cluster admin: the e-mail has to be typed a second time, on the terminal or as --confirm. */
export function checkAdminConfirmed(user: User, confirmEmail: string | undefined): CheckAnswer | undefined {
  if (user.entry.role !== 'admin') return undefined;
  const [id, title] = ['users.add.admin', 'admin role'];
  if (confirmEmail === user.entry.email) return answer(id, title, 'PASS', `${user.entry.email} was typed twice`);
  const typed = confirmEmail === undefined ? 'was not confirmed' : 'does not match --confirm';
  return blocking(
    id,
    title,
    new InfraError(
      'users.admin-not-confirmed',
      'refused',
      `An admin may do everything in the cluster; the e-mail ${typed}.`,
      {
        hints: [`Add --confirm ${user.entry.email}`],
      },
    ),
  );
}
