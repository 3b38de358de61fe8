import type { ContainerFact, PodFact } from '../evidence/pods.ts';

/** How long an end of a container, and what it wrote before that, counts as news: the alerts look at 30 minutes, an operator at the last day. */
const RECENT_MS = 24 * 3_600_000;

/** A container that the kernel killed for its memory, lately. */
export function oomKilled(pod: PodFact, at: Date): ContainerFact | undefined {
  return pod.containers.find(
    ({ endedBy, endedWith, endedAt }) =>
      (endedBy === 'OOMKilled' || (endedBy === undefined && endedWith === 137)) && isRecent(endedAt, at),
  );
}

/** Why a pod does not serve, in words, or undefined when it does. */
export function whyNotReady(pod: PodFact): string | undefined {
  if (pod.ready) return undefined;
  const stuck = pod.containers.find(({ waiting }) => waiting !== undefined);
  if (stuck?.waiting !== undefined) return stuck.waiting;
  if (pod.phase !== 'Running') return pod.phase;
  return 'running but not ready';
}

/** Containers that ended lately, however they ended. */
export function recentEnds(pod: PodFact, at: Date): readonly ContainerFact[] {
  return pod.containers.filter(({ restarts, endedAt }) => restarts > 0 && isRecent(endedAt, at));
}

/** Whether something counts as news; what has no date may be. */
export function isRecent(iso: string | undefined, at: Date): boolean {
  return iso === undefined || at.getTime() - Date.parse(iso) < RECENT_MS;
}
