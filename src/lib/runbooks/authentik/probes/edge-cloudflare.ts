import type { Probe } from '../../../diagnosis/probe.ts';
import { askHosts, type LegEvidence, publicDial } from '../evidence/edge.ts';
import { judgeLeg, legFailures } from '../judge/judge-leg.ts';
import { HOSTS_ID, type HostsEvidence, isProtected } from './edge-hosts.ts';

export const CLOUDFLARE_ID = 'authentik.edge.cloudflare';

/** What a new visitor gets from outside. */
export const edgeCloudflare: Probe<LegEvidence> = {
  id: CLOUDFLARE_ID,
  title: 'through Cloudflare',
  layer: 'edge',
  dependsOn: [HOSTS_ID],
  kind: 'request',
  cost: 'at most 4 hosts, one GET each, half a second apart, 3 more along one login, 1 for the server’s readiness',
  timeoutMs: 40_000,
  question: 'What does a visitor without any cookie get, by the way that the public takes?',
  why: 'A session that is still valid hides the outage from whoever has one. Only a request without a cookie shows what everybody else sees, and several hosts show whether it is one of them or all.',
  byHand: (site) =>
    `curl -sS -o /dev/null -D - https://<host>/   # no cookie jar, no -L; dig +short @${site.edge.resolver.value.split(':')[0]} <host> shows where it goes`,
  healthy: '302 to https://<authentik>/application/o/authorize/…',
  failures: legFailures('cloudflare'),

  collect: (ask) => {
    const { hosts, authentik } = ask.given.answer<HostsEvidence>(HOSTS_ID);
    const by = `what ${ask.site.edge.resolver.value} says`;
    return askHosts(ask, { by, hosts, authentik, dial: publicDial(ask), follow: true, isOneAddress: false });
  },

  judge: (leg, given) => judgeLeg(leg, 'cloudflare', isProtected(given.answer<HostsEvidence>(HOSTS_ID))),
};
