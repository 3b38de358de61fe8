import type { KubernetesObject } from '../../clients/kubernetes/client.ts';

/** How far a Job is. `why` is the reason that Kubernetes gives, such as DeadlineExceeded or ImagePullBackOff. */
export type JobState = {
  readonly phase: 'waiting' | 'running' | 'complete' | 'failed' | 'gone';
  readonly why?: string;
  /** The newest pod, whose log tells what happened. */
  readonly pod?: string;
};

type Condition = { readonly type?: string; readonly status?: string; readonly reason?: string };
type Waiting = { readonly state?: { readonly waiting?: { readonly reason?: string } } };
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
  if (failed !== undefined) return { phase: 'failed', ...because(failed.reason), ...name };
  const status = (pod?.status ?? {}) as PodStatus;
  if (status.phase === undefined || status.phase === 'Pending') {
    return { phase: 'waiting', ...because(whyWaiting(status)), ...name };
  }
  return { phase: 'running', ...name };
}

function because(why: string | undefined): { readonly why?: string } {
  return why === undefined || why === '' ? {} : { why };
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
