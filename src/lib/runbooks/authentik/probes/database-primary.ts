import { PODS } from '../../../clients/kubernetes/kinds.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { mayList } from '../../evidence/needs.ts';
import { type PodFact, toPodFact } from '../../evidence/pods.ts';
import { whyNotReady } from '../../judge/pod-state.ts';
import { PRIMARY_SELECTOR } from '../names.ts';

export const PRIMARY_ID = 'authentik.database.primary';

/** The one instance that writes. */
export const databasePrimary: Probe<readonly PodFact[]> = {
  id: PRIMARY_ID,
  title: 'database primary',
  layer: 'database',
  needs: (site) => [mayList(PODS, site.authentik.database.namespace.value)],
  kind: 'passive',
  cost: '1 list of pods',
  question: 'Is there one ready primary of the PostgreSQL cluster?',
  why: 'Everything that Authentik knows is in this database since it gave up Redis: without a primary the server answers 503.',
  byHand: (site) => `kubectl -n ${site.authentik.database.namespace.value} get pods -l ${PRIMARY_SELECTOR} -o wide`,
  healthy: 'One pod, ready.',
  failures: [
    {
      code: 'database.no-primary',
      meaning: 'No instance is primary, or the primary is not ready: a failover is under way or stuck.',
    },
  ],

  async collect({ client, site }) {
    const kubernetes = await client('kubernetes');
    return (
      await kubernetes.list(PODS, {
        namespace: site.authentik.database.namespace.value,
        labelSelector: PRIMARY_SELECTOR,
      })
    ).map(toPodFact);
  },

  judge(pods) {
    const [primary, ...others] = pods;
    if (primary === undefined) {
      const detail = 'no pod is labelled as primary: a failover, or authentik.database.namespace is another';
      return { verdict: 'UNKNOWN', reason: 'empty', detail };
    }
    if (others.length > 0) {
      const detail = `${pods.length} pods are labelled as primary: a failover is under way`;
      return { verdict: 'WARN', detail, observations: [{ code: 'database.no-primary' }] };
    }
    if (primary.ready) return { verdict: 'PASS', detail: `${primary.name} is ready` };
    const observations = [{ code: 'database.no-primary', subject: primary.name }];
    return { verdict: 'FAIL', detail: `${primary.name}: ${whyNotReady(primary)}`, observations };
  },
};
