import type { Clients } from '../clients/clients.ts';
import { discover } from '../site/discovery.ts';
import { proposeSite } from '../site/propose.ts';
import type { Environment } from '../site/reading.ts';
import type { Site } from '../site/site.ts';
import { discoverStacks } from '../stacks/discover.ts';
import { applyOrder } from '../stacks/order.ts';
import { detectShape } from '../stacks/shape.ts';
import type { User } from '../users/entry.ts';

/** A user who needs every stack: with a domain, so that DNS is among them. */
const ANYBODY: User = {
  name: 'anybody',
  entry: {
    role: 'namespace-owner',
    email: 'anybody@example.com',
    namespaces: ['anybody'],
    domains: ['anybody'],
    quota: {},
  },
};

/** The infra.yaml that `infra init` writes: what the repository says today, whatever an infra.yaml of now says. */
export async function proposal(clients: Pick<Clients, 'files'>, site: Site, env: Environment): Promise<string> {
  const stacks = (await discoverStacks(clients, site)).filter((stack) => stack.scaffold !== true);
  const notFixed: Site = { ...site, users: { ...site.users, apply: { value: undefined, source: 'default' } } };
  return proposeSite({
    discovered: await discover(clients.files, site.root.value, site.stacks.wrapper.value),
    env,
    dir: site.stacks.dir.value,
    stackCount: stacks.length,
    readers: applyOrder(stacks, ANYBODY, notFixed).apply.map(({ stack }) => stack.name),
    shape: stacks.length === 0 ? undefined : detectShape(stacks).shape,
  });
}
