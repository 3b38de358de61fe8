import type { Answer, Exchange } from '../http/exchange.ts';
import { authorize } from './rbac.ts';
import type { ClusterState, User } from './state.ts';
import { statusAnswer, unauthorized } from './status.ts';

const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who asks: the bearer token's user, anonymous without one, or whom an allowed user impersonates. */
export function identify(state: ClusterState, ask: Exchange): User | Answer {
  const header = ask.headers.authorization ?? '';
  const token = /^Bearer (.+)$/i.exec(header)?.[1];
  if (header !== '' && token === undefined) return unauthorized();
  const user = token === undefined ? ANONYMOUS : state.tokens.get(token);
  if (user === undefined) return unauthorized();
  const as = ask.headers['impersonate-user'];
  if (as === undefined) return user;
  if (!authorize(state, user, { verb: 'impersonate', group: '', resource: 'users', name: as }).allowed) {
    const message = `users "${as}" is forbidden: User "${user.name}" cannot impersonate resource "users" in API group "" at the cluster scope`;
    return statusAnswer(403, 'Forbidden', message, { name: as, kind: 'users' });
  }
  const groups = (ask.headers['impersonate-group'] ?? '').split(',').map((group) => group.trim());
  return { name: as, groups: [...groups.filter((group) => group !== ''), 'system:authenticated'] };
}
