import { PLACES } from '../mail/ports.ts';
import type { RecordEdits } from '../mail/world.ts';
import { RSA_1024 } from '../mail/zone.ts';
import type { World } from '../world.ts';
import type { Setting } from './authentik/build.ts';
import { healthyWorld } from './healthy.ts';

const REVERSE = `${PLACES.public4.split('.').toReversed().join('.')}.in-addr.arpa`;
const NS = ['ns.sandbox.test'];
const MX = ['1 mail.sandbox.test', '20 mx2.sandbox.test'];

/** What is wrong with the records of mail in each of their worlds; everything else is healthy. */
const RECORDS = {
  /** Somebody tidied up the zone and took the MX records along. */
  'mail-dns-nowhere': {
    everywhere: { 'sandbox.test': { NS, TXT: ['v=spf1 mx include:spf.relay.test ~all'] } },
  },
  /** A second service's instructions were followed to the letter: two SPF records. */
  'mail-dns-forged': {
    everywhere: {
      'sandbox.test': { NS, MX, TXT: ['v=spf1 mx include:spf.relay.test ~all', 'v=spf1 include:spf.relay.test -all'] },
    },
  },
  /** The key is from another decade. */
  'mail-dns-old-key': {
    everywhere: { 'mail._domainkey.sandbox.test': { TXT: [`v=DKIM1; k=rsa; p=${RSA_1024}`] } },
  },
  /** The house has a zone of its own, and nobody copied SPF and DKIM into it. */
  'mail-dns-own-mail-quarantined': {
    internal: { 'sandbox.test': { NS, MX: ['1 mail.sandbox.test'] }, 'mail._domainkey.sandbox.test': {} },
  },
  /** The provider names the address, and somebody wrote down that this is known. */
  'mail-dns-provider-name': {
    everywhere: { [REVERSE]: { PTR: ['127-31-1.pool.provider.test'] } },
    ptrWaiver: 'the provider gives no reverse name and a relay sends',
  },
  /** The same, and nobody wrote it down. */
  'mail-dns-provider-name-unknown': {
    everywhere: { [REVERSE]: { PTR: ['127-31-1.pool.provider.test'] } },
  },
  /** MTA-STS is announced; the site that answers every name answers there, with 200. */
  'mail-dns-policy': { policy: 'wildcard' },
  /** The zone was changed, and the world has not seen it yet. */
  'mail-dns-just-changed': {
    authoritative: { '_dmarc.sandbox.test': { TXT: ['v=DMARC1; p=reject; rua=mailto:dmarc@sandbox.test'] } },
  },
  /** The internal name server is down. */
  'mail-dns-inside-silent': { internalSilent: true },
  /** The block list does not answer this resolver. */
  'mail-dns-list-refuses': { internal: blockList('127.255.255.254') },
  /** The address sent spam. */
  'mail-dns-rejected': { internal: blockList('127.0.0.2') },
} as const satisfies Readonly<Record<string, RecordEdits>>;

function blockList(code: string) {
  return { [`${PLACES.public4.split('.').toReversed().join('.')}.zen.spamhaus.org`]: { A: [code] } };
}

/** A healthy platform with one thing wrong in the records of mail. */
export function mailRecordsWorld(name: keyof typeof RECORDS, setting?: Setting): World {
  return { ...healthyWorld(setting), mail: { records: RECORDS[name] } };
}
