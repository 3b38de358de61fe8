import type { MailSite } from '../mail-site.ts';
import { type DnsView, type MailQuestion, plainName } from './dns-rows.ts';
import { listedName } from './records/block-list.ts';

/** The domain that mail is for: as set, else the mail server's name without its first label. */
export function domainOf(site: MailSite, hostname: string): string {
  return plainName(site.mail.dns.domain.value ?? hostname.replace(/^[^.]+\./, ''));
}

/** What is asked of every server of the zone. */
export function zoneQuestions(site: MailSite, hostname: string): readonly MailQuestion[] {
  const domain = domainOf(site, hostname);
  const host = plainName(hostname);
  return [
    { record: 'mx', name: domain, type: 'MX' },
    { record: 'a', name: host, type: 'A' },
    { record: 'aaaa', name: host, type: 'AAAA' },
    { record: 'spf', name: domain, type: 'TXT' },
    ...site.mail.dns.selectors.value.map(
      (selector) => ({ record: 'dkim', name: `${selector}._domainkey.${domain}`, type: 'TXT' }) as const,
    ),
    { record: 'dmarc', name: `_dmarc.${domain}`, type: 'TXT' },
    { record: 'mta-sts', name: `_mta-sts.${domain}`, type: 'TXT' },
    { record: 'tls-rpt', name: `_smtp._tls.${domain}`, type: 'TXT' },
  ];
}

/** Names of the public addresses: their zone is the provider's, so only everybody's server is asked. */
export function reverseQuestions(site: MailSite): readonly MailQuestion[] {
  return publicAddresses(site).map((name) => ({ record: 'ptr', name, type: 'PTR' }));
}

/** Lists of senders of spam, asked for the public IPv4 address. */
export function blockListQuestions(site: MailSite): readonly MailQuestion[] {
  const address = site.mail.public.value?.ipv4;
  if (address === undefined) return [];
  return site.mail.dns.blockLists.value.map((list) => ({
    record: 'block-list',
    name: listedName(address, list),
    type: 'A',
  }));
}

/** Lists refuse resolvers that everybody uses: one's own is asked where there is one. */
export function blockListView(site: MailSite): DnsView {
  return site.mail.dns.internal.value === undefined ? 'public' : 'internal';
}

function publicAddresses(site: MailSite): readonly string[] {
  const { ipv4, ipv6 } = site.mail.public.value ?? {};
  return [ipv4, ipv6].flatMap((each) => (each === undefined ? [] : [each]));
}
