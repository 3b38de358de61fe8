import { DEPLOYMENTS } from '../../../clients/kubernetes/kinds.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { mayList } from '../../evidence/needs.ts';
import { count } from '../../words.ts';
import { type DeploymentFact, partOf, toDeploymentFact } from '../evidence/deployments.ts';

export const DEPLOYMENTS_ID = 'authentik.cluster.deployments';

/** What should run. */
export const deployments: Probe<readonly DeploymentFact[]> = {
  id: DEPLOYMENTS_ID,
  title: 'Deployments of Authentik',
  layer: 'context',
  needs: (site) => [mayList(DEPLOYMENTS, site.authentik.namespace.value)],
  kind: 'passive',
  cost: '1 list of Deployments',
  question: 'How many pods should each part have?',
  why: 'The number changes from month to month. It is read from the Deployment and from nowhere else.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get deployments -o wide`,
  healthy: 'Server, worker, pgbouncer, and the outposts unless they are embedded.',
  failures: [
    {
      code: 'cluster.rollout-stuck',
      meaning: 'A rollout does not get on: ProgressDeadlineExceeded, or pods cannot be created.',
    },
  ],

  async collect({ client, site }) {
    const found = await (await client('kubernetes')).list(DEPLOYMENTS, { namespace: site.authentik.namespace.value });
    return found.map(toDeploymentFact).sort((a, b) => a.name.localeCompare(b.name, 'en'));
  },

  judge(found) {
    const known = found.filter((deployment) => partOf(deployment) !== 'other');
    if (known.length === 0)
      return { verdict: 'UNKNOWN', reason: 'empty', detail: 'no Deployment of Authentik in the namespace' };
    const stuck = found.filter((deployment) => deployment.stuck.length > 0);
    if (stuck.length === 0)
      return { verdict: 'PASS', detail: `${count(known.length, 'Deployment')}, no rollout stuck` };
    const detail = stuck.map(({ name, stuck: [why = ''] }) => `${name}: ${why}`).join('; ');
    return {
      verdict: 'WARN',
      detail,
      observations: stuck.map(({ name }) => ({ code: 'cluster.rollout-stuck', subject: name })),
    };
  },
};
