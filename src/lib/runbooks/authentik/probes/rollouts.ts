import { REPLICA_SETS } from '../../../clients/kubernetes/kinds.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { mayList } from '../../evidence/needs.ts';
import { maybe, record, records, text } from '../../evidence/shape.ts';
import { count, momentWords, some } from '../../words.ts';
import { clearedBy } from '../judge/suspects.ts';

/** A new version of a Deployment. */
export type RolloutFact = {
  readonly deployment: string;
  readonly at: string;
  readonly images: readonly string[];
  /** Images before, when they were others. */
  readonly before?: readonly string[];
};

const WINDOW_MS = 7 * 86_400_000;
/** More than these in two hours, and two writers fight over the Deployment. */
const CHURN = 3;
const CHURN_MS = 2 * 3_600_000;

/** What was rolled out lately. */
export const rollouts: Probe<readonly RolloutFact[]> = {
  id: 'authentik.context.rollouts',
  title: 'recent rollouts',
  layer: 'context',
  needs: (site) =>
    [site.authentik.namespace.value, site.edge.traefik.namespace.value].map((namespace) =>
      mayList(REPLICA_SETS, namespace),
    ),
  kind: 'passive',
  cost: '2 lists of ReplicaSets',
  question: 'What was rolled out in the last week?',
  why: 'What changed last is everybody’s first suspect, and in April 2026 it was innocent. Each change is named with the probe that clears it; none stands above what was seen.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get rs --sort-by=.metadata.creationTimestamp -o wide`,
  healthy: 'A few, each explained.',
  failures: [
    {
      code: 'context.rollout-churn',
      meaning: 'One Deployment was rolled out again and again: two writers fight over it.',
    },
  ],

  async collect({ client, site, now }) {
    const kubernetes = await client('kubernetes');
    const namespaces = [site.authentik.namespace.value, site.edge.traefik.namespace.value];
    const lists = await Promise.all(namespaces.map((namespace) => kubernetes.list(REPLICA_SETS, { namespace })));
    const sets = lists.flat().flatMap((set) => {
      const owner = records(set.metadata.ownerReferences).find(({ kind }) => kind === 'Deployment');
      const deployment = text(owner?.name);
      const at = text(set.metadata.creationTimestamp);
      const template = record(record(record(set.spec).template).spec);
      const images = records(template.containers).flatMap(({ image }) => text(image) ?? []);
      return deployment === undefined || at === undefined ? [] : [{ deployment, at, images }];
    });
    const sorted = sets.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    return sorted.flatMap((set, index): RolloutFact[] => {
      const previous = sorted.slice(0, index).findLast(({ deployment }) => deployment === set.deployment);
      // The first ReplicaSet of a Deployment is its birth, not a change.
      if (previous === undefined || now.getTime() - Date.parse(set.at) > WINDOW_MS) return [];
      const changed = previous.images.join() !== set.images.join();
      return [{ ...set, ...maybe('before', changed ? previous.images : undefined) }];
    });
  },

  judge(found, { at }): Judgement {
    if (found.length === 0) return { verdict: 'PASS', detail: 'none in the last week' };
    const newest = [...found].reverse();
    const words = newest.map(({ deployment, at: when, images, before }) => {
      const what = before === undefined ? '' : ` ${tags(before)} → ${tags(images)}`;
      return `${deployment}${what} ${momentWords(when)} (cleared by ${clearedBy(deployment)})`;
    });
    const timeline = found.map(({ deployment, at: when }) => ({ at: when, what: `rollout of ${deployment}` }));
    const data = newest.map(({ deployment, at: when, images }) => ({
      deployment,
      at: when,
      images,
      clearedBy: clearedBy(deployment),
    }));
    const recent = found.filter(({ at: when }) => at.getTime() - Date.parse(when) < CHURN_MS);
    const names = [...new Set(recent.map(({ deployment }) => deployment))];
    const fought = names.filter((name) => recent.filter(({ deployment }) => deployment === name).length > CHURN);
    const detail = `${count(found.length, 'rollout')} in the last week: ${some(words, 2)}`;
    if (fought.length === 0) return { verdict: 'PASS', detail, timeline, data };
    const observations = fought.map((subject) => ({ code: 'context.rollout-churn', subject }));
    return { verdict: 'WARN', detail: `${some(fought)} again and again; ${detail}`, timeline, data, observations };
  },
};

function tags(images: readonly string[]): string {
  return images.map((image) => /:([^/:]+)$/.exec(image)?.[1] ?? image).join(', ');
}
