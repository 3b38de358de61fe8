import type { Finding } from '../../findings/finding.ts';
import { type DnsRow, plainName } from './dns-rows.ts';

/** Records that mean another thing inside, on purpose, or that only senders outside ask for. */
const MAY_DIFFER_INSIDE = ['mx', 'a', 'aaaa', 'mta-sts', 'tls-rpt'];

/**
 * Compares what several servers say of one record. The reference is the first server of the zone, else the public one:
 * another server of the zone that differs is out of step, the public one may still remember, the internal one was forgotten.
 */
export function differencesOf(rows: readonly DnsRow[]): readonly Finding[] {
  const questions = Map.groupBy(rows, ({ record, name }) => `${record} ${name}`);
  return [...questions.values()].flatMap((same) => {
    const told = same.filter(({ verdict }) => verdict !== 'UNKNOWN');
    const reference = told.find(({ view }) => view === 'authoritative') ?? told.find(({ view }) => view === 'public');
    if (reference === undefined) return [];
    return told
      .filter((each) => each.server !== reference.server && differs(each, reference))
      .map((each) => finding(each, reference));
  });
}

function differs(row: DnsRow, reference: DnsRow): boolean {
  // Its own row has said so.
  if (row.verdict === 'FAIL' && row.got.length === 0) return false;
  if (row.view === 'internal' && MAY_DIFFER_INSIDE.includes(row.record)) return false;
  return comparable(row) !== comparable(reference);
}

/** TXT records beside the one that is meant are no matter of mail. */
function meant({ record, got }: DnsRow): readonly string[] {
  return record === 'spf' ? got.filter((text) => /^v=spf1/i.test(text)) : got;
}

function comparable(row: DnsRow): string {
  const { record } = row;
  return meant(row)
    .map((text) => (record === 'mx' || record.startsWith('a') ? plainName(text) : text))
    .toSorted()
    .join('\n');
}

const MEANS = {
  authoritative: ['the servers of the zone are out of step', 'Look at the zone transfer between them.'],
  public: ['the public server still remembers an older record', 'Wait for the record’s TTL, then ask again.'],
  internal: ['the internal zone was not changed along', 'Copy the public record into the internal zone.'],
} as const;

function finding(row: DnsRow, reference: DnsRow): Finding {
  const [means, hint] = MEANS[row.view];
  const said = (each: DnsRow): string => shortened(meant(each).join(' | ')) || 'nothing';
  return {
    id: `mail.dns.differs.${row.record}`,
    title: `${row.type} ${row.name}`,
    verdict: 'WARN',
    detail: `the ${row.view} server ${row.server} says ${said(row)}, the ${reference.view} one ${reference.server} ${said(reference)}: ${means}`,
    command: `dig +short ${row.type} ${row.name} @${row.server.replace(/:\d+$/, '')}`,
    hint,
  };
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
