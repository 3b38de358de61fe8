import type { ResourceChange } from '../../plan/plan-document.ts';
import type { Risk } from '../../stack.ts';
import { jobRisk } from './job.ts';
import { loadBalancerRisk } from './load-balancer.ts';
import { olderRisk } from './older.ts';
import { tunnelRisk } from './tunnel.ts';
import { vaultAuthRisk } from './vault-auth.ts';

/** Everything that makes one change dangerous although it destroys nothing, from the plan alone. Pure. */
export function risksOf(resource: ResourceChange): readonly Risk[] {
  const one = [tunnelRisk, loadBalancerRisk, vaultAuthRisk, jobRisk].map((rule) => rule(resource));
  return [...one.filter((risk) => risk !== undefined), ...olderRisk(resource)];
}
