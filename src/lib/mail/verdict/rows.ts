import type { EvidenceState } from '../../diagnosis/probe.ts';
import type { MailProtocol } from '../../site/site.ts';
import { endpointOf, type Selection } from '../cells.ts';
import type { Asked, Gathered, Vantage } from '../gather.ts';
import { HOPS, type Hop, type Row, type SeenCertificate } from '../hops.ts';
import type { MailSite } from '../mail-site.ts';
import { PROTOCOLS, portsOf, SPEECH } from '../ports.ts';
import { type CellJudgement, judgeCell } from './cell.ts';
import * as hop from './hop-answers.ts';
import { sceneOf } from './scene.ts';

/** What the judgement may know besides the evidence. */
export type Given = {
  readonly site: MailSite;
  readonly selection: Selection;
  readonly vantage: Vantage;
  readonly now: Date;
};

/** Every row, hops from inside to outside, ports in their order. Pure: the same evidence gives the same rows. */
export function rowsOf(gathered: Gathered, given: Given): readonly Row[] {
  const scene = sceneOf(gathered.asked);
  const dialled = gathered.asked.map((each) => dialledRow(each, judgeCell(each, scene)));
  const left = gathered.unasked.map(
    ({ hop: at, protocol, port, reason, detail }): Row => ({
      ...plain(at, protocol, port, '–'),
      got: `${detail} is not set`,
      verdict: 'SKIPPED',
      reason,
    }),
  );
  const rows = [...dialled, ...left, ...answered(gathered, given, dialled)];
  const roundtrip = rows.find((row) => row.hop === 'roundtrip');
  const covered = roundtrip?.verdict === 'OK' ? rows.map(coveredByRoundtrip) : rows;
  const order = (row: Row): number => HOPS.indexOf(row.hop) * 10 + PROTOCOLS.indexOf(row.protocol);
  return covered
    .map((row, at) => ({ row, at }))
    .sort((a, b) => order(a.row) - order(b.row) || a.at - b.at)
    .map(({ row }) => row);
}

/** A mail that came in from outside has passed port 25 somewhere, whatever this network lets out. */
function coveredByRoundtrip(row: Row): Row {
  const isPort25Outside = row.protocol === 'smtp' && ['public-ipv4', 'public-ipv6', 'second-mx'].includes(row.hop);
  return isPort25Outside && row.verdict === 'INCONCLUSIVE' && row.phase === 'connect'
    ? { ...row, coveredBy: 'roundtrip' }
    : row;
}

function plain(at: Hop, protocol: MailProtocol, port: number, endpoint: string) {
  return { protocol, port, hop: at, endpoint, proxy: 'none' as const, expected: EXPECTED[at] };
}

const EXPECTED: Readonly<Record<Hop, string>> = {
  pod: 'the pod listens',
  'pod-proxy': 'the pod listens',
  service: 'a ready endpoint that greets',
  'node-health': 'a greeting and a valid certificate',
  'node-proxy': 'a greeting and a valid certificate after a PROXY header',
  'haproxy-state': 'at least one server is up',
  haproxy: 'a greeting and a valid certificate',
  nat: 'redirected to the balancer, and nowhere else',
  'public-ipv4': 'a greeting and a valid certificate',
  'public-ipv6': 'a greeting and a valid certificate',
  'second-mx': 'a greeting and STARTTLS',
  roundtrip: `a mail came round within ${hop.FRESH_MINUTES} minutes`,
};

function dialledRow({ cell, report }: Asked, judged: CellJudgement): Row {
  const { tls } = report;
  return {
    ...plain(cell.hop, cell.protocol, cell.port, endpointOf(cell)),
    proxy: cell.proxy,
    expected:
      cell.proxy === 'withheld'
        ? 'no greeting without a PROXY header'
        : `${EXPECTED[cell.hop]}${hidden(cell.protocol)}`,
    ...judged,
    ms: report.ms,
    ...(cell.node === undefined ? {} : { node: cell.node }),
    ...(tls === undefined ? {} : { certificate: seen(tls) }),
    phases: report.phases,
    transcript: report.transcript,
  };
}

function hidden(protocol: MailProtocol): string {
  return SPEECH[protocol].hidesAuth ? ', no AUTH before TLS' : '';
}

function seen({ certificate, trusted, nameMatches }: NonNullable<Asked['report']['tls']>): SeenCertificate {
  const { fingerprint, names, issuer, notAfter } = certificate;
  return { fingerprint, names, issuer, trusted, nameMatches, ...(notAfter === undefined ? {} : { notAfter }) };
}

/** The rows of hops that are asked in another way than by a connection. */
function answered(gathered: Gathered, given: Given, dialled: readonly Row[]): readonly Row[] {
  const { site, selection } = given;
  const { mail } = site;
  const chosen = PROTOCOLS.filter((each) => selection.protocols.includes(each));
  const each = <T>(
    at: Hop,
    evidence: EvidenceState<T> | undefined,
    endpoint: string,
    judge: (value: T, protocol: MailProtocol) => CellJudgement | undefined,
    protocols: readonly MailProtocol[] = chosen,
  ): readonly Row[] => {
    if (evidence === undefined || !selection.hops.includes(at)) return [];
    return protocols.flatMap((protocol) => {
      const port = portsOf(site)[protocol]?.port;
      if (port === undefined || dialled.some((row) => row.hop === at && row.protocol === protocol)) return [];
      const judged = evidence.state === 'answered' ? judge(evidence.value, protocol) : hop.unanswered(evidence);
      return judged === undefined ? [] : [{ ...plain(at, protocol, port, endpoint), ...judged }];
    });
  };
  const ports = portsOf(site);
  const inPod = `${mail.namespace.value}/${gathered.listeners?.state === 'answered' ? gathered.listeners.value.pod : mail.pod.selector.value}`;
  return [
    ...each('pod', gathered.listeners, inPod, ({ ports: open }, name) => hop.listening(open, ports[name]?.port)),
    ...each('pod-proxy', gathered.listeners, inPod, ({ ports: open }, name) => hop.listening(open, ports[name]?.proxy)),
    ...each('service', gathered.service, `${mail.namespace.value}/${mail.service.value}`, (facts, name) =>
      hop.service(facts, ports[name]?.port, given.vantage),
    ),
    ...each('haproxy-state', gathered.haproxy, mail.ssh.haproxy.value ?? '–', (servers, name) =>
      hop.balanced(servers, ports[name]?.nodePort),
    ),
    ...each('nat', gathered.nat, mail.ssh.nat.value ?? '–', (rules, name) =>
      hop.redirected(rules, ports[name]?.port, mail.haproxy.value),
    ),
    ...each(
      'roundtrip',
      gathered.roundtrip,
      mail.roundtrip.cronJob.value,
      (last) => hop.cameRound(last, given.now),
      chosen.filter((name) => name === 'smtp'),
    ),
  ];
}
