import type { Probe } from '../../../diagnosis/probe.ts';
import type { PodFact } from '../../evidence/pods.ts';
import type { DeploymentFact } from '../evidence/deployments.ts';
import { serverPods } from '../evidence/outposts.ts';
import { judgeReplicas } from '../judge/replicas.ts';
import { DEPLOYMENTS_ID } from './deployments.ts';
import { PODS_ID } from './pods.ts';

/** Whether servers run, as many as there should be. */
export const serverReplicas: Probe<null> = {
  id: 'authentik.server.pods',
  title: 'server',
  layer: 'server',
  dependsOn: [PODS_ID, DEPLOYMENTS_ID],
  kind: 'passive',
  cost: 'nothing: judges the lists of pods and Deployments',
  question: 'Are all servers ready?',
  why: 'The server shows the login form and answers the outposts. Its readiness is its way to the database.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} get deployment goauthentik-server; kubectl -n ${site.authentik.namespace.value} get pods -l app.kubernetes.io/name=authentik,app.kubernetes.io/component=server`,
  healthy: 'As many ready as the Deployment wants.',
  failures: [
    { code: 'authentik.server.unready', meaning: 'No server is ready.' },
    { code: 'server.none-ready', meaning: 'No server is ready.' },
    { code: 'server.fewer-ready', meaning: 'Fewer servers are ready than there should be.' },
  ],

  collect: async () => null,

  judge: (_, given) =>
    judgeReplicas(given.answer<readonly DeploymentFact[]>(DEPLOYMENTS_ID), {
      part: 'server',
      pods: serverPods(given.answer<readonly PodFact[]>(PODS_ID)),
      none: 'server.none-ready',
      fewer: 'server.fewer-ready',
      cause: 'authentik.server.unready',
    }),
};
