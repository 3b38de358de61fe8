import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { outpostsOf, poolerPods, serverPods, workerPods } from '../evidence/outposts.ts';
import { PODS_ID } from './pods.ts';

/** Whether the loss of one node takes a whole part away. */
export const serverSpread: Probe<null> = {
  id: 'authentik.server.spread',
  title: 'spread over nodes',
  layer: 'server',
  dependsOn: [PODS_ID],
  kind: 'passive',
  cost: 'nothing: judges the list of pods',
  question: 'Does every part with several pods stand on several nodes?',
  why: 'The rules only ask for it (ScheduleAnyway), and the rule of pgbouncer names a label that no pod has: three pods on one node are one pod.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get pods -o wide --sort-by=.spec.nodeName`,
  healthy: 'Two nodes or more for each part.',
  failures: [{ code: 'server.one-node', meaning: 'All pods of a part stand on one node.' }],

  collect: async () => null,

  judge(_, given): Judgement {
    const pods = given.answer<readonly PodFact[]>(PODS_ID);
    const parts: readonly (readonly [string, readonly PodFact[]])[] = [
      ['server', serverPods(pods)],
      ['worker', workerPods(pods)],
      ['pgbouncer', poolerPods(pods)],
      ...outpostsOf(pods)
        .filter(({ embedded }) => !embedded)
        .map((outpost): readonly [string, readonly PodFact[]] => [outpost.name, outpost.pods]),
    ];
    const several = parts.filter(([, own]) => own.length > 1);
    const crowded = several.filter(([, own]) => new Set(own.map(({ node }) => node)).size === 1);
    if (crowded.length > 0) {
      const words = crowded.map(([name, own]) => `${name}: all ${own.length} pods on ${own[0]?.node ?? 'no node'}`);
      const observations = crowded.map(([name]) => ({ code: 'server.one-node', subject: name }));
      return { verdict: 'WARN', detail: words.join('; '), observations };
    }
    const words = several.map(([name, own]) => `${name} ${new Set(own.map(({ node }) => node)).size}`);
    return { verdict: 'PASS', detail: words.length === 0 ? 'every part has one pod' : `nodes: ${words.join(', ')}` };
  },
};
