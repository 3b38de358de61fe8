import { portsOf } from '../../../mail/ports.ts';
import { PROXY_ID } from '../names.ts';
import { dialFailures, dialledProbe } from './dialled.ts';

/** The node ports that mail from outside comes by. */
export const nodeProxy = dialledProbe({
  id: PROXY_ID,
  title: 'node, PROXY',
  layer: 'node',
  hop: 'node-proxy',
  prefix: 'node-proxy',
  beside: ['pod-proxy', 'service', 'node-health', 'haproxy'],
  cost: '1 connection a port to one node of the pool, with a PROXY v2 header of 192.0.2.250',
  question: 'Do the PROXY listeners take a header and greet?',
  why: 'HAProxy puts the sender’s address in front of each connection. A listener that has lost its option takes the header for what the sender says. Only complete PROXY headers are sent: a LOCAL one kills the smtpd of some Postfix versions.',
  byHand: (site) =>
    `infra mail check-ports --hop node-proxy   # node port ${portsOf(site).smtp?.nodePort ?? '<node port>'} and its like`,
  healthy: 'Greeting, STARTTLS and a valid certificate, after the header.',
  failures: [
    ...dialFailures('node-proxy', 'at a node port with a PROXY header'),
    { code: 'mail.node.port', meaning: 'The pod listens and the Service has it, but the node does not lead there.' },
    { code: 'mail.proxy.not-accepted', meaning: 'The listener is reached and does not take the header.' },
  ],
  causeOf({ phase }, inner) {
    if (phase === 'connect') return inner('pod-proxy', 'service') ? 'mail.node.port' : undefined;
    return inner('pod-proxy') ? 'mail.proxy.not-accepted' : undefined;
  },
});
