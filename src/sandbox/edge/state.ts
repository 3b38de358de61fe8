import type { Answer } from '../http/exchange.ts';
import { fits } from '../kubernetes/logs.ts';
import { at, type KubeObject, listAt, textAt } from '../kubernetes/object.ts';
import { type ClusterState, find, objectsOf } from '../kubernetes/state.ts';
import type { Tmpfs } from '../programs/tmpfs.ts';

/** How one outpost pod behaves. Where it keeps sessions and what is left there decides what visitors get. */
export type OutpostPod = {
  /** Name of the pod; may end in `*`. */
  readonly pod: string;
  readonly writer: 'go' | 'rust';
  readonly store: 'filesystem' | 'postgres';
  readonly shm: Tmpfs;
  /** Hosts whose provider is bound to this outpost. */
  readonly hosts: readonly string[];
};

/** What Cloudflare does with a request: hand it on, or answer itself. */
export type CloudflareLeg = 'passes' | 'closed' | Answer;

/** What visitors meet besides what the cluster's objects say. */
export type EdgeWorld = {
  readonly cloudflare: CloudflareLeg;
  /** `closed`: nothing answers at the address that the site names. */
  readonly traefik: 'answers' | 'closed';
  readonly outposts: readonly OutpostPod[];
  /** Host of authentik itself. */
  readonly authentikHost: string;
  /** Hosts that answer this before anybody is asked to log in. */
  readonly refused?: Readonly<Record<string, Answer>>;
  /** Text files by host and path, `mta-sts.sandbox.test/.well-known/mta-sts.txt`. */
  readonly pages?: Readonly<Record<string, string>>;
};

/** The edge while it runs. */
export type EdgeState = { readonly world: EdgeWorld; readonly cluster: ClusterState; readonly now: () => number };

/** Pods that a Service reaches: its selector fits and they are ready. */
export function endpointsOf(cluster: ClusterState, namespace: string, service: string): readonly KubeObject[] {
  const object = find(cluster, '', 'services', namespace, service);
  const selector = Object.entries((at(object, 'spec', 'selector') as Readonly<Record<string, string>>) ?? {});
  if (selector.length === 0) return [];
  return [...objectsOf(cluster, { group: '', plural: 'pods' }).values()].filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      selector.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
      listAt(pod, 'status', 'conditions').some(
        (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True',
      ),
  );
}

/** The outpost behind a pod, or undefined when the pod is none. */
export function outpostOf(state: EdgeState, pod: KubeObject): OutpostPod | undefined {
  return state.world.outposts.find((each) => fits(each.pod, pod.metadata.name));
}
