import type { MailSite } from '../mail-site.ts';
import {
  type AskedRecord,
  type DnsRow,
  fail,
  pass,
  plainName,
  type RecordJudgement,
  recordsOf,
  skip,
  unknown,
} from './dns-rows.ts';
import type { GatheredDns } from './gather-dns.ts';
import { judgeAddresses, judgeMx, judgePtr } from './records/addresses.ts';
import { judgeListed } from './records/block-list.ts';
import { judgeDkim } from './records/dkim.ts';
import { judgePolicy } from './records/mta-sts-policy.ts';
import { judgeDmarc, judgeMtaSts, judgeTlsReports } from './records/policies.ts';
import { type Included, judgeSpf } from './records/spf.ts';

/** A row for every record and server, in the order in which they were asked. */
export function judgeDns(gathered: GatheredDns, site: MailSite): readonly DnsRow[] {
  const { asked, nameServers, policy } = gathered;
  const rows = asked.map((each) => row(each, judged(each, gathered, site)));
  const first = nameServers === undefined ? [] : [row(nameServers, judgedHolders(nameServers))];
  const open = asked.find(({ question, server }) => question.record === 'mx' && server.view === 'public');
  const exchanges = open === undefined ? [] : records(open).map((text) => plainName(text.split(' ')[1] ?? ''));
  const last = policy === undefined ? [] : [policyRow(policy, exchanges, site)];
  return [...first, ...rows, ...last];
}

function judged(asked: AskedRecord, { includes }: GatheredDns, site: MailSite): RecordJudgement {
  const { question, server, answer } = asked;
  if (answer.state === 'no-answer') return noAnswer(answer);
  const found = recordsOf(answer.value);
  switch (question.record) {
    case 'mx':
      return judgeMx(found, site, server.view);
    case 'a':
      return judgeAddresses(found, 'ipv4', site, server.view);
    case 'aaaa':
      return judgeAddresses(found, 'ipv6', site, server.view);
    case 'ptr':
      return judgePtr(found, site);
    case 'spf':
      return atServer(asked, judgeSpf(found, includedFrom(includes)));
    case 'dkim':
      return atServer(asked, judgeDkim(found));
    case 'dmarc':
      return atServer(asked, judgeDmarc(found));
    case 'tls-rpt':
      return judgeTlsReports(found);
    case 'block-list': {
      const address = site.mail.public.value?.ipv4 ?? '';
      return judgeListed(answer.value, address, question.name.split('.').slice(4).join('.'));
    }
    default:
      return judgeMtaSts(found);
  }
}

/** What was never read is past the limit, which is counted anyway; it is not missing. */
function includedFrom(includes: GatheredDns['includes']): (name: string) => Included {
  return (name) => includes.get(name) ?? { state: 'no-answer', reason: 'not-read' };
}

/** The mail server's own filter asks the internal server: what is missing there makes it distrust its own domain. */
function atServer({ server }: AskedRecord, judgement: RecordJudgement): RecordJudgement {
  if (server.view !== 'internal' || judgement.reason !== 'missing') return judgement;
  return fail(
    'missing',
    `${judgement.detail}: the mail server's own filter sees none`,
    'Copy the public record into the internal zone.',
  );
}

function judgedHolders({ answer }: AskedRecord): RecordJudgement {
  if (answer.state === 'no-answer') return noAnswer(answer);
  const names = recordsOf(answer.value).map(plainName);
  const hint = 'Is mail.dns.domain right? Is the domain still registered?';
  return names.length === 0 ? fail('missing', 'nobody holds the zone', hint) : pass(names.toSorted().join(', '));
}

function policyRow(
  { url, answer }: NonNullable<GatheredDns['policy']>,
  exchanges: readonly string[],
  site: MailSite,
): DnsRow {
  const judgement =
    answer.state === 'no-answer'
      ? noAnswer(answer)
      : exchanges.length === 0
        ? skip('blocked', 'there is no MX record to compare it with')
        : judgePolicy(answer.value, exchanges);
  const server = site.edge.resolver.value;
  return { record: 'mta-sts-policy', name: url, type: 'HTTPS', view: 'public', server, got: [], ...judgement };
}

function noAnswer({ reason, message }: { readonly reason: string; readonly message: string }): RecordJudgement {
  return unknown(reason, message);
}

function row({ question, server, answer }: AskedRecord, judgement: RecordJudgement): DnsRow {
  const got = answer.state === 'answered' ? recordsOf(answer.value) : [];
  return { ...question, view: server.view, server: server.name, got, ...judgement };
}

function records({ answer }: AskedRecord): readonly string[] {
  return answer.state === 'answered' ? recordsOf(answer.value) : [];
}
