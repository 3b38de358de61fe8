import { POD_ALPHABET, type Random } from '../../random.ts';
import type { PodScene, Workload } from './scene.ts';

const NODES = ['k8s-node1', 'k8s-node2', 'k8s-node3', 'k8s-node4'] as const;

/** Makes a workload. */
export type Make = ReturnType<typeof workloads>;

/** A workload whose pods all run, on different nodes where there are enough. */
export function workloads(random: Random) {
  return (
    namespace: string,
    name: string,
    container: string,
    labels: Record<string, string>,
    image: string,
    replicas: number,
    more: { readonly memory?: string; readonly dshm?: string; readonly env?: readonly string[] },
  ): Workload => {
    const set = random.text(9, POD_ALPHABET);
    const nodes = random.shuffle(NODES);
    const pods = Array.from(
      { length: replicas },
      (_, at): PodScene => ({
        name: `${name}-${set}-${random.text(5, POD_ALPHABET)}`,
        node: nodes[at % nodes.length] ?? 'k8s-node1',
        ready: true,
        restarts: 0,
        age: random.int(90_000, 600_000),
        log: [],
      }),
    );
    const { memory: memoryLimit, dshm, env = [] } = more;
    return { namespace, name, container, labels, image, replicas, memoryLimit, dshm, env, pods };
  };
}

/** The database cluster: a primary and a replica. */
export function postgres(): Workload {
  const pods: PodScene[] = ['k8s-node2', 'k8s-node3'].map((node, at) => ({
    name: `pg-cluster-${at + 1}`,
    node,
    ready: true,
    restarts: 0,
    age: 2_000_000,
    log: [],
  }));
  const labels = { 'cnpg.io/cluster': 'pg-cluster' };
  return {
    namespace: 'dbaas',
    name: 'pg-cluster',
    container: 'postgres',
    labels,
    image: 'ghcr.io/cloudnative-pg/postgresql:17.6',
    replicas: 2,
    memoryLimit: '3Gi',
    dshm: undefined,
    env: [],
    pods,
  };
}
