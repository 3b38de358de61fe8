import type { MailProtocol, Site } from '../../site/site.ts';
import { HOP_TITLES, HOPS, type Hop, type Row } from '../hops.ts';
import { PROTOCOLS } from '../ports.ts';
import { type Explanation, explain } from './advice.ts';
import { verdictOf } from './findings.ts';

/** The first hop, from inside, at which ports are broken. */
export type Break = Explanation & {
  readonly hop: Hop;
  readonly protocols: readonly MailProtocol[];
  readonly reason: string;
  /** One sentence: which ports, where, what came back, and what works. */
  readonly summary: string;
};

/** What all rows together mean. */
export type Conclusion = {
  readonly state: 'healthy' | 'broken' | 'undetermined';
  readonly summary: string;
  readonly breaks: readonly Break[];
  /** What could not be told or proved, a sentence each. */
  readonly notes: readonly string[];
};

/** One conclusion: for each port the first broken hop from inside to outside; ports with the same break share one. */
export function conclude(rows: readonly Row[], site: Site): Conclusion {
  const firsts = PROTOCOLS.flatMap((protocol) => firstBreak(rows, protocol));
  const groups = new Map<string, Row[]>();
  for (const row of firsts) {
    // A certificate is wrong wherever it is shown; where it was seen first says nothing.
    const key = row.phase === 'certificate' ? `${row.reason}` : `${row.hop} ${row.phase ?? ''} ${row.reason ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const breaks = [...groups.values()]
    .map((group) => breakOf(group, rows, site))
    .sort((a, b) => HOPS.indexOf(a.hop) - HOPS.indexOf(b.hop));
  const unknown = rows.filter((row) => verdictOf(row) === 'UNKNOWN');
  const notes = [...covered(rows), ...unproved(unknown), ...notAsked(rows)];
  const [first] = breaks;
  if (first !== undefined) return { state: 'broken', summary: first.summary, breaks, notes };
  if (unknown.length > 0) {
    const summary = `Nothing is known to be broken, but ${counted(unknown.length, 'cell')} could not be told from here.`;
    return { state: 'undetermined', summary, breaks, notes };
  }
  const asked = rows.filter((row) => verdictOf(row) === 'PASS').length;
  if (asked === 0) return { state: 'undetermined', summary: 'Nothing was asked.', breaks, notes };
  return {
    state: 'healthy',
    summary: `Every hop that was asked answers as it should: ${counted(asked, 'cell')}.`,
    breaks,
    notes,
  };
}

function firstBreak(rows: readonly Row[], protocol: MailProtocol): readonly Row[] {
  const failed = rows.filter((row) => row.protocol === protocol && row.verdict === 'FAIL');
  const first = HOPS.flatMap((hop) => failed.filter((row) => row.hop === hop))[0];
  return first === undefined ? [] : [first];
}

function breakOf(group: readonly Row[], rows: readonly Row[], site: Site): Break {
  const [row] = group;
  if (row === undefined) throw new TypeError('A break has at least one row.');
  const protocols = group.map(({ protocol }) => protocol);
  const names = list(group.map(({ protocol, port }) => `${protocol} ${port}`));
  const verb = group.length === 1 ? 'breaks' : 'break';
  const where = `${HOP_TITLES[row.hop]} (${row.node === undefined ? '' : `${row.node}, `}${row.endpoint})`;
  const what = row.hop === 'roundtrip' ? 'Mail does not come round' : `${names} ${verb} at ${where}`;
  const summary = `${what}: ${trimmed(row.got)}${inner(row, rows)}.`;
  return { ...explain(row, site), hop: row.hop, protocols, reason: row.reason ?? 'failed', summary };
}

/** What is known of the hops inside the broken one: praise only what was asked. */
function inner({ hop, protocol }: Row, rows: readonly Row[]): string {
  const before = rows.filter((row) => row.protocol === protocol && HOPS.indexOf(row.hop) < HOPS.indexOf(hop));
  const asked = before.filter((row) => row.verdict !== 'SKIPPED');
  const open = asked.filter((row) => verdictOf(row) === 'UNKNOWN').map((row) => HOP_TITLES[row.hop]);
  if (asked.length === 0) return '';
  if (open.length === 0) return '; every hop inside it that was asked works';
  return `; inside it, not known: ${list([...new Set(open)])}`;
}

function covered(rows: readonly Row[]): readonly string[] {
  const own = rows.filter((row) => row.coveredBy === 'roundtrip');
  const last = rows.find((row) => row.hop === 'roundtrip');
  if (own.length === 0 || last === undefined) return [];
  const mx = own.some((row) => row.hop === 'second-mx') ? '; whether the second MX would take it stays unproved' : '';
  return [
    `Port ${own[0]?.port} from outside could not be asked from here; the last roundtrip, ${last.got}, shows that mail comes in${mx}.`,
  ];
}

/** What is not configured is no news; what this vantage could not ask is. */
function notAsked(rows: readonly Row[]): readonly string[] {
  const left = rows.filter((row) => row.verdict === 'SKIPPED' && row.reason !== 'not-configured');
  return told(left, 'Not asked from here');
}

function unproved(unknown: readonly Row[]): readonly string[] {
  return told(unknown, 'Not known');
}

function told(rows: readonly Row[], how: string): readonly string[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.hop} ${row.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((group) => {
    const [row] = group;
    if (row === undefined) return [];
    const names = [...new Set(group.map(({ protocol }) => protocol))];
    const ports = row.hop === 'roundtrip' || names.length === PROTOCOLS.length ? '' : `, ${list(names)}`;
    return [`${how}: ${HOP_TITLES[row.hop]}${ports}: ${trimmed(row.got)}.`];
  });
}

function trimmed(text: string): string {
  return text.replace(/\.$/, '');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
