import type { Clients } from '../../clients/clients.ts';
import type { StatusName } from '../../errors.ts';
import { countVerdicts, type Finding, statusOfFindings, type Verdict } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import { answerOf, type ClusterReads } from '../evidence/answer.ts';
import { mailPod } from '../evidence/mail-pod.ts';
import { listQueue } from '../queue/collect-queue.ts';
import type { Advice } from '../verdict/advice.ts';
import { assemble } from './assemble.ts';
import { type LogClients, podLogs } from './cluster-logs.ts';
import { coverageOf, type TraceCoverage } from './coverage.ts';
import { foldLogs, type LogSource, type ReadLog } from './fold-logs.ts';
import { keyText, type TraceKey } from './key.ts';
import { traceNextSteps } from './next-steps.ts';
import { wantsQueue, withQueue } from './queue-now.ts';
import type { TracedMail } from './traced.ts';

/** What is looked for, where, and how many mails are told. */
export type TraceRequest = {
  readonly key: TraceKey;
  readonly nowMs: number;
  /** Seconds to look back; undefined: as far as the logs reach. */
  readonly sinceSeconds?: number;
  readonly limit: number;
  readonly signal?: AbortSignal;
};

/** The answer of `infra mail trace`. */
export type TraceAnswer = {
  readonly wanted: string;
  /** The newest first, at most `limit`. */
  readonly mails: readonly TracedMail[];
  /** Mails that have the key and are not listed. */
  readonly more: number;
  readonly coverage: TraceCoverage;
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly next: readonly Advice[];
  readonly status: StatusName;
};

/** The last mail is in the newest quarter of an hour, or not: then all is read. */
const LAST_SECONDS = 900;

type Found = { readonly mails: readonly TracedMail[]; readonly read: readonly ReadLog[]; readonly forgotten: number };

/** Looks into the logs of the mail server's pod, and into its queue where that can say more. Errors: those of the cluster, `mail.empty`. */
export async function traceInCluster(
  clients: ClusterReads & LogClients & Pick<Clients, 'clock'>,
  site: Site,
  request: TraceRequest,
): Promise<TraceAnswer> {
  const { key, sinceSeconds } = request;
  const pod = await mailPod(clients, site);
  const look = async (seconds: number | undefined) => {
    const { sources, startedAt } = podLogs(clients, site, pod, seconds);
    return { found: await find(sources, request), startedAt, seconds };
  };
  const isShort = key.kind === 'last' && sinceSeconds === undefined;
  const first = await look(isShort ? LAST_SECONDS : sinceSeconds);
  const whole = isShort && first.found.mails.length === 0 ? await look(undefined) : first;
  const { found, startedAt } = whole;
  const notes: string[] = [];
  let { mails } = found;
  if (wantsQueue(mails, key)) {
    const queue = await answerOf(() => listQueue(clients, site));
    if (queue.state === 'no-answer') notes.push(`The queue could not be asked (${queue.reason}): ${queue.message}`);
    else if (queue.value.reading === undefined) notes.push('Postfix does not run: its queue could not be listed.');
    else mails = withQueue(mails, key, queue.value.reading, clients.clock.now());
  }
  const coverage = coverageOf(found.read, {
    startedAt,
    sinceSeconds: whole.seconds,
    isAsked: sinceSeconds !== undefined,
    forgotten: found.forgotten,
    notes,
  });
  return answer(request, mails, coverage, site);
}

/** Looks into the logs that are given, and nowhere else. Errors: those of opening them. */
export async function traceInFiles(sources: readonly LogSource[], request: TraceRequest): Promise<TraceAnswer> {
  const { mails, read, forgotten } = await find(sources, request);
  const coverage = coverageOf(read, {
    startedAt: undefined,
    sinceSeconds: undefined,
    isAsked: false,
    forgotten,
    notes: [],
  });
  return answer(request, mails, coverage, undefined);
}

async function find(sources: readonly LogSource[], { key, nowMs, signal }: TraceRequest): Promise<Found> {
  const { gathered, read } = await foldLogs(key, sources, nowMs, signal);
  return { mails: assemble(gathered), read, forgotten: gathered.forgotten };
}

function answer(
  { key, limit }: TraceRequest,
  mails: readonly TracedMail[],
  coverage: TraceCoverage,
  site: Site | undefined,
): TraceAnswer {
  const listed = mails.slice(0, limit);
  const findings = mails.length === 0 ? [nothing(key, coverage)] : listed.map(findingOf);
  return {
    wanted: keyText(key),
    mails: listed,
    more: mails.length - listed.length,
    coverage,
    findings,
    counts: countVerdicts(findings),
    next: traceNextSteps(listed, site),
    status: statusOfFindings(findings),
  };
}

function findingOf({ queueIds, firstSeen, verdict, state, summary }: TracedMail): Finding {
  const title = queueIds.at(-1) ?? `refusal of ${firstSeen}`;
  return { id: 'mail.trace', title, verdict, detail: summary, ...(verdict === 'PASS' ? {} : { reason: state }) };
}

/** No line is no proof: a mail may have come before the log begins, or not at all. */
function nothing(key: TraceKey, { reachesBackTo }: TraceCoverage): Finding {
  const back =
    reachesBackTo === undefined
      ? 'there is no line about mail in the log'
      : `the log reaches back to ${reachesBackTo.slice(0, 16).replace('T', ' ')} UTC`;
  const wanted = key.kind === 'addresses' ? `mail ${keyText(key)}` : keyText(key);
  const detail = `no line is about ${wanted}; ${back}`;
  return { id: 'mail.trace', title: keyText(key), verdict: 'UNKNOWN', reason: 'not-in-log', detail };
}
