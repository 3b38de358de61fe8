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
    const key = `${row.hop} ${row.phase ?? ''} ${row.reason ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const breaks = [...groups.values()]
    .map((group) => breakOf(group, rows, site))
    .sort((a, b) => HOPS.indexOf(a.hop) - HOPS.indexOf(b.hop));
  const unknown = rows.filter((row) => verdictOf(row) === 'UNKNOWN');
  const notes = [...covered(rows), ...unproved(unknown)];
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
  const where = row.hop === 'roundtrip' ? 'on the whole way' : `at ${HOP_TITLES[row.hop]}`;
  const node = row.node === undefined ? '' : `${row.node}, `;
  const summary = `${names} ${group.length === 1 ? 'breaks' : 'break'} ${where}: ${node}${trimmed(row.got)}${inner(row, rows)}.`;
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

function unproved(unknown: readonly Row[]): readonly string[] {
  const groups = new Map<string, Row[]>();
  for (const row of unknown) {
    const key = `${row.hop} ${row.reason} ${row.got}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const [row] = group;
    const ports = row?.hop === 'roundtrip' ? '' : `, ${list(group.map(({ protocol }) => protocol))}`;
    return `Not known: ${row === undefined ? '' : HOP_TITLES[row.hop]}${ports} (${row?.reason}): ${trimmed(row?.got ?? '')}.`;
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
