import type { StatusName } from '../errors.ts';
import { InfraError } from '../errors.ts';
import { type Finding, VERDICTS, type Verdict } from '../findings/finding.ts';
import type { Site } from '../site/site.ts';
import { endpointOf } from './cells.ts';
import { haproxyQuestion } from './evidence/haproxy-state.ts';
import { SS } from './evidence/listeners.ts';
import { PFCTL } from './evidence/nat.ts';
import { gather, type MailClients, planOf, type Request, type Vantage } from './gather.ts';
import type { Hop, Row } from './hops.ts';
import { type Conclusion, conclude } from './verdict/conclusion.ts';
import { findingsOf, statusOf, verdictOf } from './verdict/findings.ts';
import { rowsOf } from './verdict/rows.ts';

/** The answer of `infra mail check-ports`. */
export type PortCheck = {
  readonly hostname: string;
  readonly vantage: Vantage;
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
  /** Rows and findings by verdict. */
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly conclusion: Conclusion;
  /** TCP connections that were tried. */
  readonly connections: number;
  readonly status: StatusName;
};

/** One thing that a run would do. */
export type PlannedQuestion = {
  readonly kind: 'connect' | 'exec' | 'api' | 'ssh';
  readonly hop: Hop;
  readonly endpoint: string;
  readonly proxy: Row['proxy'];
  readonly what: string;
};

/** The name that the certificate and the greeting must have. Errors: `mail.not-configured` (78). */
export function hostnameOf(site: Site): string {
  const { value } = site.mail.hostname;
  if (value !== undefined) return value;
  throw new InfraError('mail.not-configured', 'config', 'mail.hostname is not set: there is no mail server to ask.', {
    hints: ['Set mail in infra.yaml: hostname, nodes, ports, haproxy, public.', 'infra config show'],
  });
}

/** Asks every port at every hop and judges what came back. Nothing is changed anywhere. */
export async function checkPorts(clients: MailClients, request: Request): Promise<PortCheck> {
  const { site, selection, vantage, serverName } = request;
  const gathered = await gather(clients, request);
  const now = clients.clock.now();
  const rows = rowsOf(gathered, { site, selection, vantage, now });
  const findings = findingsOf(rows, serverName, now);
  const verdicts = [...rows.map(verdictOf), ...findings.map(({ verdict }) => verdict)];
  const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length;
  return {
    hostname: serverName,
    vantage,
    rows,
    findings,
    counts: Object.fromEntries(VERDICTS.map((each) => [each, count(each)])) as Record<Verdict, number>,
    conclusion: conclude(rows, site),
    connections: gathered.asked.length,
    status: statusOf(rows, findings),
  };
}

/** What a run would ask, in the order of the hops; nothing is sent. */
export function plannedQuestions(request: Request, now: Date): readonly PlannedQuestion[] {
  const { site, selection } = request;
  const { mail } = site;
  const wants = (hop: Hop): boolean => selection.hops.includes(hop);
  const one = (kind: PlannedQuestion['kind'], hop: Hop, endpoint: string, what: string): readonly PlannedQuestion[] =>
    wants(hop) ? [{ kind, hop, endpoint, proxy: 'none', what }] : [];
  const overSsh = (hop: Hop, host: string | undefined, words: readonly string[]): readonly PlannedQuestion[] =>
    host === undefined ? [] : one('ssh', hop, host, words.join(' '));
  const connections = planOf(request, now).cells.map(
    (cell): PlannedQuestion => ({
      kind: 'connect',
      hop: cell.hop,
      endpoint: endpointOf(cell),
      proxy: cell.proxy,
      what: `${cell.protocol}${cell.node === undefined ? '' : ` on ${cell.node}`}`,
    }),
  );
  const pod = `${mail.namespace.value}/${mail.pod.selector.value}`;
  return [
    ...one('exec', wants('pod') ? 'pod' : 'pod-proxy', pod, SS.join(' ')),
    ...one(
      'api',
      'service',
      `${mail.namespace.value}/${mail.service.value}`,
      'get the Service, list its EndpointSlices',
    ),
    ...connections,
    ...overSsh('haproxy-state', mail.ssh.haproxy.value, haproxyQuestion(site).command),
    ...overSsh('nat', mail.ssh.nat.value, PFCTL),
    ...one('api', 'roundtrip', mail.roundtrip.cronJob.value, 'metrics of the last roundtrip, else the CronJob'),
  ];
}
