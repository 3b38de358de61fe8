import { HAPROXY_ID } from '../names.ts';
import { dialFailures, dialledProbe } from './dialled.ts';

/** The balancer as the inside network sees it. */
export const haproxyPorts = dialledProbe({
  id: HAPROXY_ID,
  title: 'HAProxy',
  layer: 'haproxy',
  hop: 'haproxy',
  prefix: 'haproxy',
  beside: ['node-health', 'node-proxy', 'haproxy-state'],
  cost: '1 connection a port to HAProxy',
  question: 'Does HAProxy take connections and pass them on?',
  why: 'Everybody outside comes through it. It can fail to bind a single port and serve the others, and so look alive.',
  byHand: (site) => `nc -w15 ${site.mail.haproxy.value ?? '<balancer>'} 25   # 220; nothing is to be said before it`,
  healthy: 'Greeting, STARTTLS and a valid certificate at every port.',
  failures: [
    ...dialFailures('haproxy', 'at HAProxy'),
    {
      code: 'mail.haproxy.down',
      meaning:
        'HAProxy refuses the connection; or takes it and does not pass it on although its servers are up and answer.',
    },
    {
      code: 'mail.proxy.not-sent',
      meaning: 'It passes the connection on without the PROXY header that is waited for.',
    },
  ],
  causeOf({ phase, reason }, inner) {
    // Whoever refuses is there and does not listen; silence may as well be a ban or a cable.
    if (phase === 'connect') return reason === 'refused' || inner('node-proxy') ? 'mail.haproxy.down' : undefined;
    if (!inner('node-proxy', 'haproxy-state')) return undefined;
    return reason === 'proxy-expected' ? 'mail.proxy.not-sent' : 'mail.haproxy.down';
  },
});
