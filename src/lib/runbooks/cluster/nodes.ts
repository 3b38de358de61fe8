import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { NODES } from '../../clients/kubernetes/kinds.ts';
import type { Probe } from '../../diagnosis/probe.ts';

/** What matters of one node. `pressure`: conditions that are True and should not be. */
type NodeEvidence = {
  readonly name: string;
  readonly ready: boolean;
  readonly because: string;
  readonly pressure: readonly string[];
  readonly cordoned: boolean;
};

export type NodesEvidence = { readonly nodes: readonly NodeEvidence[] };

type Condition = { readonly type?: string; readonly status?: string; readonly reason?: string };

/** Conditions that are trouble when True. Source: Kubernetes, "Node Status". */
const PRESSURE = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'];

/** Is every node there, and has it room? */
export const nodes: Probe<NodesEvidence> = {
  id: 'cluster.nodes.ready',
  title: 'nodes',
  layer: 'nodes',
  dependsOn: ['cluster.api.answers'],
  needs: () => [{ verb: 'list', group: '', resource: 'nodes' }],
  kind: 'passive',
  cost: '1 list of nodes',
  timeoutMs: 2500,
  question: 'Are all nodes ready and without pressure?',
  why: 'A node that is gone takes the pods of every subject with it.',
  byHand: () => 'kubectl get nodes',
  healthy: 'Every node Ready; no memory, disk or process pressure.',
  failures: [
    { code: 'cluster.node-not-ready', meaning: 'The node does not report, or reports that it cannot run pods.' },
    { code: 'cluster.node-pressure', meaning: 'The node is short of memory, disk or process ids and will evict pods.' },
    { code: 'cluster.node-cordoned', meaning: 'Somebody keeps new pods off the node.' },
  ],
  async collect({ client }) {
    const kubernetes = await client('kubernetes');
    const found = await kubernetes.list(NODES);
    return { nodes: found.map(nodeOf).sort((a, b) => (a.name < b.name ? -1 : 1)) };
  },
  judge({ nodes: all }) {
    const down = all.filter(({ ready }) => !ready);
    const pressed = all.filter(({ pressure }) => pressure.length > 0);
    const cordoned = all.filter(({ cordoned }) => cordoned);
    const observations = [
      ...down.map(({ name }) => ({ code: 'cluster.node-not-ready', subject: name })),
      ...pressed.map(({ name }) => ({ code: 'cluster.node-pressure', subject: name })),
      ...cordoned.map(({ name }) => ({ code: 'cluster.node-cordoned', subject: name })),
    ];
    const said = [
      ...down.map(({ name, because }) => `${name} not ready${because === '' ? '' : ` (${because})`}`),
      ...pressed.map(({ name, pressure }) => `${name} has ${pressure.join(', ')}`),
      ...cordoned.map(({ name }) => `${name} cordoned`),
    ];
    if (all.length === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: 'the API knows no node' };
    if (said.length === 0) return { verdict: 'PASS', detail: `${all.length} of ${all.length} ready` };
    const verdict = down.length + pressed.length > 0 ? 'FAIL' : 'WARN';
    return { verdict, detail: `${all.length - down.length} of ${all.length} ready; ${said.join('; ')}`, observations };
  },
};

function nodeOf({ metadata, spec, status }: KubernetesObject): NodeEvidence {
  const { conditions = [] } = (status ?? {}) as { conditions?: readonly Condition[] };
  const ready = conditions.find(({ type }) => type === 'Ready');
  return {
    name: metadata.name,
    ready: ready?.status === 'True',
    because: ready === undefined ? 'no Ready condition' : ready.status === 'True' ? '' : (ready.reason ?? ''),
    pressure: conditions.flatMap(({ type = '', status: is }) =>
      is === 'True' && PRESSURE.includes(type) ? [type] : [],
    ),
    cordoned: (spec as { unschedulable?: boolean } | undefined)?.unschedulable === true,
  };
}
