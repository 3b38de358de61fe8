import type { DnsAnswer } from '../../../clients/dns/client.ts';
import { fail, pass, type RecordJudgement, recordsOf, unknown, warn } from '../dns-rows.ts';

/** Why a list does not answer: Spamhaus, "DNSBL usage, error codes". None of them says anything about the address. */
const REFUSALS: Readonly<Record<string, string>> = {
  '127.255.255.252': 'the list does not know its own name as it was asked: a typing error in mail.dns.blockLists',
  '127.255.255.254': 'the list does not answer public resolvers',
  '127.255.255.255': 'too many questions have come from this resolver',
};

/** Addresses that their own provider lists because nobody there should send mail directly: Spamhaus PBL. */
const POLICY = ['127.0.0.10', '127.0.0.11'];

/** Name under a list that an IPv4 address is asked for by (RFC 5782 §2.1). */
export function listedName(address: string, list: string): string {
  return `${address.split('.').reverse().join('.')}.${list}`;
}

/** Judges what a list says of an address; only 127.0.0.x means listed. */
export function judgeListed(answer: DnsAnswer, address: string, list: string): RecordJudgement {
  const codes = recordsOf(answer);
  if (codes.length === 0) return pass(`${address} is not listed`);
  const refusal = codes.find((code) => code.startsWith('127.255.255.'));
  if (refusal !== undefined) {
    return unknown(
      'refused',
      `${REFUSALS[refusal] ?? 'the list refuses to answer'} (${refusal})`,
      'Ask through a resolver of your own that does not forward to a public one: mail.dns.internal.',
    );
  }
  if (!codes.every((code) => code.startsWith('127.0.0.'))) {
    return unknown(
      'malformed',
      `${codes.join(', ')} is no answer of a block list: the resolver answers for names that do not exist`,
    );
  }
  const where = `${address} is listed (${codes.join(', ')})`;
  if (codes.every((code) => POLICY.includes(code))) {
    return warn(
      'policy-list',
      `${where}: its provider says that nobody there sends mail directly`,
      'Send through a relay; incoming mail is not touched.',
    );
  }
  return fail('listed', where, `Find out what was sent, stop it, then ask ${list} to take the address out.`);
}
