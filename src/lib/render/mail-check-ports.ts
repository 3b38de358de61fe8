import type { Finding, Verdict } from '../findings/finding.ts';
import type { PlannedQuestion, PortCheck } from '../mail/check-ports.ts';
import { type CellVerdict, HOP_TITLES, HOPS, type Hop, type Row } from '../mail/hops.ts';
import { PROTOCOLS } from '../mail/ports.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { columnsOf, wrap } from './wrap.ts';

const MARK: Readonly<Record<CellVerdict, Verdict>> = {
  OK: 'PASS',
  'EXPECTED-DROP': 'PASS',
  FAIL: 'FAIL',
  INCONCLUSIVE: 'UNKNOWN',
  SKIPPED: 'SKIP',
};

/** Below this width four columns do not fit, and every cell is a line. */
const MATRIX_WIDTH = 76;
/** The widest text of a cell. */
const CELL = 12;

/** The matrix, the conclusion and what was spent on it. */
export function checkPortsText(style: Style, check: PortCheck, tookMs: number): string {
  const { rows, connections } = check;
  const picture = style.width >= MATRIX_WIDTH ? matrix(style, rows) : cellLines(style, rows);
  const nodes = new Set(rows.flatMap(({ node }) => (node === undefined ? [] : [node]))).size;
  const spent = [
    `${connections} connection${connections === 1 ? '' : 's'}`,
    ...(nodes === 0 ? [] : [`${nodes} node${nodes === 1 ? '' : 's'} of the pool`]),
    `from ${check.vantage.name}`,
  ].join(', ');
  const parts = [picture, '', ...conclusion(style, check), '', `${spent} · ${(tookMs / 1000).toFixed(1)} s`];
  return parts.join('\n');
}

/** What `--dry-run` prints. */
export function plannedText(style: Style, planned: readonly PlannedQuestion[]): string {
  const lines = planned.map(({ kind, hop, endpoint, proxy, what }) => {
    const header = proxy === 'required' ? ' with PROXY v2' : proxy === 'withheld' ? ' without PROXY, on purpose' : '';
    return [HOP_TITLES[hop], kind, printable(endpoint), `${printable(what)}${header}`];
  });
  const count = planned.filter(({ kind }) => kind === 'connect').length;
  const head = ['hop', 'how', 'where', 'what'];
  return `${table(lines, { width: style.width, head })}\n\n${count} connections would be made; nothing was sent.`;
}

function matrix(style: Style, rows: readonly Row[]): string {
  const protocols = PROTOCOLS.filter((each) => rows.some((row) => row.protocol === each));
  const head = ['', ...protocols.map((each) => `${each} ${rows.find((row) => row.protocol === each)?.port ?? ''}`)];
  const lines = HOPS.flatMap((hop) => {
    const own = rows.filter((row) => row.hop === hop);
    if (own.length === 0) return [];
    const whole = hop === 'roundtrip' ? own[0] : undefined;
    if (whole !== undefined) return [[HOP_TITLES[hop], `${style.mark(MARK[whole.verdict])} ${shortly(whole, true)}`]];
    return [
      [
        HOP_TITLES[hop],
        ...protocols.map((each) =>
          cell(
            style,
            own.filter((row) => row.protocol === each),
          ),
        ),
      ],
    ];
  });
  const wide = lines.filter(({ length }) => length > 2);
  const widths = [...head.keys()].map((at) => Math.max(...[head, ...wide].map((line) => columnsOf(line[at] ?? ''))));
  const aligned = (line: readonly string[]): string =>
    line
      .map((text, at) => text + ' '.repeat(Math.max(0, (widths[at] ?? 0) - columnsOf(text))))
      .join('  ')
      .trimEnd();
  return [head, ...lines].map(aligned).join('\n');
}

/** Several connections of one cell (`--deep`) are shown as their worst, with how many are like it. */
function cell(style: Style, rows: readonly Row[]): string {
  const worst = (['FAIL', 'INCONCLUSIVE', 'OK', 'EXPECTED-DROP', 'SKIPPED'] as const)
    .map((verdict) => rows.filter((row) => row.verdict === verdict))
    .find(({ length }) => length > 0);
  const [row] = worst ?? [];
  if (row === undefined || worst === undefined) return style.mark('SKIP');
  if (rows.length > 1) return `${style.mark(MARK[row.verdict])} ${worst.length} of ${rows.length}`;
  return `${style.mark(MARK[row.verdict])} ${shortly(row, false)}`.trimEnd();
}

function shortly(row: Row, isWide: boolean): string {
  const cut = (text: string): string => (isWide || columnsOf(text) <= CELL ? text : `${text.slice(0, CELL - 1)}…`);
  if (row.verdict === 'OK') {
    if (isWide) return row.got;
    if (row.node !== undefined) return cut(row.node);
    return row.ms === undefined ? cut(ALREADY[row.hop] ?? row.got.replace(/^listens on /, '')) : `${row.ms} ms`;
  }
  if (row.verdict === 'SKIPPED' && row.reason === 'not-configured') return '';
  return isWide ? `${row.reason}: ${row.got}` : cut(SHORT[row.reason ?? ''] ?? row.reason ?? '');
}

/** Reasons that are clearer in other words. */
const SHORT: Readonly<Record<string, string>> = {
  vantage: 'not asked',
  'local-egress': 'blocked here',
  'not-listening': 'missing',
  'auth-before-tls': 'AUTH in clear',
  'certificate-expired': 'expired',
  'certificate-name': 'wrong name',
  'certificate-not-yet-valid': 'not yet valid',
  'certificate-self-signed': 'self-signed',
  'certificate-untrusted': 'untrusted',
};

const ALREADY: Readonly<Partial<Record<Hop, string>>> = { nat: '' };

function cellLines(style: Style, rows: readonly Row[]): string {
  return rows
    .map((row) => {
      const said = row.verdict === 'OK' ? '' : ` ${row.verdict}${row.reason === undefined ? '' : ` (${row.reason})`}`;
      return `${style.mark(MARK[row.verdict])} ${HOP_TITLES[row.hop]}, ${row.protocol} ${row.port}:${said} ${printable(row.got)}`;
    })
    .map((line) => wrap(line, style.width, '', '    '))
    .join('\n');
}

function conclusion(
  style: Style,
  { conclusion: { state, summary, breaks, notes }, findings, status }: PortCheck,
): string[] {
  const out: string[] = [];
  const said = state === 'broken' ? 'FAIL' : state === 'healthy' ? 'PASS' : 'UNKNOWN';
  const line = (verdict: Verdict, text: string): void => {
    out.push(wrap(printable(text), style.width, `${style.verdict(verdict)}  `, '      '));
  };
  if (breaks.length === 0 && !(state === 'healthy' && status === 'fail')) line(said, summary);
  for (const one of breaks) {
    line('FAIL', `${one.summary} That means: ${one.means}. [${one.code}]`);
    for (const { text, command, risk, costs } of one.next) {
      out.push(`      ${risk === 'read' ? 'look' : 'then'}: ${text}${costs === undefined ? '' : ` (${costs})`}`);
      if (command !== undefined) out.push(`        ${printable(command)}`);
    }
  }
  for (const finding of findings.filter(({ verdict }) => verdict !== 'PASS')) line(finding.verdict, shown(finding));
  for (const note of notes) out.push(wrap(printable(note), style.width, '      '));
  return out;
}

function shown({ title, detail, hint }: Finding): string {
  return `${title}: ${detail}.${hint === undefined ? '' : ` ${hint}`}`;
}
