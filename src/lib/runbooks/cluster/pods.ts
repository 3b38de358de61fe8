import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { PODS } from '../../clients/kubernetes/kinds.ts';
import type { Probe } from '../../diagnosis/probe.ts';

/** A pod that should run and does not. `why` is the kubelet's or the scheduler's word. */
type BadPod = { readonly namespace: string; readonly name: string; readonly why: string; readonly since: string };

export type PodsEvidence = { readonly pods: number; readonly bad: readonly BadPod[] };

type Container = {
  readonly name?: string;
  readonly ready?: boolean;
  readonly state?: {
    readonly waiting?: { readonly reason?: string };
    readonly terminated?: { readonly reason?: string };
  };
};
type Status = {
  readonly phase?: string;
  readonly reason?: string;
  readonly startTime?: string;
  readonly initContainerStatuses?: readonly Container[];
  readonly containerStatuses?: readonly Container[];
};

/** A pod may take this long to start before it counts. */
const STARTING_MS = 5 * 60_000;

/** More than this many pods at once are no longer somebody's experiment. Source: the platform's own health check. */
const MANY = 10;

/** Which pods do not run, and where? */
export const pods: Probe<PodsEvidence> = {
  id: 'cluster.pods.running',
  title: 'pods',
  layer: 'pods',
  dependsOn: ['cluster.api.answers'],
  needs: () => [{ verb: 'list', group: '', resource: 'pods' }],
  kind: 'passive',
  cost: '1 list of pods in all namespaces',
  timeoutMs: 2500,
  question: 'Which pods should run and do not?',
  why: 'Their namespaces tell which subject to look at.',
  byHand: () => 'kubectl get pods -A --field-selector=status.phase!=Running,status.phase!=Succeeded',
  healthy: 'Every pod that is not the pod of a Job is running and ready.',
  failures: [{ code: 'cluster.pod-not-running', meaning: 'A pod is waiting, crashing or not ready for five minutes.' }],
  async collect({ client, now }) {
    const kubernetes = await client('kubernetes');
    const all = await kubernetes.list(PODS);
    const bad = all.flatMap((pod) => badPod(pod, now));
    return {
      pods: all.length,
      bad: bad.sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1)),
    };
  },
  judge({ pods: count, bad }) {
    if (count === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: 'the API knows no pod' };
    if (bad.length === 0) return { verdict: 'PASS', detail: `${count} pod${count === 1 ? '' : 's'}, none in trouble` };
    const namespaces = [...new Set(bad.map(({ namespace }) => namespace))];
    const shown = bad.slice(0, 3).map(({ namespace, name, why }) => `${namespace}/${name} ${why}`);
    const more = bad.length > shown.length ? `, and ${bad.length - shown.length} more` : '';
    return {
      verdict: bad.length > MANY ? 'FAIL' : 'WARN',
      detail: `${bad.length} of ${count} do not run: ${shown.join(', ')}${more}`,
      observations: namespaces.map((subject) => ({ code: 'cluster.pod-not-running', subject })),
      data: { bad: bad.map((pod) => ({ ...pod })) },
    };
  },
};

function badPod({ metadata, status }: KubernetesObject, now: Date): readonly BadPod[] {
  const {
    phase = 'Unknown',
    reason,
    startTime,
    containerStatuses = [],
    initContainerStatuses = [],
  } = (status ?? {}) as Status;
  const owners = (metadata.ownerReferences ?? []) as readonly { readonly kind?: string }[];
  // A Job keeps the pods of its failed tries; the Job itself says whether it failed.
  if (phase === 'Succeeded' || owners.some(({ kind }) => kind === 'Job')) return [];
  const begun = startTime ?? String(metadata.creationTimestamp ?? '');
  const isYoung = begun !== '' && now.getTime() - Date.parse(begun) < STARTING_MS;
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ state }) => state?.waiting?.reason ?? []);
  const stuck = waiting.find((each) => each !== 'ContainerCreating' && each !== 'PodInitializing');
  const unready = containerStatuses.some(
    ({ ready, state }) => ready !== true && state?.terminated?.reason !== 'Completed',
  );
  const why =
    stuck ??
    (phase === 'Failed' ? (reason ?? 'Failed') : undefined) ??
    (isYoung ? undefined : (waiting[0] ?? (phase === 'Running' ? (unready ? 'not ready' : undefined) : phase)));
  return why === undefined ? [] : [{ namespace: metadata.namespace ?? '', name: metadata.name, why, since: begun }];
}
