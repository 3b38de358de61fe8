/** Where a fault can be, the lowest first: from the listeners in the pod outwards, then what needs the whole way. */
export const LAYERS = [
  { id: 'pod', title: 'the pod and its listeners' },
  { id: 'server', title: 'Postfix, Dovecot and rspamd' },
  { id: 'service', title: 'the Service' },
  { id: 'node', title: 'the node ports' },
  { id: 'haproxy', title: 'HAProxy' },
  { id: 'nat', title: 'address translation' },
  { id: 'public', title: 'the way in from the Internet' },
  { id: 'dns', title: 'the records of mail' },
  { id: 'outbound', title: 'the way out' },
  { id: 'roundtrip', title: 'the whole way' },
  { id: 'context', title: 'context' },
] as const;

/** Ids of the probes that others stand on or look at. */
export const SETTINGS_ID = 'mail.context.settings';
export const TURN_ID = 'mail.context.turn';
export const POD_ID = 'mail.pod.state';
export const LISTENERS_ID = 'mail.pod.listeners';
export const LOGS_ID = 'mail.server.logs';
export const SERVICE_ID = 'mail.service.endpoints';
export const GREETS_ID = 'mail.service.greeting';
export const HEALTH_ID = 'mail.node.health';
export const PROXY_ID = 'mail.node.with-proxy';
export const POOL_ID = 'mail.haproxy.pool';
export const HAPROXY_ID = 'mail.haproxy.ports';
export const NAT_ID = 'mail.nat.rules';
export const IPV4_ID = 'mail.outside.ipv4';
export const IPV6_ID = 'mail.outside.ipv6';
export const SECOND_ID = 'mail.outside.second-mx';
export const RECORDS_ID = 'mail.records.agree';
export const ROUNDTRIP_ID = 'mail.roundtrip.last';
