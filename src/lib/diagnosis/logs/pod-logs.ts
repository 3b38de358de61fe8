import type { Clients } from '../../clients/clients.ts';
import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { PODS } from '../../clients/kubernetes/kinds.ts';
import { InfraError, isInfraError } from '../../errors.ts';
import { bothEnds, type LogCut } from './both-ends.ts';
import type { SignatureSet } from './compile.ts';
import { type LogEvidence, mergeEvidence } from './evidence.ts';
import { scanLogs } from './scan.ts';

/** A guest reads at most four logs at a time, and at most this much of each, in bytes. */
const STREAMS = 4;
const LIMIT_BYTES = 64 * 1024 * 1024;

/** Whose logs: one pod, or all that a label selector finds; of one container, or of all. */
export type PodLogsRequest = {
  readonly namespace: string;
  readonly pod?: string;
  readonly selector?: string;
  readonly container?: string;
  /** How far back, in seconds; the log before a restart is read whole. */
  readonly sinceSeconds: number;
  readonly signatures: SignatureSet;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
};

/** What was read. `errors`: of logs that could not be; the others are in the evidence all the same. */
export type PodLogs = {
  readonly evidence: LogEvidence;
  /** `pod/container`, with ` (previous)` for the log before the last restart. */
  readonly read: readonly string[];
  /** What the evidence does not cover, a sentence each. */
  readonly notes: readonly string[];
  /** Why not all of it tells how it is now: logs that are empty, cut or not readable, a few words each. */
  readonly lacking: readonly string[];
  readonly errors: readonly InfraError[];
};

type OneLog = {
  readonly source: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  readonly hasEnded: boolean;
  /** Its work is done, and it need not have said anything: an init container. */
  readonly isInit: boolean;
};
type Status = {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: unknown; readonly terminated?: unknown };
};
type PodShape = {
  readonly spec?: Readonly<
    Record<'initContainers' | 'containers' | 'ephemeralContainers', readonly { name: string }[]>
  >;
  readonly status?: Readonly<Record<`${'init' | 'ephemeral' | ''}${'c' | 'C'}ontainerStatuses`, readonly Status[]>>;
};

async function podsOf(kubernetes: Pick<Clients['kubernetes'], 'get' | 'list'>, request: PodLogsRequest) {
  const { namespace, pod, selector } = request;
  if (pod === undefined) {
    const pods = await kubernetes.list(PODS, {
      namespace,
      ...(selector === undefined ? {} : { labelSelector: selector }),
    });
    if (pods.length > 0) return pods;
    const hints = [`kubectl -n ${namespace} get pods --show-labels`];
    throw new InfraError('logs.no-pods', 'data', `No pod in ${namespace} has ${selector ?? 'any label'}.`, { hints });
  }
  const found = await kubernetes.get(PODS, pod, namespace);
  if (found !== undefined) return [found];
  const hints = [`kubectl -n ${namespace} get pods; pods change their names, --selector does not`];
  throw new InfraError('logs.no-pods', 'data', `There is no pod ${pod} in ${namespace}.`, { hints });
}

/** The logs of a pod: each container, and what it wrote before its last restart; which have not begun. */
function logsOf(object: KubernetesObject, only: string | undefined): { logs: OneLog[]; notStarted: string[] } {
  const { name: pod } = object.metadata;
  const { spec, status } = object as PodShape;
  const containers = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
  const statuses = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  const out = { logs: [] as OneLog[], notStarted: [] as string[] };
  const inits = (spec?.initContainers ?? []).map(({ name }) => name);
  for (const { name: container } of containers.filter(({ name }) => only === undefined || name === only)) {
    const own = statuses.find(({ name }) => name === container);
    const restarts = own?.restartCount ?? 0;
    const source = `${pod}/${container}`;
    const hasEnded = own?.state?.terminated !== undefined;
    const isInit = inits.includes(container) && hasEnded;
    if (own?.state?.waiting !== undefined && restarts === 0) out.notStarted.push(source);
    else out.logs.push({ source, pod, container, previous: false, hasEnded, isInit });
    const before = { source: `${source} (previous)`, pod, container, previous: true, hasEnded: true, isInit };
    if (restarts > 0) out.logs.push(before);
  }
  return out;
}

type Read = {
  readonly one: OneLog;
  readonly evidence?: LogEvidence;
  readonly error?: InfraError;
  /** Nothing was written within the time asked for: the whole log was read instead. */
  readonly isWhole?: boolean;
  readonly cut?: LogCut;
};

type Scanned = Required<Pick<Read, 'evidence'>> & Pick<Read, 'cut'>;

type LogsOnly = Pick<Clients['kubernetes'], 'logs'>;

async function scanOne(
  kubernetes: LogsOnly,
  { namespace, signatures, nowMs, signal }: PodLogsRequest,
  { pod, container, source, previous }: OneLog,
  sinceSeconds: number | undefined,
): Promise<Scanned> {
  let cut: LogCut | undefined;
  const asked = {
    namespace,
    pod,
    container,
    timestamps: true,
    limitBytes: LIMIT_BYTES,
    ...(previous ? { previous } : {}),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(signal === undefined ? {} : { signal }),
  };
  const lines = bothEnds(kubernetes, asked, (seen) => {
    cut = seen;
  });
  const evidence = await scanLogs(lines, { signatures, nowMs, source });
  return { evidence, ...(cut === undefined ? {} : { cut }) };
}

/** A process that hangs since its start has written nothing lately: what it said last is what one looks for. */
async function readOne(kubernetes: LogsOnly, request: PodLogsRequest, one: OneLog): Promise<Read> {
  try {
    const scanned = await scanOne(kubernetes, request, one, one.previous ? undefined : request.sinceSeconds);
    if (one.hasEnded || scanned.evidence.lines > 0) return { one, ...scanned };
    return { one, ...(await scanOne(kubernetes, request, one, undefined)), isWhole: true };
  } catch (error) {
    if (!isInfraError(error) || request.signal?.aborted === true) throw error;
    return { one, error };
  }
}

/**
 * Reads and folds the logs of pods: every container, before its last restart too, at most four at a time. Throws when
 * nothing could be read: `logs.no-pods`, `logs.no-container` (65), `kubernetes.denied` (77: pods/log) and its like.
 */
export async function readPodLogs(
  kubernetes: Pick<Clients['kubernetes'], 'get' | 'list' | 'logs'>,
  request: PodLogsRequest,
): Promise<PodLogs> {
  const pods = await podsOf(kubernetes, request);
  const found = pods.map((pod) => logsOf(pod, request.container));
  const wanted = found.flatMap(({ logs }) => logs);
  const notes = found
    .flatMap(({ notStarted }) => notStarted)
    .map((source) => `${source} has not started: it has no log.`);
  if (wanted.length === 0 && notes.length === 0) {
    const names = `${request.container ?? 'any container'} in ${pods.map(({ metadata }) => metadata.name).join(', ')}`;
    throw new InfraError('logs.no-container', 'data', `There is no container ${names}.`);
  }
  const read: Read[] = [];
  const queue = wanted.entries();
  const work = async (): Promise<void> => {
    for (const [index, one] of queue) read[index] = await readOne(kubernetes, request, one);
  };
  await Promise.all(Array.from({ length: STREAMS }, work));
  const [first] = read.flatMap(({ error }) => error ?? []);
  // The log before a restart may be gone with its container: not a failure, but not read either.
  const isGone = ({ one, error }: Read): boolean => one.previous && isInfraError(error, 'kubernetes.failed');
  notes.push(...read.filter(isGone).map(({ one }) => `${one.source}: the log before the restart is gone.`));
  notes.push(...read.flatMap(({ one, cut }) => (cut === undefined ? [] : `${one.source}: ${cutWords(cut)}`)));
  notes.push(
    ...read
      .filter(({ isWhole }) => isWhole === true)
      .map(({ one }) => `${one.source} wrote nothing in the time asked for: its whole log was read.`),
  );
  if (first !== undefined && read.every(({ error }) => error !== undefined)) throw first;
  return {
    evidence: mergeEvidence(read.flatMap(({ evidence }) => evidence ?? [])),
    read: read.filter(({ evidence }) => evidence !== undefined).map(({ one }) => one.source),
    notes,
    lacking: read.filter((each) => !isGone(each)).flatMap((each) => lackOf(each) ?? []),
    errors: read.filter((each) => !isGone(each)).flatMap(({ error }) => error ?? []),
  };
}

function cutWords({ from, unread }: LogCut): string {
  if (unread !== undefined) return `only the first 64 MiB were read, not its end (${unread}); narrow it with --since.`;
  const end = from === undefined ? 'end' : `lines since ${from.slice(0, 19).replace('T', ' ')} UTC`;
  return `of more than 64 MiB only its beginning and its ${end} were read; narrow it with --since.`;
}

function lackOf({ one, evidence, cut }: Read): string | undefined {
  if (evidence === undefined) return `${one.source} could not be read`;
  if (cut?.unread !== undefined) return `the end of ${one.source} was not read`;
  return evidence.lines === 0 && !one.previous && !one.isInit ? `${one.source} is empty` : undefined;
}
