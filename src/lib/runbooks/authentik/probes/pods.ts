import { PODS } from '../../../clients/kubernetes/kinds.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { mayList } from '../../evidence/needs.ts';
import { type PodFact, toPodFact } from '../../evidence/pods.ts';
import { count } from '../../words.ts';
import { outpostsOf, poolerPods, serverPods, workerPods } from '../evidence/outposts.ts';

export const PODS_ID = 'authentik.cluster.pods';

/** The question that most others stand on: which pods there are. Each part of Authentik is judged by a probe of its own. */
export const pods: Probe<readonly PodFact[]> = {
  id: PODS_ID,
  title: 'pods of Authentik',
  layer: 'context',
  needs: (site) => [mayList(PODS, site.authentik.namespace.value)],
  kind: 'passive',
  cost: '1 list of pods',
  question: 'Which pods does Authentik consist of here?',
  why: 'The platform exists in three shapes: one outpost, several, or none of its own. Every other question is asked of the pods that are there, never of names from a document.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get pods -o wide --show-labels`,
  healthy: 'Server, worker, pgbouncer and outpost pods are listed.',
  failures: [
    {
      code: 'cluster.no-server-pods',
      meaning: 'There is no pod of the server at all: scaled to zero, or another namespace.',
    },
  ],

  async collect({ client, site }) {
    const kubernetes = await client('kubernetes');
    const found = await kubernetes.list(PODS, { namespace: site.authentik.namespace.value });
    return found.map(toPodFact).sort((a, b) => a.name.localeCompare(b.name, 'en'));
  },

  judge(found) {
    if (found.length === 0) {
      const detail = 'no pod at all in the namespace: is authentik.namespace in infra.yaml right?';
      return { verdict: 'UNKNOWN', reason: 'empty', detail };
    }
    const outposts = outpostsOf(found).filter(({ embedded }) => !embedded);
    const parts = [
      count(serverPods(found).length, 'server'),
      count(workerPods(found).length, 'worker'),
      count(poolerPods(found).length, 'pgbouncer', 'pgbouncer'),
      outposts.length === 0 ? 'outpost embedded in the server' : count(outposts.length, 'outpost'),
    ];
    const detail = `${count(found.length, 'pod')}: ${parts.join(', ')}`;
    if (serverPods(found).length > 0) return { verdict: 'PASS', detail };
    return { verdict: 'FAIL', detail, observations: [{ code: 'cluster.no-server-pods' }] };
  },
};
