import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { quantityBytes } from '../../users/quantity.ts';
import { labels, maybe, number, record, records, text } from './shape.ts';

/** Environment variable that gives a container Authentik's database. */
const DATABASE_VARIABLE = 'AUTHENTIK_POSTGRESQL__HOST';

/** One container of a pod: what it is, how it fares, how it ended before. */
export type ContainerFact = {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** Why it does not run: `CrashLoopBackOff`, `ImagePullBackOff`, … */
  readonly waiting?: string;
  /** Start of the run that is there now. */
  readonly runningSince?: string;
  /** How the run before ended: `OOMKilled`, `Error`, and when. */
  readonly endedBy?: string;
  readonly endedWith?: number;
  readonly endedAt?: string;
  readonly memoryLimitBytes?: number;
  /** Whether it is given Authentik's database; `maybe`: by a Secret or ConfigMap whose keys the pod does not show. */
  readonly database: 'yes' | 'maybe' | 'no';
};

/** What the runbook needs of a pod. */
export type PodFact = {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string;
  readonly ready: boolean;
  readonly leaving: boolean;
  readonly node?: string;
  readonly startedAt?: string;
  readonly containers: readonly ContainerFact[];
  /** An emptyDir of medium Memory that is mounted at /dev/shm; without one the runtime gives 64 MiB. */
  readonly shm?: { readonly sizeLimitBytes?: number };
};

/** Reads a pod as the API gives it. */
export function toPodFact(object: KubernetesObject): PodFact {
  const [spec, status] = [record(object.spec), record(object.status)];
  const statuses = records(status.containerStatuses);
  const containers = records(spec.containers).map((container) =>
    toContainer(container, statuses.find(({ name }) => name === container.name) ?? {}),
  );
  const conditions = records(status.conditions);
  return {
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? '',
    labels: labels(object.metadata.labels),
    phase: text(status.phase) ?? 'Unknown',
    ready: conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    leaving: text(object.metadata.deletionTimestamp) !== undefined,
    ...maybe('node', text(spec.nodeName)),
    ...maybe('startedAt', text(status.startTime)),
    containers,
    ...maybe('shm', shmOf(spec)),
  };
}

type Loose = Readonly<Record<string, unknown>>;

function toContainer(spec: Loose, status: Loose): ContainerFact {
  const [state, last] = [record(status.state), record(status.lastState)];
  const ended = record(last.terminated ?? state.terminated);
  const env = records(spec.env).map(({ name }) => name);
  return {
    name: text(spec.name) ?? '',
    image: text(spec.image) ?? '',
    ready: status.ready === true,
    restarts: number(status.restartCount) ?? 0,
    ...maybe('waiting', text(record(state.waiting).reason)),
    ...maybe('runningSince', text(record(state.running).startedAt)),
    ...maybe('endedBy', text(ended.reason)),
    ...maybe('endedWith', number(ended.exitCode)),
    ...maybe('endedAt', text(ended.finishedAt)),
    ...maybe('memoryLimitBytes', quantityBytes(text(record(record(spec.resources).limits).memory) ?? '')),
    database: env.includes(DATABASE_VARIABLE) ? 'yes' : records(spec.envFrom).length > 0 ? 'maybe' : 'no',
  };
}

function shmOf(spec: Loose): { readonly sizeLimitBytes?: number } | undefined {
  const mounts = records(spec.containers).flatMap((container) => records(container.volumeMounts));
  const name = mounts.find(({ mountPath }) => mountPath === '/dev/shm' || mountPath === '/dev/shm/')?.name ?? 'dshm';
  const volume = records(spec.volumes).find((one) => one.name === name);
  const emptyDir = volume === undefined ? undefined : record(volume.emptyDir);
  if (emptyDir === undefined) return undefined;
  return { ...maybe('sizeLimitBytes', quantityBytes(text(emptyDir.sizeLimit) ?? '')) };
}
