import { DEPLOYMENTS, PODS } from '../../../clients/kubernetes/kinds.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { mayGet, mayList } from '../../evidence/needs.ts';
import { type PodFact, toPodFact } from '../../evidence/pods.ts';
import { whyNotReady } from '../../judge/pod-state.ts';
import { count, some } from '../../words.ts';
import { AUTH_PROXY, AUTH_PROXY_SELECTOR } from '../names.ts';

export const AUTH_PROXY_ID = 'authentik.auth-proxy.pods';

/** Its pods. `isDeployed`: whether there should be some, asked only where there are none. */
export type AuthProxyEvidence = { readonly pods: readonly PodFact[]; readonly isDeployed: boolean };

/** The nginx that every request for a protected host passes. */
export const authProxyPods: Probe<AuthProxyEvidence> = {
  id: AUTH_PROXY_ID,
  title: 'auth proxy',
  layer: 'auth-proxy',
  needs: (site) => [mayList(PODS, site.edge.authProxy.namespace.value)],
  wishes: (site) => [mayGet(DEPLOYMENTS, site.edge.authProxy.namespace.value)],
  kind: 'passive',
  cost: '1 list of pods; 1 Deployment when there is none',
  question: 'Does the auth proxy run?',
  why: 'Traefik asks it before every request. It fails closed: without it every protected host answers 500, whatever Authentik does.',
  byHand: (site) => `kubectl -n ${site.edge.authProxy.namespace.value} get pods -l ${AUTH_PROXY_SELECTOR} -o wide`,
  healthy: 'Two of two ready, on two nodes.',
  failures: [
    { code: 'authentik.auth-proxy.down', meaning: 'No pod of the auth proxy is ready.' },
    { code: 'auth-proxy.none-ready', meaning: 'No pod is ready.' },
    { code: 'auth-proxy.fewer-ready', meaning: 'Not all pods are ready.' },
  ],

  async collect({ client, site }) {
    const kubernetes = await client('kubernetes');
    const namespace = site.edge.authProxy.namespace.value;
    const pods = await kubernetes.list(PODS, { namespace, labelSelector: AUTH_PROXY_SELECTOR });
    const isDeployed = pods.length > 0 || (await kubernetes.get(DEPLOYMENTS, AUTH_PROXY, namespace)) !== undefined;
    return { pods: pods.map(toPodFact).sort((a, b) => a.name.localeCompare(b.name, 'en')), isDeployed };
  },

  judge({ pods, isDeployed }): Judgement {
    const living = pods.filter(({ leaving, phase }) => !leaving && phase !== 'Succeeded' && phase !== 'Failed');
    const ready = living.filter((pod) => pod.ready);
    if (pods.length === 0 && !isDeployed) {
      const detail = 'there is no auth proxy: Traefik may ask the outpost itself';
      return { verdict: 'UNKNOWN', reason: 'empty', detail };
    }
    const why = living.flatMap((pod) => (pod.ready ? [] : [`${pod.name}: ${whyNotReady(pod)}`]));
    const detail = `${ready.length} of ${count(living.length, 'pod')} ready${why.length === 0 ? '' : ` (${some(why)})`}`;
    if (ready.length === 0) {
      const causes = [{ code: 'authentik.auth-proxy.down', detail }];
      return { verdict: 'FAIL', detail, observations: [{ code: 'auth-proxy.none-ready' }], causes };
    }
    if (ready.length < living.length)
      return { verdict: 'WARN', detail, observations: [{ code: 'auth-proxy.fewer-ready' }] };
    return { verdict: 'PASS', detail };
  },
};
