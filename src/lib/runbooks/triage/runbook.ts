import type { Probe } from '../../diagnosis/probe.ts';
import type { Runbook } from '../../diagnosis/runbook.ts';
import { alerts } from '../cluster/alerts.ts';
import { api } from '../cluster/api.ts';
import { nodes } from '../cluster/nodes.ts';
import { pods } from '../cluster/pods.ts';

const BASICS = [api, nodes, pods, alerts] as const;

/** Every question of triage has to answer within this time. */
const BUDGET_MS = 2700;

/** What triage asks: the runbook to ask, and which probes' findings count; the others only serve them. */
export type Triage = { readonly runbook: Runbook; readonly selected: readonly string[] };

/**
 * The first minute of an incident: what every cluster has, and the first question of every subject, as far as it is
 * passive. A subject whose first question is none is left out.
 */
export function triageOf(subjects: readonly Runbook[]): Triage {
  const firsts = subjects.flatMap(({ probes }) => probes.slice(0, 1)).filter(({ kind }) => kind === 'passive');
  const served = subjects.flatMap((runbook) => neededBy(runbook, firsts));
  const layers = [
    { id: 'api', title: 'API server' },
    { id: 'nodes', title: 'nodes' },
    { id: 'pods', title: 'pods' },
    ...subjects.flatMap((runbook) => runbook.layers),
    { id: 'alerts', title: 'alerts' },
  ];
  return {
    selected: [...BASICS, ...firsts].map(({ id }) => id),
    runbook: {
      subject: 'triage',
      title: 'Triage',
      introduction: 'What to look at first: the cluster itself, and the first question of every subject.',
      layers: layers.filter(({ id }, at) => layers.findIndex((layer) => layer.id === id) === at),
      probes: [...BASICS, ...served].map((probe) => ({ ...probe, timeoutMs: BUDGET_MS }) as Probe),
      causes: subjects.flatMap(({ causes }) => causes),
    },
  };
}

/** The first probe of a runbook and every passive one that it stands on, in the runbook's order. */
function neededBy({ probes }: Runbook, firsts: readonly Probe[]): readonly Probe[] {
  const wanted = new Set<string>();
  const add = (probe: Probe | undefined): void => {
    if (probe === undefined || wanted.has(probe.id) || probe.kind !== 'passive') return;
    wanted.add(probe.id);
    for (const id of [...(probe.dependsOn ?? []), ...(probe.considers ?? [])]) add(probes.find((one) => one.id === id));
  };
  for (const probe of firsts) if (probes.includes(probe)) add(probe);
  return probes.filter(({ id }) => wanted.has(id));
}
