import { isInfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { readUsers } from '../document.ts';
import { planEdit } from '../edit.ts';
import type { User } from '../entry.ts';
import type { AddContext } from './request.ts';

/** Whether the entry itself is still there with these values. */
export async function entryFinding({ clients, site }: AddContext, user: User): Promise<Finding> {
  const { path, key } = site.vault.users;
  const base = {
    id: `users.entry/${user.name}`,
    title: `entry of ${user.name}`,
    command: `vault kv get -field=${key.value} ${path.value} | jq '.["${user.name}"]'`,
  };
  try {
    const { state } = planEdit(readUsers(await clients.vault.kvRead(path.value), site), user);
    if (state === 'same') return { ...base, verdict: 'PASS', detail: `in ${path.value}` };
    const detail = state === 'absent' ? 'somebody has taken it out meanwhile' : 'somebody has changed it meanwhile';
    return { ...base, verdict: 'FAIL', detail };
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    const reason = caught.status === 'denied' ? 'forbidden' : 'unreachable';
    return { ...base, verdict: 'UNKNOWN', reason, detail: caught.message };
  }
}
