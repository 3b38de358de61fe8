import type { Probe } from '../../../diagnosis/probe.ts';
import type { Site } from '../../../site/site.ts';
import { askHosts, directDial, type HostFact, type LegEvidence } from '../evidence/edge.ts';
import { forwardNeeds, intoTraefik } from '../evidence/forward.ts';
import { traefikAddress } from '../evidence/traefik.ts';
import { judgeLeg, legFailures } from '../judge/judge-leg.ts';
import { HOSTS_ID, type HostsEvidence, isProtected } from './edge-hosts.ts';

export const DIRECT_ID = 'authentik.edge.direct';

/** The same question without Cloudflare. */
export const edgeDirect: Probe<LegEvidence> = {
  id: DIRECT_ID,
  title: 'direct to Traefik',
  layer: 'edge',
  dependsOn: [HOSTS_ID],
  kind: 'request',
  cost: 'at most 4 hosts, one GET each, half a second apart, 1 for the server’s readiness; by port-forward where the address does not answer',
  wishes: forwardNeeds,
  timeoutMs: 40_000,
  question: 'What does the same visitor get straight from Traefik?',
  why: 'The same answer without Cloudflare clears Cloudflare, its Workers and the tunnel in half a minute; another one convicts them.',
  byHand: (site) => {
    const { namespace, service } = site.edge.traefik;
    return `curl -sSk -o /dev/null -D - --connect-to "${connectTo(site)}" https://<host>/   # outside the network first: kubectl -n ${namespace.value} port-forward svc/${service.value} 8443:443`;
  },
  healthy: 'The same 302 as through Cloudflare.',
  failures: legFailures('direct'),

  collect: async (ask) => {
    const { hosts, authentik } = ask.given.answer<HostsEvidence>(HOSTS_ID);
    const address = await traefikAddress(ask);
    const dial = directDial(address, ask.site.edge.port.value);
    const leg = await askHosts(ask, { by: address, hosts, authentik, dial, follow: false, isOneAddress: true });
    const [first] = leg.hosts;
    if (first === undefined || !leg.hosts.every(isSilent)) return leg;
    const { reason = 'unreachable', message = '' } = first.first;
    const silent = { address, reason, message };
    const way = await intoTraefik(ask);
    if ('why' in way) return { ...leg, silent: { ...silent, why: way.why } };
    const { tunnel } = way;
    const visit = {
      by: tunnel.by,
      hosts,
      authentik,
      dial: async () => ({ tunnel }),
      follow: false,
      isOneAddress: true,
    };
    const inside = await askHosts(ask, visit);
    const why = inside.hosts.find(isSilent)?.first.message ?? 'no answer';
    return inside.hosts.every(isSilent) ? { ...leg, silent: { ...silent, why } } : { ...inside, silent };
  },

  judge: (leg, given) => judgeLeg(leg, 'direct', isProtected(given.answer<HostsEvidence>(HOSTS_ID))),
};

const isSilent = ({ first: { status, reason } }: HostFact): boolean =>
  status === undefined && (reason === 'unreachable' || reason === 'timeout');

/** The value of curl's --connect-to that dials Traefik, whatever the host. */
export function connectTo(site: Site): string {
  const { namespace, service, address } = site.edge.traefik;
  const port = site.edge.port.value;
  const asked = `$(kubectl -n ${namespace.value} get svc ${service.value} -o jsonpath='{.status.loadBalancer.ingress[0].ip}')`;
  const [host = asked, other = String(port)] = address.value?.split(':') ?? [];
  return `<host>:443:${host}:${other}`;
}
