/** Hops from inside to outside, as their observations begin. */
const HOPS = ['service', 'node-health', 'node-proxy', 'haproxy', 'public4', 'public6'] as const;
type HopPrefix = (typeof HOPS)[number];

/** What one sees at a hop when something inside it is broken. */
function dead(...hops: readonly HopPrefix[]): readonly string[] {
  return hops.flatMap((hop) => [`${hop}.unreachable`, `${hop}.no-answer`]);
}

/** Mail from outside does not arrive. */
export const NOT_ARRIVING = [
  'roundtrip.stale',
  'roundtrip.never',
  'mail.roundtrip.stale',
  'second-queue.primary-refuses',
  'second-queue.waiting',
  'second-queue.many',
];

/** From the balancer outwards. */
export const BEHIND_HAPROXY = [...dead('haproxy', 'public4', 'public6'), ...NOT_ARRIVING];

/** From the node ports outwards. */
export const BEHIND_NODES = ['balancer.backend-down', 'balancer.degraded', ...BEHIND_HAPROXY];

/** The mail server itself serves nobody. */
export const BEHIND_SERVER = [...dead('service', 'node-health', 'node-proxy'), ...BEHIND_NODES];

/** The same problem shown by every hop that shows the listener's own words. */
export function everywhere(kind: 'certificate' | 'auth-before-tls'): readonly string[] {
  return HOPS.map((hop) => `${hop}.${kind}`);
}
