import type { Site } from '../site/site.ts';
import type { Shape } from '../stacks/stack.ts';
import type { User } from './entry.ts';
import type { ExpectedObject } from './expected-object.ts';
import { accessOf, authentikOf } from './objects/access.ts';
import {
  bindingsOfRole,
  dashboardOf,
  domainsOf,
  namespaceRightsOf,
  portalOf,
  woodpeckerOf,
} from './objects/cluster.ts';
import { identityOf, namespaceBasicsOf } from './objects/vault.ts';

/**
 * Everything that an entry stands for, in the order in which it comes to be: what the vault stack makes, then rbac (or
 * platform, in the documented shape), cloudflared, k8s-dashboard, woodpecker; then what has to follow from it.
 * The documented shape has no dashboard accounts. Pure.
 */
export function expectedObjects(user: User, shape: Shape, site: Site): readonly ExpectedObject[] {
  const isOwner = user.entry.role === 'namespace-owner';
  const namespaces = isOwner ? user.entry.namespaces : [];
  const stack = shape === 'extracted' ? 'rbac' : 'platform';
  return [
    ...namespaces.flatMap((namespace) => namespaceBasicsOf(namespace, site)),
    ...(isOwner ? identityOf(user, site) : []),
    ...bindingsOfRole(user, stack),
    ...namespaces.flatMap((namespace) => namespaceRightsOf(user, namespace, stack, site)),
    ...(shape === 'extracted' ? dashboardOf(user, namespaces, stack, site) : []),
    portalOf(user, stack, site),
    ...(isOwner ? domainsOf(user, shape === 'extracted' ? 'cloudflared' : 'platform') : []),
    ...(isOwner ? [woodpeckerOf(user, site)] : []),
    ...accessOf(user, namespaces),
    authentikOf(user),
  ];
}
