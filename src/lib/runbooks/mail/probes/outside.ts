import type { Hop } from '../../../mail/hops.ts';
import { IPV4_ID, IPV6_ID, SECOND_ID } from '../names.ts';
import { dialFailures, dialledProbe } from './dialled.ts';

/** What says whether this vantage is inside, and whether anything outside could be reached from here. */
const BESIDE: readonly Hop[] = ['node-health', 'node-proxy', 'haproxy', 'public-ipv4', 'public-ipv6', 'second-mx'];
const beside = (own: Hop, ...more: readonly Hop[]): readonly Hop[] => [...BESIDE.filter((hop) => hop !== own), ...more];

/** The public IPv4 address. */
export const outsideIpv4 = dialledProbe({
  id: IPV4_ID,
  title: 'public IPv4',
  layer: 'public',
  hop: 'public-ipv4',
  prefix: 'public4',
  beside: beside('public-ipv4', 'nat', 'roundtrip'),
  cost: '1 connection a port to the public IPv4 address',
  question: 'Does the Internet get in over IPv4?',
  why: 'This is what senders see. Many networks block port 25 on the way out, and from inside a public address often leads nowhere: what cannot be told from here is UNKNOWN, and a fresh roundtrip covers port 25.',
  byHand: (site) => `nc -w15 ${site.mail.public.value?.ipv4 ?? '<public address>'} 25   # from outside`,
  healthy: 'Greeting, STARTTLS and a valid certificate at every port; or port 25 covered by a roundtrip.',
  failures: [
    ...dialFailures('public4', 'at the public IPv4 address'),
    {
      code: 'mail.public.ipv4',
      meaning: 'Everything inside works, the rules are there, and the Internet does not get in.',
    },
  ],
  causeOf: (_, inner) => (inner('haproxy', 'nat') ? 'mail.public.ipv4' : undefined),
});

/** The public IPv6 address. */
export const outsideIpv6 = dialledProbe({
  id: IPV6_ID,
  title: 'public IPv6',
  layer: 'public',
  hop: 'public-ipv6',
  prefix: 'public6',
  beside: beside('public-ipv6', 'roundtrip'),
  cost: '1 connection a port to the public IPv6 address',
  question: 'Does the Internet get in over IPv6?',
  why: 'IPv6 comes by another way, often a HAProxy of its own in front of the balancer: one port that it cannot bind, and none of them answers. Senders try it first and fall back.',
  byHand: (site) => `nc -6 -w15 ${site.mail.public.value?.ipv6 ?? '<public address>'} 25   # from outside`,
  healthy: 'Greeting, STARTTLS and a valid certificate at every port; skipped where this machine has no IPv6.',
  failures: [
    ...dialFailures('public6', 'at the public IPv6 address'),
    { code: 'mail.public.ipv6', meaning: 'Everything inside works, and the Internet does not get in over IPv6.' },
  ],
  causeOf: (_, inner) => (inner('haproxy') ? 'mail.public.ipv6' : undefined),
});

/** Who keeps mail while we are away. */
export const outsideSecond = dialledProbe({
  id: SECOND_ID,
  title: 'second MX',
  layer: 'public',
  hop: 'second-mx',
  prefix: 'second-mx',
  beside: beside('second-mx', 'roundtrip'),
  cost: '1 connection to port 25 of the second MX',
  question: 'Would the second MX take mail?',
  why: 'Nobody needs it until the first one is away, so nobody notices when it is gone.',
  byHand: (site) => `nc -w15 ${site.mail.secondMx.value ?? '<second MX>'} 25`,
  healthy: 'Greeting and STARTTLS; its certificate is not judged.',
  failures: [
    ...dialFailures('second-mx', 'at the second MX'),
    { code: 'mail.second-mx', meaning: 'The second MX does not take mail, seen from where port 25 can be reached.' },
  ],
  causeOf: () => 'mail.second-mx',
});
