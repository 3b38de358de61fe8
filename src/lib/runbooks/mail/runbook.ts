import type { Runbook } from '../../diagnosis/runbook.ts';
import { CAUSES } from './causes/causes.ts';
import { exonerate, shapeOf } from './conclusions.ts';
import { LAYERS } from './names.ts';
import { bans } from './probes/bans.ts';
import { haproxyPool } from './probes/haproxy-pool.ts';
import { haproxyPorts } from './probes/haproxy-ports.ts';
import { natRules } from './probes/nat-rules.ts';
import { nodeHealth } from './probes/node-health.ts';
import { nodeProxy } from './probes/node-proxy.ts';
import { outsideIpv4, outsideIpv6, outsideSecond } from './probes/outside.ts';
import { podListeners } from './probes/pod-listeners.ts';
import { podState } from './probes/pod-state.ts';
import { queueHere, queueSecond } from './probes/queues.ts';
import { recordProbes, records } from './probes/records.ts';
import { relay } from './probes/relay.ts';
import { roundtrip } from './probes/roundtrip.ts';
import { serverClients, serverLogs } from './probes/server-logs.ts';
import { serviceEndpoints, serviceGreeting } from './probes/service.ts';
import { settings } from './probes/settings.ts';
import { tls } from './probes/tls.ts';
import { turn } from './probes/turn.ts';

/** Mail does not come in, or does not go out. */
export const mail: Runbook = {
  subject: 'mail',
  title: 'Mail: coming in and going out',
  introduction:
    'Mail from outside passes a public address, the firewall, HAProxy, a node port and a listener that requires a PROXY header; mail from inside comes to other listeners by a Service. Whether mail arrives at all is asked first: a monitor sends one around from outside. Then every port is asked at every hop, from the pod outwards; the lowest hop that is broken explains those outside it. The log, the records, the queue and the relay come after that. It is a guest at servers that ban who is rude: one connection a port and hop, none again after a 421, no more than once a minute.',
  layers: LAYERS,
  probes: [
    roundtrip,
    podState,
    serverLogs,
    podListeners,
    tls,
    serviceEndpoints,
    serviceGreeting,
    nodeHealth,
    nodeProxy,
    haproxyPool,
    haproxyPorts,
    serverClients,
    natRules,
    bans,
    outsideIpv4,
    outsideIpv6,
    outsideSecond,
    records,
    ...recordProbes,
    queueHere,
    queueSecond,
    relay,
    settings,
    turn,
  ],
  causes: CAUSES,
  exonerate,
  shapeOf,
};
