import type { Json } from '../../../diagnosis/json.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { differencesOf } from '../../../mail/dns/differences.ts';
import type { DnsRecordName, DnsRow } from '../../../mail/dns/dns-rows.ts';
import { gatherDns } from '../../../mail/dns/gather-dns.ts';
import { count, some } from '../../words.ts';
import { recordRows, recordsEvidence } from '../evidence/records.ts';
import { RECORDS_ID, SETTINGS_ID } from '../names.ts';

/** Asks every server for every record once; the probes after it judge one record each. */
export const records: Probe<Json> = {
  id: RECORDS_ID,
  title: 'name servers agree',
  layer: 'dns',
  dependsOn: [SETTINGS_ID],
  kind: 'request',
  cost: '9 look-ups at the public, the zone’s own and the internal server each, the includes of SPF, 1 GET of the MTA-STS policy',
  timeoutMs: 30_000,
  question: 'Do the public, the zone’s own and the internal name server say the same of mail?',
  why: 'Senders ask the public one, the mail server’s own filter the internal one. Where the internal zone was not changed along, our own mail is quarantined and nobody outside sees anything wrong.',
  byHand: () => 'infra mail dns',
  healthy: 'The same records everywhere; inside, the addresses may be others on purpose.',
  failures: [{ code: 'dns.differs', meaning: 'Two servers say different things of one record.' }],

  async collect({ client, site }) {
    const [dns, web] = await Promise.all([client('dns'), client('web')]);
    return recordsEvidence(await gatherDns({ dns, web }, site, site.mail.hostname.value ?? ''));
  },

  judge(evidence, given) {
    const rows = recordRows(evidence, given);
    const silent = rows.filter(({ verdict, reason }) => verdict === 'UNKNOWN' && reason !== 'refused');
    const servers = [...new Set(rows.map(({ server }) => server))];
    if (silent.length === rows.length)
      return { verdict: 'UNKNOWN', reason: silent[0]?.reason ?? 'empty', detail: `no answer from ${some(servers)}` };
    const told = differencesOf(rows);
    const detail =
      told.length === 0
        ? `${count(servers.length, 'server')}, no difference`
        : some(
            told.map((one) => one.detail),
            2,
            '; ',
          );
    if (told.length === 0) return { verdict: 'PASS', detail };
    return {
      verdict: 'WARN',
      detail,
      observations: told.map(({ title }) => ({ code: 'dns.differs', subject: title })),
    };
  },
};

type RecordProbe = {
  readonly thing: string;
  readonly title: string;
  readonly of: readonly DnsRecordName[];
  readonly cause: string;
  readonly question: string;
  readonly why: string;
  readonly healthy: string;
};

/** A probe that judges some of the records that were asked for. */
function recordProbe({ thing, title, of, cause, question, why, healthy }: RecordProbe): Probe<null> {
  const observation = `dns.${thing}`;
  return {
    id: `mail.records.${thing}`,
    ...{ title, question, why, healthy },
    layer: 'dns',
    dependsOn: [SETTINGS_ID, RECORDS_ID],
    kind: 'request',
    cost: 'nothing: judges the answers of the name servers',
    byHand: () => 'infra mail dns',
    failures: [
      { code: observation, meaning: 'It is missing, wrong or weak.' },
      { code: cause, meaning: 'It is so at the public or the zone’s own server: for everybody.' },
      { code: 'mail.dns.internal', meaning: 'It is so at the internal server only: for the mail server’s own filter.' },
    ],
    collect: async () => null,
    judge: (_, given) =>
      judgeRecords(
        recordRows(given.answer<Json>(RECORDS_ID), given).filter(({ record }) => of.includes(record)),
        observation,
        cause,
      ),
  };
}

function judgeRecords(rows: readonly DnsRow[], observation: string, cause: string): Judgement {
  const bad = (['FAIL', 'WARN'] as const).map((verdict) => rows.filter((row) => row.verdict === verdict));
  const worst = bad.find((same) => same.length > 0);
  const [first] = worst ?? [];
  if (worst !== undefined && first !== undefined) {
    const named = culprit(worst, rows, cause);
    return {
      verdict: first.verdict,
      detail: said(worst),
      observations: [...new Set(worst.map(({ name }) => name))].map((subject) => ({ code: observation, subject })),
      causes: named === undefined ? [] : [{ code: named }],
      data: worst.map(({ record, view, server, verdict, got, detail }) => ({
        record,
        view,
        server,
        verdict,
        got: [...got],
        detail,
      })),
    };
  }
  const [unknown] = rows.filter(({ verdict }) => verdict === 'UNKNOWN');
  if (unknown !== undefined)
    return {
      verdict: 'UNKNOWN',
      reason: unknown.reason ?? 'unknown',
      detail: said(rows.filter(({ verdict }) => verdict === 'UNKNOWN')),
    };
  const well = rows.filter(({ verdict }) => verdict === 'PASS');
  const [left] = rows;
  if (well.length === 0)
    return { verdict: 'SKIP', reason: left?.reason ?? 'not-configured', detail: left?.detail ?? 'nothing to ask for' };
  return { verdict: 'PASS', detail: said(well) };
}

/** Wrong inside and right elsewhere is a zone that was forgotten; wrong inside and unknown elsewhere is not known to be that. */
function culprit(worst: readonly DnsRow[], rows: readonly DnsRow[], cause: string): string | undefined {
  const elsewhere = rows.filter(({ view }) => view !== 'internal');
  if (elsewhere.length === 0 || worst.some(({ view }) => view !== 'internal')) return cause;
  const isRight = (record: string): boolean => elsewhere.some((row) => row.record === record && row.verdict === 'PASS');
  return worst.every(({ record }) => isRight(record)) ? 'mail.dns.internal' : undefined;
}

/** Servers that say the same stand together. */
function said(rows: readonly DnsRow[]): string {
  const groups = Map.groupBy(rows, ({ record, detail }) => `${record} ${detail}`);
  const parts = [...groups.values()].flatMap((same) => {
    const [row] = same;
    const views = [...new Set(same.map(({ view }) => view))];
    return row === undefined ? [] : [`${row.record} (${views.join(', ')}): ${row.detail}`];
  });
  return some(parts, 2, '; ');
}

/** A probe for each kind of record. */
export const recordProbes: readonly Probe[] = [
  recordProbe({
    ...{ thing: 'mx', title: 'MX', of: ['ns', 'mx'], cause: 'mail.dns.mx' },
    question: 'Does the MX record lead to us, and is the second one published?',
    why: 'Without it senders do not know where to go; with another one first they go there.',
    healthy: 'mail.hostname comes first, the second MX after it.',
  }),
  recordProbe({
    ...{ thing: 'address', title: 'A and AAAA', of: ['a', 'aaaa'], cause: 'mail.dns.address' },
    question: 'Do the addresses of the mail server lead to us?',
    why: 'An address that moved answers for somebody else, or for nobody.',
    healthy: 'The addresses in mail.public; inside, the balancer too.',
  }),
  recordProbe({
    ...{ thing: 'ptr', title: 'PTR', of: ['ptr'], cause: 'mail.dns.ptr' },
    question: 'Does the address lead back to the name?',
    why: 'Some receivers turn away who has another name; who sends by a relay is not hurt.',
    healthy: 'mail.hostname, or a waiver in mail.dns.ptrWaiver.',
  }),
  recordProbe({
    ...{ thing: 'spf', title: 'SPF', of: ['spf'], cause: 'mail.dns.spf' },
    question: 'Does the SPF record name who sends for us, and can receivers evaluate it?',
    why: 'Two records, or more than ten look-ups, are the same as none, and mail lands in spam folders.',
    healthy: 'One record, at most ten look-ups, ends in ~all or -all.',
  }),
  recordProbe({
    ...{ thing: 'dkim', title: 'DKIM', of: ['dkim'], cause: 'mail.dns.dkim' },
    question: 'Are the public keys there that signatures are checked with?',
    why: 'Without its key every signature of ours is invalid.',
    healthy: 'One key a selector, RSA from 2048 bits or Ed25519.',
  }),
  recordProbe({
    ...{ thing: 'dmarc', title: 'DMARC', of: ['dmarc'], cause: 'mail.dns.dmarc' },
    question: 'Does the domain say what to do with forged mail?',
    why: 'Large receivers ask for it.',
    healthy: 'p=quarantine or p=reject.',
  }),
  recordProbe({
    ...{ thing: 'mta-sts', title: 'MTA-STS', of: ['mta-sts', 'mta-sts-policy', 'tls-rpt'], cause: 'mail.dns.mta-sts' },
    question: 'If MTA-STS is announced: is there a policy, and does it list every MX?',
    why: 'A policy in mode enforce that leaves out an MX turns mail away. A site that answers every name says 200 and has no policy.',
    healthy: 'Not announced; or a policy that lists every MX.',
  }),
  recordProbe({
    ...{ thing: 'block-list', title: 'block lists', of: ['block-list'], cause: 'mail.dns.block-list' },
    question: 'Is our address on a block list?',
    why: 'Receivers turn away who is listed. Lists refuse public resolvers: a refusal says nothing about us.',
    healthy: 'Not listed.',
  }),
];
