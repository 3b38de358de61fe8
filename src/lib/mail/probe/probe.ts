import type { Clients } from '../../clients/clients.ts';
import type { TlsFacts } from '../../clients/sockets/client.ts';
import { probeClaim, proxyHeader } from '../proxy-protocol.ts';
import { certificateProblems } from './certificate.ts';
import { type Conversation, makeConversation, Stop } from './conversation.ts';
import { talkImap } from './imap.ts';
import { LIMITS, type Limits, type ProbeReport, type Problem } from './report.ts';
import { talkSmtp } from './smtp.ts';

/** One connection to make. */
export type ProbeRequest = {
  readonly host: string;
  readonly port: number;
  readonly language: 'smtp' | 'imap';
  readonly tls: 'starttls' | 'implicit';
  /** Send a PROXY header first. Never to a stock listener: it would take it for garbage. */
  readonly proxy: boolean;
  /** For SNI, and the name that the certificate must have. */
  readonly serverName: string;
  /** Whether the certificate is judged; a second MX of somebody else may have any. */
  readonly judgesCertificate: boolean;
  /** Whether AUTH before TLS is a problem. */
  readonly hidesAuth: boolean;
  readonly limits?: Limits;
  /** The host, as ssh knows it, that connects instead of this machine. */
  readonly from?: string;
  readonly signal?: AbortSignal;
};

/**
 * Asks one mail server, over exactly one connection, and takes leave. Whatever the server does is an answer; only
 * what is no answer of a server is thrown: `network.not-loopback`, the signal's reason, defects.
 */
export async function probe(clients: Pick<Clients, 'sockets' | 'clock'>, request: ProbeRequest): Promise<ProbeReport> {
  const limits = request.limits ?? LIMITS;
  const talk = makeConversation(clients, limits);
  const facts = {
    banner: undefined as string | undefined,
    extensions: undefined as readonly string[] | undefined,
    tls: undefined as TlsFacts | undefined,
    problems: [] as Problem[],
  };
  const counts = { connection: undefined as Awaited<ReturnType<Conversation['connect']>> | undefined };
  try {
    talk.enter('connect', limits.connectMs);
    const connection = await talk.connect({
      host: request.host,
      port: request.port,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(request.from === undefined ? {} : { from: request.from }),
    });
    counts.connection = connection;
    if (request.proxy) {
      talk.enter('proxy', limits.replyMs);
      const claim = probeClaim(connection.remote);
      const shown = `(PROXY v2, ${claim.source.address}:${claim.source.port} to ${claim.destination.address}:${claim.destination.port})`;
      await talk.sendBytes(proxyHeader(claim), shown);
    }
    await converse(talk, request, limits, facts);
  } catch (error) {
    request.signal?.throwIfAborted();
    if (!(error instanceof Stop)) throw error;
    facts.problems.unshift(blamed(error.problem, request.proxy, facts));
  } finally {
    talk.end();
  }
  if (facts.tls !== undefined && request.judgesCertificate) {
    facts.problems.push(...certificateProblems(facts.tls, request.serverName));
  }
  return {
    problems: facts.problems,
    phases: talk.phases,
    transcript: talk.transcript,
    banner: facts.banner,
    extensions: facts.extensions,
    tls: facts.tls,
    connected: counts.connection !== undefined,
    localAddress: counts.connection?.local.address,
    sentBytes: counts.connection?.sent ?? 0,
    receivedBytes: counts.connection?.received ?? 0,
    ms: talk.elapsedMs,
  };
}

type Facts = {
  banner: string | undefined;
  extensions: readonly string[] | undefined;
  tls: TlsFacts | undefined;
  readonly problems: Problem[];
};

async function converse(talk: Conversation, request: ProbeRequest, limits: Limits, facts: Facts): Promise<void> {
  const { serverName, tls, hidesAuth, proxy } = request;
  if (request.language === 'imap') await talkImap(talk, { serverName, limits }, facts);
  else await talkSmtp(talk, { tls, serverName, hidesAuth, proxied: proxy, limits }, facts);
}

/** A server that closes as its very first act after a PROXY header did not accept that header. */
function blamed(problem: Problem, proxied: boolean, facts: Facts): Problem {
  const isFirstAct = facts.banner === undefined && facts.tls === undefined;
  if (proxied && problem.reason === 'proxy-refused') return { ...problem, phase: 'proxy' };
  if (!proxied || !isFirstAct || problem.reason !== 'closed') return problem;
  const detail = 'the server closed the connection after the PROXY header, without a word';
  return { phase: 'proxy', reason: 'proxy-refused', detail };
}
