import type { MailSite } from '../../mail-site.ts';
import { type DnsView, fail, pass, plainName, type RecordJudgement, skip, warn } from '../dns-rows.ts';

/** Judges MX records. The internal server needs the mail server's only. */
export function judgeMx(records: readonly string[], site: MailSite, view: DnsView): RecordJudgement {
  const host = plainName(site.mail.hostname.value ?? '');
  const found = records
    .map((text) => ({ priority: Number(text.split(' ')[0]), name: plainName(text.split(' ')[1] ?? '') }))
    .toSorted((a, b) => a.priority - b.priority);
  const own = found.find(({ name }) => name === host);
  const listing = found.map(({ priority, name }) => `${priority} ${name}`).join(', ');
  const hint = `Publish MX 1 ${host}.`;
  if (found.length === 0) return fail('missing', 'there is no MX record', hint);
  if (own === undefined) return fail('wrong', `${listing}: not ${host}`, hint);
  const [first] = found;
  if (first !== undefined && first.priority < own.priority) {
    return warn('order', `${listing}: ${first.name} comes before ${host}`, 'The lowest number is tried first.');
  }
  const second = secondName(site);
  if (view !== 'internal' && second !== undefined && !found.some(({ name }) => name === second)) {
    return warn('second-missing', `${listing}: the second MX ${second} is not published`, `Publish MX 20 ${second}.`);
  }
  return pass(listing);
}

function secondName(site: MailSite): string | undefined {
  const name = site.mail.secondMx.value?.replace(/:\d+$/, '');
  return name === undefined || /^[\d.]+$|:/.test(name) ? undefined : plainName(name);
}

/** Judges the A or AAAA records of the mail server. Inside, the balancer's own address is right too. */
export function judgeAddresses(
  records: readonly string[],
  family: 'ipv4' | 'ipv6',
  site: MailSite,
  view: DnsView,
): RecordJudgement {
  const open = site.mail.public.value?.[family];
  const { haproxy } = site.mail;
  const right = [open, view === 'internal' ? haproxy.value : undefined].flatMap((each) =>
    each === undefined ? [] : [sameForm(each)],
  );
  const listing = records.join(', ');
  const type = family === 'ipv4' ? 'A' : 'AAAA';
  if (records.length === 0) {
    const isNeeded = family === 'ipv4' || (open !== undefined && view !== 'internal');
    if (!isNeeded) return pass('none, and none is needed');
    return fail('missing', `there is no ${type} record`, `Publish ${type} ${open ?? right[0] ?? '…'}.`);
  }
  if (right.length === 0) {
    if (family === 'ipv4')
      return skip('not-configured', `${listing}; mail.public.ipv4 is not set, so nothing to compare with`);
    return warn(
      'unexpected',
      `${listing}, though mail.public.ipv6 is not set: senders try it first`,
      'Set mail.public.ipv6, or take the record away.',
    );
  }
  const wrong = records.filter((each) => !right.includes(sameForm(each)));
  if (wrong.length === records.length)
    return fail('wrong', `${listing} instead of ${right.join(' or ')}`, `Publish ${type} ${right[0]}.`);
  if (wrong.length > 0)
    return warn('extra', `${wrong.join(', ')} besides the right address`, 'Senders try all of them.');
  return pass(listing);
}

/** IPv6 addresses have many spellings. */
function sameForm(address: string): string {
  return address.includes(':') && URL.canParse(`http://[${address}]`)
    ? new URL(`http://[${address}]`).hostname.slice(1, -1)
    : address;
}

/** Judges the names of a public address; many receivers turn away who has another one (RFC 1912 §2.1). */
export function judgePtr(records: readonly string[], site: MailSite): RecordJudgement {
  const host = plainName(site.mail.hostname.value ?? '');
  if (records.map(plainName).includes(host)) return pass(host);
  const detail = records.length === 0 ? 'the address has no name' : `${records.join(', ')} instead of ${host}`;
  const waiver = site.mail.dns.ptrWaiver.value;
  if (waiver !== undefined) return skip('waived', `${detail}; waived: ${waiver}`);
  return warn(
    records.length === 0 ? 'missing' : 'mismatch',
    detail,
    'Ask the provider for it, or say why not in mail.dns.ptrWaiver; a relay sends without it.',
  );
}
