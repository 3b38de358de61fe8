import type { Clients } from '../clients/clients.ts';
import type { EvidenceState } from '../diagnosis/probe.ts';
import type { Site } from '../site/site.ts';
import { type Cell, type CellPlan, planCells, type Selection, type Unasked } from './cells.ts';
import { answerOf, type ClusterReads } from './evidence/answer.ts';
import { type BalancedServer, collectHaproxyState } from './evidence/haproxy-state.ts';
import { collectListeners, type Listeners } from './evidence/listeners.ts';
import { collectNat, type Redirection } from './evidence/nat.ts';
import { collectRoundtrip, type Roundtrip } from './evidence/roundtrip.ts';
import { collectService, type ServiceFacts } from './evidence/service.ts';
import type { Hop } from './hops.ts';
import { makePacer } from './pace.ts';
import { portsOf, SPEECH } from './ports.ts';
import { type ProbeRequest, probe } from './probe/probe.ts';
import { LIMITS, type Limits, type ProbeReport } from './probe/report.ts';

/** What a run may touch. It is a guest: nothing here can change anything. */
export type MailClients = Pick<Clients, 'sockets' | 'clock' | 'ssh' | 'http'> & ClusterReads;

/** Where the questions are asked from. */
export type Vantage = {
  readonly name: string;
  /** Whether a ClusterIP can be dialled from there. */
  readonly inCluster: boolean;
  /** The host, as ssh knows it, that connects; left out: this machine. */
  readonly ssh?: string;
};

/** One run. `say` gets a line whenever it waits; `limits` are for tests. */
export type Request = {
  readonly site: Site;
  readonly serverName: string;
  readonly selection: Selection;
  readonly vantage: Vantage;
  readonly say: (line: string) => void;
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
};

/** One connection and what it showed. */
export type Asked = { readonly cell: Cell; readonly report: ProbeReport };

/** Everything that a run has found out, before anything is judged. Undefined: not asked for. */
export type Gathered = {
  readonly asked: readonly Asked[];
  readonly unasked: readonly Unasked[];
  readonly listeners?: EvidenceState<Listeners>;
  readonly service?: EvidenceState<ServiceFacts>;
  readonly haproxy?: EvidenceState<readonly BalancedServer[]>;
  readonly nat?: EvidenceState<readonly Redirection[]>;
  readonly roundtrip?: EvidenceState<Roundtrip>;
};

/** The connections of a run as they will be made, without a Service's: its address is known only then. */
export function planOf({ site, serverName, selection }: Request, now: Date): CellPlan {
  // Runs take turns among the nodes, so that a node that is broken is found sooner or later without `--deep`.
  return planCells(site, serverName, selection, Math.floor(now.getTime() / 60_000));
}

/** What connections need: neither the cluster nor anything else. */
export type DialClients = Pick<Clients, 'sockets' | 'clock'>;

/** Makes the connections of the chosen hops; those of one hop and port one after another, and paced by listener. */
export async function dial(clients: DialClients, request: Request): Promise<Pick<Gathered, 'asked' | 'unasked'>> {
  const { cells, unasked } = planOf(request, clients.clock.now());
  return { asked: await dialCells(cells, asker(clients, request)), unasked };
}

/** Connects to the Service's own address, where that can be dialled at all; else nothing is asked. */
export async function dialService(
  clients: DialClients,
  facts: ServiceFacts,
  request: Request,
): Promise<readonly Asked[]> {
  return await Promise.all(serviceCells(facts, request).map(asker(clients, request)));
}

function asker(clients: DialClients, request: Request): (cell: Cell) => Promise<Asked> {
  const pacer = makePacer(clients.clock, request.say);
  return async (cell) => {
    await pacer.turn(listenerOf(cell), request.signal);
    return { cell, report: await probe(clients, requestFor(cell, request)) };
  };
}

async function dialCells(cells: readonly Cell[], ask: (cell: Cell) => Promise<Asked>): Promise<readonly Asked[]> {
  return (await Promise.all(lanesOf(cells).map((lane) => oneByOne(lane, ask)))).flat();
}

/** Asks everything at the same time. */
export async function gather(clients: MailClients, request: Request): Promise<Gathered> {
  const { site, selection } = request;
  const { cells, unasked } = planOf(request, clients.clock.now());
  const wants = (...hops: readonly Hop[]): boolean => hops.some((hop) => selection.hops.includes(hop));
  const ask = asker(clients, request);
  const service = async () => {
    const facts = await answerOf(() => collectService(clients, site));
    const more = facts.state === 'answered' ? serviceCells(facts.value, request) : [];
    return { facts, asked: await Promise.all(more.map(ask)) };
  };
  const when = <T>(isWanted: boolean, work: () => Promise<T>): Promise<T | undefined> =>
    isWanted ? work() : Promise.resolve(undefined);
  const [dialled, listeners, inCluster, haproxy, nat, roundtrip] = await Promise.all([
    dialCells(cells, ask),
    when(wants('pod', 'pod-proxy'), () => answerOf(() => collectListeners(clients, site))),
    when(wants('service'), service),
    when(wants('haproxy-state'), () => answerOf(() => collectHaproxyState(clients, site))),
    when(wants('nat'), () => answerOf(() => collectNat(clients, site))),
    when(wants('roundtrip'), () => answerOf(() => collectRoundtrip(clients, site))),
  ]);
  return {
    asked: [...dialled, ...(inCluster?.asked ?? [])],
    unasked,
    ...(listeners === undefined ? {} : { listeners }),
    ...(inCluster === undefined ? {} : { service: inCluster.facts }),
    ...(haproxy === undefined ? {} : { haproxy }),
    ...(nat === undefined ? {} : { nat }),
    ...(roundtrip === undefined ? {} : { roundtrip }),
  };
}

function requestFor(cell: Cell, { limits, signal, vantage }: Request): ProbeRequest {
  const { language, tls, hidesAuth } = SPEECH[cell.protocol];
  const usual = limits ?? LIMITS;
  // A listener that waits for a PROXY header gives up after 5 s (smtpd_upstream_proxy_timeout).
  const patient = { ...usual, greetingMs: Math.min(usual.greetingMs, 8000), tlsMs: Math.min(usual.tlsMs, 8000) };
  return {
    host: cell.host,
    port: cell.dial,
    language,
    tls,
    hidesAuth,
    proxy: cell.proxy === 'required',
    serverName: cell.serverName,
    judgesCertificate: cell.judgesCertificate,
    limits: cell.proxy === 'withheld' ? patient : usual,
    ...(signal === undefined ? {} : { signal }),
    ...(vantage.ssh === undefined ? {} : { from: vantage.ssh }),
  };
}

/** A Service's cells, where its address can be dialled at all. */
function serviceCells(facts: ServiceFacts, { site, serverName, selection, vantage }: Request): readonly Cell[] {
  const { clusterIp } = facts;
  if (!vantage.inCluster || clusterIp === undefined || facts.readyEndpoints === 0) return [];
  return selection.protocols.flatMap((protocol) => {
    const port = portsOf(site)[protocol]?.port;
    if (port === undefined || !facts.ports.includes(port)) return [];
    return [
      {
        hop: 'service' as const,
        protocol,
        port,
        host: clusterIp,
        dial: port,
        proxy: 'none' as const,
        serverName,
        judgesCertificate: true,
      },
    ];
  });
}

/** The listener that a connection ends at: what its server counts. */
function listenerOf({ hop, protocol, host }: Cell): string {
  if (hop === 'second-mx') return host;
  return hop === 'service' || hop === 'node-health' ? `${protocol}` : `${protocol} behind PROXY`;
}

function lanesOf(cells: readonly Cell[]): readonly (readonly Cell[])[] {
  const lanes = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = `${cell.hop} ${cell.protocol}`;
    lanes.set(key, [...(lanes.get(key) ?? []), cell]);
  }
  return [...lanes.values()];
}

async function oneByOne<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}
