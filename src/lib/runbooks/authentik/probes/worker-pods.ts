import type { Probe } from '../../../diagnosis/probe.ts';
import type { PodFact } from '../../evidence/pods.ts';
import type { DeploymentFact } from '../evidence/deployments.ts';
import { workerPods } from '../evidence/outposts.ts';
import { judgeReplicas } from '../judge/replicas.ts';
import { DEPLOYMENTS_ID } from './deployments.ts';
import { PODS_ID } from './pods.ts';

/** Whether workers run, as many as there should be. */
export const workerReplicas: Probe<null> = {
  id: 'authentik.server.workers',
  title: 'worker',
  layer: 'server',
  dependsOn: [PODS_ID, DEPLOYMENTS_ID],
  kind: 'passive',
  cost: 'nothing: judges the lists of pods and Deployments',
  question: 'Are all workers ready?',
  why: 'Workers reconcile the outposts: a change of their configuration, and a repair of their Service, waits for them. Logins go on without.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get deployment goauthentik-worker`,
  healthy: 'As many ready as the Deployment wants.',
  failures: [
    { code: 'worker.none-ready', meaning: 'No worker is ready: outposts are no longer reconciled.' },
    { code: 'worker.fewer-ready', meaning: 'Fewer workers are ready than there should be.' },
  ],

  collect: async () => null,

  judge: (_, given) =>
    judgeReplicas(given.answer<readonly DeploymentFact[]>(DEPLOYMENTS_ID), {
      part: 'worker',
      pods: workerPods(given.answer<readonly PodFact[]>(PODS_ID)),
      none: 'worker.none-ready',
      fewer: 'worker.fewer-ready',
    }),
};
