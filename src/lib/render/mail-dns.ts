import type { Finding, Verdict } from '../findings/finding.ts';
import type { DnsCheck } from '../mail/dns/check-dns.ts';
import { DNS_RECORDS, DNS_VIEWS, type DnsRecordName, type DnsRow, type DnsView } from '../mail/dns/dns-rows.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

const TITLES: Readonly<Record<DnsRecordName, string>> = {
  ns: 'name servers',
  mx: 'MX',
  a: 'A',
  aaaa: 'AAAA',
  ptr: 'PTR',
  spf: 'SPF',
  dkim: 'DKIM',
  dmarc: 'DMARC',
  'mta-sts': 'MTA-STS',
  'mta-sts-policy': 'MTA-STS policy',
  'tls-rpt': 'TLS-RPT',
  'block-list': 'block list',
};

/** Worst first: what a line or a cell shows of several. */
const WORST: readonly Verdict[] = ['FAIL', 'UNKNOWN', 'WARN', 'SKIP', 'PASS'];

/** A line for each record with a mark for each kind of server, then what is wrong, worst first. */
export function mailDnsText(style: Style, check: DnsCheck, tookMs: number): string {
  const { counts } = check;
  const views = DNS_VIEWS.filter((view) => check.rows.some((row) => row.view === view));
  const said = WORST.filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`);
  const parts = [
    `${check.domain}, mail server ${check.hostname}: ${said.join(' · ')}`,
    '',
    marks(style, check.rows, views),
    ...troubles(style, check),
    '',
    `${new Set(check.rows.map(({ server }) => server)).size} name servers · ${(tookMs / 1000).toFixed(1)} s`,
  ];
  return parts.join('\n');
}

function marks(style: Style, rows: readonly DnsRow[], views: readonly DnsView[]): string {
  const lines = DNS_RECORDS.flatMap((record) => {
    const own = rows.filter((row) => row.record === record);
    if (own.length === 0) return [];
    const cells = views.map((view) => {
      const worst = worstOf(own.filter((row) => row.view === view));
      return worst === undefined
        ? ''
        : `${style.mark(worst.verdict)} ${worst.verdict === 'PASS' ? '' : (worst.reason ?? '')}`;
    });
    const shown = own.find(({ view, verdict }) => view === 'public' && verdict !== 'UNKNOWN') ?? worstOf(own);
    return [[TITLES[record], ...cells, printable(shown?.detail ?? '')]];
  });
  return table(lines, { width: style.width, head: ['', ...views, ''] });
}

function worstOf(rows: readonly DnsRow[]): DnsRow | undefined {
  return rows.toSorted((a, b) => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict))[0];
}

/** The same trouble at several servers is told once; a server that answers nothing, too. */
function troubles(style: Style, { rows, findings }: DnsCheck): readonly string[] {
  const bad = rows.filter(({ verdict }) => verdict !== 'PASS' && verdict !== 'SKIP');
  const groups = Map.groupBy(bad, (row) =>
    row.verdict === 'UNKNOWN' && row.record !== 'block-list'
      ? `${row.view} ${row.server} ${row.reason}`
      : `${row.record} ${row.name} ${row.detail}`,
  );
  const told = [...groups.values()].flatMap((group) => {
    const [row] = group;
    return row === undefined ? [] : [{ verdict: row.verdict, text: sentence(group, row), hint: row.hint }];
  });
  const all = [...told, ...findings.map(asTold)].toSorted(
    (a, b) => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict),
  );
  return all.flatMap(({ verdict, text, hint }) => [
    '',
    wrap(printable(text), style.width, `${style.verdict(verdict)}  `, '      '),
    ...(hint === undefined ? [] : [wrap(printable(hint), style.width, '      then: ', '        ')]),
  ]);
}

function asTold({ verdict, title, detail, hint }: Finding) {
  return { verdict, text: `${title}: ${detail}`, hint };
}

function sentence(group: readonly DnsRow[], row: DnsRow): string {
  const where = [...new Set(group.map(({ view, server }) => `${view} server ${server}`))].join(', ');
  if (row.verdict === 'UNKNOWN' && group.length > 1) {
    return `${where}: ${group.length} questions without an answer (${row.reason}). ${row.detail}`;
  }
  return `${TITLES[row.record]} ${row.name}, ${where}: ${row.detail.replace(/\.$/, '')}.`;
}
