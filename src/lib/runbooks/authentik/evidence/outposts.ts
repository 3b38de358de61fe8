import type { ContainerFact, PodFact } from '../../evidence/pods.ts';
import { COMPONENT_LABEL, NAME_LABEL, OUTPOST_LABEL, PROXY_CONTAINER } from '../names.ts';

/** One outpost: the pods that answer forward authentication for its hosts. */
export type Outpost = {
  /** Name of the outpost in Authentik, or `embedded in the server`. */
  readonly name: string;
  readonly embedded: boolean;
  readonly pods: readonly PodFact[];
};

const EMBEDDED = 'embedded in the server';

const isServer = ({ labels }: PodFact): boolean =>
  labels[COMPONENT_LABEL] === 'server' && labels[OUTPOST_LABEL] === undefined && labels[NAME_LABEL] === 'authentik';

/** Pods of the server; outposts may carry its component label too (a patch of the Service's selector needs that). */
export function serverPods(pods: readonly PodFact[]): readonly PodFact[] {
  return living(pods).filter(isServer);
}

export function workerPods(pods: readonly PodFact[]): readonly PodFact[] {
  return living(pods).filter(({ labels }) => labels[COMPONENT_LABEL] === 'worker');
}

export function poolerPods(pods: readonly PodFact[]): readonly PodFact[] {
  return living(pods).filter(({ labels }) => labels.app === 'pgbouncer');
}

/** Every outpost that has pods, the one named embedded first; where none has any, the server's own. */
export function outpostsOf(pods: readonly PodFact[]): readonly Outpost[] {
  const names = new Set(living(pods).flatMap(({ labels }) => labels[OUTPOST_LABEL] ?? []));
  if (names.size === 0) return [{ name: EMBEDDED, embedded: true, pods: serverPods(pods) }];
  return [...names]
    .sort((a, b) => Number(b.includes('embedded')) - Number(a.includes('embedded')) || a.localeCompare(b, 'en'))
    .map((name) => ({ name, embedded: false, pods: living(pods).filter((pod) => pod.labels[OUTPOST_LABEL] === name) }));
}

/** The container of an outpost's pod that answers. */
export function outpostContainer(pod: PodFact): ContainerFact | undefined {
  return pod.containers.find(({ name }) => name === PROXY_CONTAINER) ?? pod.containers[0];
}

/** Pods that have ended or are being removed answer nobody; what their logs say is history. */
function living(pods: readonly PodFact[]): readonly PodFact[] {
  return pods.filter(({ phase, leaving }) => !leaving && phase !== 'Succeeded' && phase !== 'Failed');
}
