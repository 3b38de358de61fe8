import type { StatusName } from '../../errors.ts';
import { worstStatus } from '../../errors.ts';
import { type Finding, statusOfFindings, type Verdict } from '../../findings/finding.ts';
import { type CellVerdict, HOP_TITLES, type Row } from '../hops.ts';

/** A certificate that ends within this many days is due. Let's Encrypt's renewals begin 30 days before. */
const DUE_DAYS = 14;
const DAY_MS = 86_400_000;

const VERDICT: Readonly<Record<CellVerdict, Verdict>> = {
  OK: 'PASS',
  FAIL: 'FAIL',
  'EXPECTED-DROP': 'PASS',
  INCONCLUSIVE: 'UNKNOWN',
  SKIPPED: 'SKIP',
};

/** The verdict that a row stands for. What another row proves is known. */
export function verdictOf(row: Row): Verdict {
  return row.coveredBy === undefined ? VERDICT[row.verdict] : 'PASS';
}

/** The status of a run. */
export function statusOf(rows: readonly Row[], findings: readonly Finding[]): StatusName {
  const byRow = rows.map((row) => ({ id: row.hop, title: row.hop, detail: row.got, verdict: verdictOf(row) }));
  return worstStatus([statusOfFindings(byRow), statusOfFindings(findings)]);
}

/** What no single row says: pools that lack servers, certificates that are due, ports that show another one than the rest. */
export function findingsOf(rows: readonly Row[], hostname: string, now: Date): readonly Finding[] {
  const own = rows.filter((row) => row.hop !== 'second-mx' && row.certificate !== undefined);
  return [...degraded(rows), ...(own.length === 0 ? [] : [due(own, hostname, now), equal(own)])];
}

/** A pool that has lost servers still works, and has less to lose. */
function degraded(rows: readonly Row[]): readonly Finding[] {
  const own = rows.filter((row) => row.degraded !== undefined);
  if (own.length === 0) return [];
  const detail = own.map((row) => `${row.protocol} ${row.got}, ${row.degraded}`).join('; ');
  const hint = 'infra mail check-ports --deep --hop node-health';
  return [{ id: 'mail.haproxy.pool', title: 'HAProxy’s pool', verdict: 'WARN', detail, hint }];
}

function due(rows: readonly Row[], hostname: string, now: Date): Finding {
  const id = 'mail.certificate.expiry';
  const title = 'certificate expiry';
  const ends = rows
    .flatMap(({ certificate }) => (certificate?.notAfter === undefined ? [] : [certificate.notAfter]))
    .sort();
  const first = ends[0];
  if (first === undefined)
    return { id, title, verdict: 'UNKNOWN', reason: 'malformed', detail: 'no certificate says until when it is valid' };
  const days = Math.floor((Date.parse(first) - now.getTime()) / DAY_MS);
  const detail = `valid until ${first.slice(0, 10)}, ${days} days`;
  const command = `openssl s_client -connect ${hostname}:465 -servername ${hostname} </dev/null | openssl x509 -noout -enddate`;
  if (days < 0) return { id, title, verdict: 'FAIL', detail: `over since ${first.slice(0, 10)}`, command };
  return { id, title, verdict: days < DUE_DAYS ? 'WARN' : 'PASS', detail, command };
}

function equal(rows: readonly Row[]): Finding {
  const id = 'mail.certificate.equal';
  const title = 'one certificate everywhere';
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const fingerprint = row.certificate?.fingerprint ?? '';
    groups.set(fingerprint, [...(groups.get(fingerprint) ?? []), row]);
  }
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  const others = sorted.slice(1).flat();
  if (others.length === 0)
    return { id, title, verdict: 'PASS', detail: `the same at ${rows.length} of ${rows.length} cells` };
  const where = others.slice(0, 4).map((row) => `${row.protocol} at ${HOP_TITLES[row.hop]}`);
  const more = others.length > where.length ? ` and ${others.length - where.length} more` : '';
  return {
    id,
    title,
    verdict: 'WARN',
    detail: `${groups.size} different ones; other than most: ${where.join(', ')}${more}`,
    hint: 'After a renewal every listener has to load the new one: restart the pod that shows the old one.',
  };
}
