import type { Cause } from '../../../diagnosis/cause.ts';
import { NOT_ARRIVING } from './effects.ts';
import { inCode, look, verify, where } from './where.ts';

type RecordCause = {
  readonly thing: string;
  readonly title: string;
  readonly explains?: readonly string[];
  /** What to ask a name server, after `dig +short`. */
  readonly ask: (domain: string) => string;
  readonly repair: string;
};

/** Records are code: there is nothing to restart, and each change waits for a TTL. */
function recordCause({ thing, title, explains = [], ask, repair }: RecordCause): Cause {
  return {
    code: `mail.dns.${thing}`,
    layer: 'dns',
    title,
    explains: [...(thing === 'internal' ? [] : [`dns.${thing}`]), 'dns.differs', ...explains],
    remedies(judged) {
      const { domain } = where(judged);
      return [
        look('the record, as everybody sees it', `dig +short ${ask(domain)} @1.1.1.1`),
        look('every record at every server', 'infra mail dns'),
        { phase: 'now', text: repair, risk: 'write' },
        verify('dns'),
        inCode('the records are in the stack of the zone; the internal zone is another one', `dns-${thing}`),
      ];
    },
  };
}

export const DNS_CAUSES: readonly Cause[] = [
  recordCause({
    thing: 'mx',
    title: 'senders are not led to the mail server: its MX record is missing or wrong',
    explains: NOT_ARRIVING,
    ask: (domain) => `MX ${domain}`,
    repair: 'publish MX 1 for the mail server and MX 20 for the second one',
  }),
  recordCause({
    thing: 'address',
    title: 'the name of the mail server leads to another address',
    explains: NOT_ARRIVING,
    ask: (domain) => `A mail.${domain}`,
    repair: 'publish the addresses of mail.public',
  }),
  recordCause({
    thing: 'ptr',
    title: 'the public address has another name than the mail server: some receivers turn it away',
    ask: () => '-x <public address>',
    repair: 'ask the provider for the name; or accept it: mail.dns.ptrWaiver in infra.yaml, where a relay sends',
  }),
  recordCause({
    thing: 'spf',
    title: 'receivers cannot tell who sends for the domain: its SPF record is missing, doubled or too long',
    ask: (domain) => `TXT ${domain}`,
    repair: 'publish exactly one record that begins with v=spf1',
  }),
  recordCause({
    thing: 'dkim',
    title: 'receivers cannot check our signatures, or distrust the key',
    ask: (domain) => `TXT mail._domainkey.${domain}`,
    repair: 'publish the public half of the key that rspamd signs with; a new key gets a new selector',
  }),
  recordCause({
    thing: 'dmarc',
    title: 'the domain does not say what to do with forged mail',
    ask: (domain) => `TXT _dmarc.${domain}`,
    repair: 'publish one record that begins with v=DMARC1; p=quarantine',
  }),
  recordCause({
    thing: 'mta-sts',
    title: 'MTA-STS is announced, and its policy is not there or leaves out an MX',
    explains: NOT_ARRIVING,
    ask: (domain) => `TXT _mta-sts.${domain}`,
    repair: 'serve the policy with every MX in it and raise the id; or take the record away until it is served',
  }),
  recordCause({
    thing: 'block-list',
    title: 'our public address is on a block list: receivers turn it away',
    ask: () => '<reversed address>.zen.spamhaus.org',
    repair: 'find out what was sent and stop it, then ask the list to take the address out; a relay sends meanwhile',
  }),
  recordCause({
    thing: 'internal',
    title: 'the internal zone lacks records of mail: the mail server’s own filter distrusts its own domain',
    explains: [...NOT_ARRIVING, 'dns.mx', 'dns.address', 'dns.spf', 'dns.dkim', 'dns.dmarc', 'dns.mta-sts'],
    ask: (domain) => `TXT ${domain} @<internal name server>; dig +short TXT ${domain}`,
    repair: 'copy the public records of mail into the internal zone: it has to hold all of them',
  }),
];
