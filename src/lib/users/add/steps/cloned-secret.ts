import type { Clients } from '../../../clients/clients.ts';
import { InfraError } from '../../../errors.ts';
import type { Site } from '../../../site/site.ts';
import type { StackPlan } from '../../../stacks/stack.ts';
import type { User } from '../../entry.ts';

const SECRET = { group: '', version: 'v1', plural: 'secrets' } as const;

/**
 * Refuses a plan that would create the TLS Secret of a namespace that has one already: a policy engine (Kyverno's
 * generate rules) clones it into every new namespace right after the vault stack made it, and the provider's plain
 * create would then fail half-way with 409. The import that settles it is named. Errors: `users.tls-secret-exists` (4).
 */
export async function refuseClonedSecret(
  clients: Pick<Clients, 'kubernetes'>,
  site: Site,
  user: User,
  plan: StackPlan,
): Promise<void> {
  const name = site.users.tlsSecret.value;
  const planned = plan.summary.changes.filter(
    (change) =>
      change.class === 'create' && /^kubernetes_secret(_v1)?$/.test(change.type) && change.address.includes('tls'),
  );
  for (const namespace of user.entry.namespaces) {
    const create = planned.find(
      (change) => change.address.includes(`["${namespace}"]`) || change.address.includes(`-${namespace}"]`),
    );
    if (create === undefined) continue;
    if ((await clients.kubernetes.get(SECRET, name, namespace)) === undefined) continue;
    throw new InfraError(
      'users.tls-secret-exists',
      'refused',
      `The Secret ${namespace}/${name} exists already, and the plan of ${plan.stack} would create it: the apply would fail half-way.`,
      {
        hints: [
          `Import it: cd stacks/${plan.stack} && terragrunt import '${create.address}' ${namespace}/${name}`,
          'then run the same command again.',
        ],
      },
    );
  }
}
