import type { KubernetesObject } from '../../clients/kubernetes/client.ts';

/** How far a Job is. `why` is the reason that Kubernetes gives, such as DeadlineExceeded or ImagePullBackOff. */
export type JobState = {
  readonly phase: 'waiting' | 'running' | 'complete' | 'failed' | 'gone';
  readonly why?: string;
  /** Of a failed Job whose pod is still there: whether one of its containers ever ran. */
  readonly hasRun?: boolean;
  /** The newest pod, whose log tells what happened. */
  readonly pod?: string;
};

type Condition = { readonly type?: string; readonly status?: string; readonly reason?: string };
type Waiting = {
  readonly state?: {
    readonly waiting?: { readonly reason?: string };
    readonly running?: object;
    readonly terminated?: object;
  };
};
type PodStatus = {
  readonly phase?: string;
  readonly conditions?: readonly Condition[];
  readonly containerStatuses?: readonly Waiting[];
  readonly initContainerStatuses?: readonly Waiting[];
};

/** Reads the state of a Job from it and its pods. Pure. */
export function jobState(job: KubernetesObject | undefined, pods: readonly KubernetesObject[]): JobState {
  if (job === undefined) return { phase: 'gone' };
  const pod = pods.toSorted((a, b) => createdAt(a).localeCompare(createdAt(b))).at(-1);
  const name = pod === undefined ? {} : { pod: pod.metadata.name };
  const { conditions = [] } = (job.status ?? {}) as { readonly conditions?: readonly Condition[] };
  const ended = (type: string): Condition | undefined =>
    conditions.find((each) => each.type === type && each.status === 'True');
  const failed = ended('Failed') ?? ended('FailureTarget');
  if (ended('Complete') !== undefined) return { phase: 'complete', ...name };
  const status = (pod?.status ?? {}) as PodStatus;
  if (failed !== undefined) {
    const known = pod === undefined ? {} : { hasRun: hasRun(status) };
    return { phase: 'failed', ...because(failed.reason), ...known, ...name };
  }
  if (status.phase === undefined || status.phase === 'Pending') {
    return { phase: 'waiting', ...because(whyWaiting(status)), ...name };
  }
  return { phase: 'running', ...name };
}

function because(why: string | undefined): { readonly why?: string } {
  return why === undefined || why === '' ? {} : { why };
}

/** A pod that fails before its image is there has containers that wait to this day. */
function hasRun({ containerStatuses = [] }: PodStatus): boolean {
  return containerStatuses.some(({ state }) => state?.running !== undefined || state?.terminated !== undefined);
}

/** ContainerCreating is what every pod begins with. */
function whyWaiting({
  conditions = [],
  containerStatuses = [],
  initContainerStatuses = [],
}: PodStatus): string | undefined {
  const waiting = [...initContainerStatuses, ...containerStatuses]
    .map(({ state }) => state?.waiting?.reason)
    .find((reason) => reason !== undefined && !['ContainerCreating', 'PodInitializing'].includes(reason));
  return waiting ?? conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')?.reason;
}

function createdAt({ metadata }: KubernetesObject): string {
  return typeof metadata.creationTimestamp === 'string' ? metadata.creationTimestamp : '';
}
