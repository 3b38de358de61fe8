import { SERVICES } from '../../../clients/kubernetes/kinds.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { mayGet } from '../../evidence/needs.ts';
import { maybe } from '../../evidence/shape.ts';
import { balancerAddresses } from '../evidence/traefik.ts';

export const BALANCER_ID = 'authentik.edge.balancer';

/** Where Traefik is, and where infra.yaml believes it is. */
export type BalancerEvidence = { readonly addresses: readonly string[]; readonly configured?: string };

/** The address that everything enters by. */
export const edgeBalancer: Probe<BalancerEvidence> = {
  id: BALANCER_ID,
  title: 'load balancer',
  layer: 'edge',
  needs: (site) => [mayGet(SERVICES, site.edge.traefik.namespace.value)],
  kind: 'passive',
  cost: '1 Service',
  question: 'Which address did the load balancer give to Traefik?',
  why: 'It has moved before. Whatever still points at the old address, DNS inside the network or the tunnel’s origin, then fails while Traefik is healthy.',
  byHand: (site) =>
    `kubectl -n ${site.edge.traefik.namespace.value} get svc ${site.edge.traefik.service.value} -o jsonpath='{.status.loadBalancer.ingress}'`,
  healthy: 'One address, and the one that is configured.',
  failures: [{ code: 'edge.no-address', meaning: 'The Service has no address: nothing can enter.' }],

  async collect(ask) {
    const addresses = await balancerAddresses(ask);
    const configured = ask.site.edge.traefik.address.value;
    return { addresses: addresses ?? [], ...maybe('configured', configured) };
  },

  judge({ addresses, configured }) {
    const [first] = addresses;
    if (first !== undefined)
      return {
        verdict: 'PASS',
        detail: configured === undefined ? first : `${addresses.join(', ')}; asked is ${configured}`,
      };
    // A site may enter by host network or node ports: then somebody has said where.
    if (configured !== undefined)
      return {
        verdict: 'SKIP',
        reason: 'not-applicable',
        detail: `the Service has no address of its own; asked is ${configured}`,
      };
    return { verdict: 'FAIL', detail: 'the Service has no address', observations: [{ code: 'edge.no-address' }] };
  },
};
