/** Zones of domains whose records of mail are right, or wrong in one way each. */
import { generateKeyPairSync } from 'node:crypto';
import type { MailAddresses } from './addresses.ts';
import type { Zones } from './dns.ts';

/** Addresses that nothing is sent to: they only stand in records. */
export const PUBLIC = { ipv4: '203.0.113.76', ipv6: '2001:db8:76::2' } as const;

/** Strings of a TXT record, each of at most 255 characters. */
function txt(value: string): string {
  return `TXT ${(value.match(/.{1,255}/g) ?? ['']).map((part) => `"${part}"`).join(' ')}`;
}

/** The TXT record of a fresh RSA key. */
function dkim(bits: number): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
}

const right = (web: string): readonly string[] => [
  '@ MX 1 mail',
  '@ MX 20 mx2',
  `mail A ${PUBLIC.ipv4}`,
  `mail AAAA ${PUBLIC.ipv6}`,
  'mx2 A 203.0.113.215',
  `@ ${txt('v=spf1 include:spf.relay.test ~all')}`,
  `@ ${txt('another=matter')}`,
  `mail._domainkey ${txt(STRONG)}`,
  `_dmarc ${txt('v=DMARC1; p=quarantine; rua=mailto:dmarc@example.test')}`,
  `_mta-sts ${txt('v=STSv1; id=20261121')}`,
  `_smtp._tls ${txt('v=TLSRPTv1; rua=mailto:postmaster@example.test')}`,
  `mta-sts A ${web}`,
];

const STRONG = dkim(2048);

/** Lines of `right` with some of them replaced; undefined takes one out. Lines are found by how they begin. */
function but(lines: readonly string[], changes: Readonly<Record<string, string | undefined>>): readonly string[] {
  const begins = Object.keys(changes);
  const kept = lines.filter((line) => !begins.some((each) => line.startsWith(each)));
  const added = Object.values(changes).flatMap((line) => (line === undefined ? [] : line.split('\n')));
  return [...kept, ...added];
}

const SPF = '@ TXT "v=spf1';
const DKIM = 'mail._domainkey';
const DMARC = '_dmarc';

/** All of them; `elsewhere` is what the second server and the internal one have instead. */
export function zonesOf({ web, balancer }: MailAddresses): { zones: Zones; secondary: Zones; internal: Zones } {
  const good = right(web);
  const many = Array.from({ length: 11 }, (_, at) => `include:spf${at}.relay.test`).join(' ');
  const zones: Zones = {
    'servers.test': [],
    'right.test': good,
    'bare.test': good.slice(0, 5),
    'weak.test': but(good, {
      [SPF]: `@ ${txt('v=spf1 ip4:203.0.113.76 ?all')}`,
      [DKIM]: `${DKIM} ${txt(dkim(1024))}`,
      [DMARC]: `${DMARC} ${txt('v=DMARC1; p=none')}`,
      '@ MX': '@ MX 1 mail',
    }),
    'wrong.test': but(good, {
      [SPF]: `@ ${txt('v=spf1 +all')}`,
      [DKIM]: `${DKIM} ${txt('v=DKIM1; k=rsa; p=')}`,
      [DMARC]: `${DMARC} ${txt('v=DMARC1; p=reject')}\n${DMARC} ${txt('v=DMARC1; p=none')}`,
      '@ MX': '@ MX 1 elsewhere.relay.test.',
      'mail A ': 'mail A 198.51.100.9',
      _mta: `_mta-sts ${txt('v=STSv1')}`,
    }),
    'heavy.test': but(good, { [SPF]: `@ ${txt(`v=spf1 ${many} ~all`)}` }),
    'dangling.test': but(good, { [SPF]: `@ ${txt('v=spf1 include:gone.relay.test -all')}` }),
    'alias.test': but(good, { [DKIM]: `${DKIM} CNAME key1.keys.test.` }),
    'stale.test': good,
    'inside.test': good,
    'relay.test': [
      `spf ${txt('v=spf1 ip4:203.0.113.0/24 ~all')}`,
      ...Array.from({ length: 11 }, (_, at) => `spf${at} ${txt('v=spf1 ip4:192.0.2.1 ~all')}`),
      'elsewhere A 198.51.100.9',
    ],
    '113.0.203.in-addr.arpa': ['76 PTR mail.right.test.', '77 PTR dynamic-77.provider.test.'],
    '8.b.d.0.1.0.0.2.ip6.arpa': [`${reverse(PUBLIC.ipv6)} PTR mail.right.test.`],
    'lists.test': [
      '77.113.0.203.zen A 127.0.0.2',
      '78.113.0.203.zen A 127.0.0.10',
      '79.113.0.203.zen A 127.255.255.254',
    ],
  };
  // A relay's zone, which the first server does not hold.
  const secondary: Zones = {
    'keys.test': [`key1 ${txt(STRONG)}`],
    'stale.test': but(good, { [SPF]: `@ ${txt('v=spf1 a -all')}` }),
  };
  const inside = but(good, { 'mail A ': `mail A ${balancer}`, 'mail AAAA': undefined, [DKIM]: undefined });
  return {
    zones,
    secondary,
    internal: { 'right.test': but(good, { 'mail A ': `mail A ${balancer}` }), 'inside.test': inside },
  };
}

/** The labels of an address below 2001:db8::/32. */
function reverse(address: string): string {
  const groups = address.replace('2001:db8:', '').split('::');
  const [head = '', tail = ''] = groups;
  const digits = `${head.padStart(4, '0')}${'0'.repeat(16)}${tail.padStart(4, '0')}`;
  return [...digits].reverse().join('.');
}
