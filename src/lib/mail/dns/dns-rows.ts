import type { DnsAnswer, DnsType } from '../../clients/dns/client.ts';
import type { EvidenceState } from '../../diagnosis/probe.ts';
import type { Verdict } from '../../findings/finding.ts';

/** Whom a question goes to: whom everybody asks, who holds the zone, and whom the mail server itself asks. */
export const DNS_VIEWS = ['public', 'authoritative', 'internal'] as const;
export type DnsView = (typeof DNS_VIEWS)[number];

/** What is asked for, in the order of the answer. */
export const DNS_RECORDS = [
  'ns',
  'mx',
  'a',
  'aaaa',
  'ptr',
  'spf',
  'dkim',
  'dmarc',
  'mta-sts',
  'mta-sts-policy',
  'tls-rpt',
  'block-list',
] as const;
export type DnsRecordName = (typeof DNS_RECORDS)[number];

/** A name server. `address` is `host[:port]`; `name` is what it is called, or its address. */
export type NameServer = { readonly view: DnsView; readonly address: string; readonly name: string };

/** One question about mail. */
export type MailQuestion = { readonly record: DnsRecordName; readonly name: string; readonly type: DnsType };

/** A question with what one server said to it. */
export type AskedRecord = {
  readonly question: MailQuestion;
  readonly server: NameServer;
  readonly answer: EvidenceState<DnsAnswer>;
};

/** What a record is found to be. `hint` says what to do about it. */
export type RecordJudgement = {
  readonly verdict: Verdict;
  readonly detail: string;
  readonly reason?: string;
  readonly hint?: string;
};

/** One record at one server. */
export type DnsRow = RecordJudgement & {
  readonly record: DnsRecordName;
  readonly name: string;
  readonly type: DnsType | 'HTTPS';
  readonly view: DnsView;
  readonly server: string;
  readonly got: readonly string[];
};

/** Shorthands, so that a judgement reads as a table. */
export const pass = (detail: string): RecordJudgement => ({ verdict: 'PASS', detail });
export const warn = (reason: string, detail: string, hint?: string): RecordJudgement =>
  said({ verdict: 'WARN', reason, detail }, hint);
export const fail = (reason: string, detail: string, hint?: string): RecordJudgement =>
  said({ verdict: 'FAIL', reason, detail }, hint);
export const unknown = (reason: string, detail: string, hint?: string): RecordJudgement =>
  said({ verdict: 'UNKNOWN', reason, detail }, hint);
export const skip = (reason: string, detail: string): RecordJudgement => ({ verdict: 'SKIP', reason, detail });

function said(judgement: RecordJudgement, hint: string | undefined): RecordJudgement {
  return hint === undefined ? judgement : { ...judgement, hint };
}

/** The records of an answer; none where there is none. */
export function recordsOf(answer: DnsAnswer): readonly string[] {
  return answer.state === 'answer' ? answer.records : [];
}

/** A name as names are compared: lower case, without the last dot. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
