import { portsOf } from '../../../mail/ports.ts';
import { HEALTH_ID } from '../names.ts';
import { dialFailures, dialledProbe } from './dialled.ts';

/** The node ports that HAProxy's health checks ask. */
export const nodeHealth = dialledProbe({
  id: HEALTH_ID,
  title: 'node health',
  layer: 'node',
  hop: 'node-health',
  prefix: 'node-health',
  beside: ['pod', 'service', 'node-proxy', 'haproxy'],
  cost: '1 connection a port to one node of the pool',
  question: 'Does a node lead to the stock listeners?',
  why: 'HAProxy checks these ports, without PROXY: when they are dead it takes every server out, although mail itself could flow. Runs take turns among the nodes.',
  byHand: (site) =>
    `nc -w5 ${site.mail.nodes.value?.[0]?.address ?? '<node>'} ${portsOf(site).smtp?.healthPort ?? '<health port>'}   # 220; nothing is to be said before it`,
  healthy: 'Greeting, STARTTLS and a valid certificate, at every port that has a health port.',
  failures: [
    ...dialFailures('node-health', 'at a health port'),
    { code: 'mail.node.port', meaning: 'The pod listens and the Service has it, but the node does not lead there.' },
    { code: 'mail.listener.broken', meaning: 'The listener is reached, and does not greet or speak as it should.' },
  ],
  causeOf({ phase }, inner) {
    if (!inner('pod', 'service')) return undefined;
    return phase === 'connect' ? 'mail.node.port' : 'mail.listener.broken';
  },
});
