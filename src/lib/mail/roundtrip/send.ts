import type { Clients } from '../../clients/clients.ts';
import type { Kubernetes } from '../../clients/kubernetes/client.ts';
import { PODS } from '../../clients/kubernetes/kinds.ts';
import { InfraError, isInfraError } from '../../errors.ts';
import type { RoundtripJob } from './job.ts';
import { type JobState, jobState } from './job-state.ts';
import type { SendEvidence } from './judge-send.ts';
import { type MonitorLog, readMonitorLog } from './monitor-log.ts';

/** What sending needs of the cluster. */
export type SendClients = Pick<Clients, 'clock'> & {
  readonly kubernetes: Pick<Kubernetes, 'create' | 'delete' | 'get' | 'list' | 'logs'>;
};

/** How it is done. `say` gets a line for each thing that happens. */
export type SendOptions = { readonly signal: AbortSignal; readonly say: (line: string) => void };

/** What happened. `interrupted` is the signal's reason; `left` says why the Job could not be taken away. */
export type Sent = {
  readonly evidence: SendEvidence;
  readonly interrupted?: unknown;
  readonly left?: InfraError;
};

const JOBS = { group: 'batch', version: 'v1', plural: 'jobs' } as const;
/** Pulling an image may take a while; longer is trouble. */
const START_MS = 120_000;
const LOG_BYTES = 256 * 1024;
const DELETIONS = 3;
/** Errors that say for sure that nothing was made. */
const NOT_MADE = ['kubernetes.denied', 'kubernetes.unauthorized', 'kubernetes.conflict', 'kubernetes.plugin'];

/**
 * Creates the Job, waits for its end, reads its log and deletes it, also after an interrupt. Rejects when the Job could not
 * be created or watched: then nothing is left of it either, or the error is `mail.roundtrip-left` (5).
 */
export async function sendRoundtrip(clients: SendClients, job: RoundtripJob, options: SendOptions): Promise<Sent> {
  const { clock, kubernetes } = clients;
  const began = clock.monotonic();
  options.signal.throwIfAborted();
  try {
    await kubernetes.create(JOBS, job.namespace, job.body);
  } catch (error) {
    // An answer that got lost: the Job may be there all the same.
    const left = isInfraError(error, ...NOT_MADE) ? undefined : await cleanUp(clients, job);
    throw left ?? error;
  }
  options.say(`The Job ${job.name} is created; it has up to ${Math.round(job.waitMs / 1000)} s (${job.waitFrom}).`);
  const last: { evidence: SendEvidence } = { evidence: { phase: 'waiting', waitedMs: 0 } };
  const watched = await watch(clients, job, options, began, (evidence) => {
    last.evidence = evidence;
  }).then(
    (interrupted) => ({ interrupted, failure: undefined }),
    (failure: unknown) => ({ interrupted: undefined, failure }),
  );
  const left = await cleanUp(clients, job);
  const { interrupted, failure } = watched;
  if (failure !== undefined) throw left ?? failure;
  return {
    evidence: { ...last.evidence, waitedMs: Math.round(clock.monotonic() - began) },
    ...(interrupted === undefined ? {} : { interrupted }),
    ...(left === undefined ? {} : { left }),
  };
}

/** Looks again and again until the Job has ended or its time is over. Gives the reason of an interrupt, if there was one. */
async function watch(
  { clock, kubernetes }: SendClients,
  job: RoundtripJob,
  { signal, say }: SendOptions,
  began: number,
  onSeen: (evidence: SendEvidence) => void,
): Promise<unknown> {
  const said = new Set<string>();
  const once = (line: string): void => {
    if (!said.has(line)) say(line);
    said.add(line);
  };
  const seen: { log?: MonitorLog; noLog?: string; waitingFor?: string } = {};
  for (;;) {
    const waitedMs = Math.round(clock.monotonic() - began);
    let state: JobState = { phase: 'waiting' };
    try {
      state = await look(kubernetes, job);
      if (state.phase === 'waiting' && state.why !== undefined) seen.waitingFor = state.why;
      else if (state.phase === 'running' || state.hasRun === true) delete seen.waitingFor;
      if (state.pod !== undefined && state.phase !== 'waiting') {
        Object.assign(seen, await readLog(kubernetes, job.namespace, state.pod));
      }
      onSeen({ phase: state.phase, ...(state.why === undefined ? {} : { why: state.why }), ...seen, waitedMs });
    } catch (error) {
      // The Job goes on without us: it is looked for again until its time is over.
      if (!isInfraError(error) || error.status !== 'unavailable') throw error;
      once(`The cluster does not answer: ${error.message}`);
    }
    if (seen.log?.isSent === true) once('The mail is sent.');
    if (seen.log?.wasBlocked === true) once('The address was on the sender’s block list and was taken off.');
    if (state.phase === 'waiting' && state.why !== undefined) once(`The Job has not started yet: ${state.why}.`);
    const isOver = ['complete', 'failed', 'gone'].includes(state.phase);
    if (isOver || waitedMs >= job.waitMs || (state.phase === 'waiting' && waitedMs >= START_MS)) return undefined;
    try {
      await clock.sleep(pauseAfter(waitedMs), signal);
    } catch (reason) {
      if (!signal.aborted) throw reason;
      say('Interrupted: the Job is taken away.');
      return reason;
    }
  }
}

/** Often at first, for what ends at once. */
function pauseAfter(waitedMs: number): number {
  return waitedMs < 5000 ? 500 : waitedMs < 30_000 ? 2000 : 5000;
}

async function look(kubernetes: SendClients['kubernetes'], { name, namespace }: RoundtripJob): Promise<JobState> {
  const [job, pods] = await Promise.all([
    kubernetes.get(JOBS, name, namespace),
    kubernetes.list(PODS, { namespace, labelSelector: `job-name=${name}` }),
  ]);
  return jobState(job, pods);
}

async function readLog(kubernetes: Pick<Kubernetes, 'logs'>, namespace: string, pod: string) {
  const lines: string[] = [];
  try {
    for await (const line of kubernetes.logs({ namespace, pod, limitBytes: LOG_BYTES })) lines.push(line);
    return { log: readMonitorLog(lines), noLog: undefined };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return lines.length > 0 ? { log: readMonitorLog(lines) } : { noLog: error.message.replace(/\.$/, '') };
  }
}

/** Deletes the Job and its pods; what is gone already is fine. Undefined: nothing is left. */
async function cleanUp({ clock, kubernetes }: SendClients, job: RoundtripJob): Promise<InfraError | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await kubernetes.delete(JOBS, job.name, job.namespace);
      return undefined;
    } catch (error) {
      if (!isInfraError(error)) throw error;
      if (attempt < DELETIONS && error.status === 'unavailable') {
        await clock.sleep(1000 * attempt);
        continue;
      }
      return new InfraError(
        'mail.roundtrip-left',
        'incomplete',
        `The Job ${job.name} in ${job.namespace} could not be deleted: ${error.message}`,
        {
          cause: error,
          hints: [`kubectl -n ${job.namespace} delete job ${job.name}`, 'Ten minutes after its end it goes by itself.'],
        },
      );
    }
  }
}
