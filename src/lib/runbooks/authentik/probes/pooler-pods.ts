import type { Probe } from '../../../diagnosis/probe.ts';
import type { PodFact } from '../../evidence/pods.ts';
import type { DeploymentFact } from '../evidence/deployments.ts';
import { poolerPods } from '../evidence/outposts.ts';
import { judgeReplicas } from '../judge/replicas.ts';
import { DEPLOYMENTS_ID } from './deployments.ts';
import { PODS_ID } from './pods.ts';

/** Whether the pooler between Authentik and its database runs. */
export const poolerReplicas: Probe<null> = {
  id: 'authentik.pooler.pods',
  title: 'pgbouncer',
  layer: 'pooler',
  dependsOn: [PODS_ID, DEPLOYMENTS_ID],
  kind: 'passive',
  cost: 'nothing: judges the lists of pods and Deployments',
  question: 'Are all pgbouncers ready?',
  why: 'Every connection of Authentik to its database goes through them, in session mode: without them the server is unready within seconds.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get pods,pdb -l app=pgbouncer`,
  healthy: 'Three of three ready.',
  failures: [
    { code: 'authentik.pgbouncer.down', meaning: 'No pgbouncer is ready.' },
    { code: 'pooler.none-ready', meaning: 'No pgbouncer is ready.' },
    { code: 'pooler.fewer-ready', meaning: 'Fewer are ready than there should be.' },
  ],

  collect: async () => null,

  judge: (_, given) =>
    judgeReplicas(given.answer<readonly DeploymentFact[]>(DEPLOYMENTS_ID), {
      part: 'pooler',
      pods: poolerPods(given.answer<readonly PodFact[]>(PODS_ID)),
      none: 'pooler.none-ready',
      fewer: 'pooler.fewer-ready',
      cause: 'authentik.pgbouncer.down',
    }),
};
