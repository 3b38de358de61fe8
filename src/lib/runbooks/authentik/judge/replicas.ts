import type { Judgement } from '../../../diagnosis/probe.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { whyNotReady } from '../../judge/pod-state.ts';
import { some } from '../../words.ts';
import { type DeploymentFact, partOf } from '../evidence/deployments.ts';

/** How a part is judged by its replicas. */
export type PartRules = {
  readonly part: ReturnType<typeof partOf>;
  readonly pods: readonly PodFact[];
  /** Observation when none is ready, and when fewer are than should be. */
  readonly none: string;
  readonly fewer: string;
  /** Cause when none is ready. */
  readonly cause?: string;
};

/** Ready against wanted: none is an outage, fewer is a warning, and scaled to zero is none too. */
export function judgeReplicas(
  found: readonly DeploymentFact[],
  { part, pods, none, fewer, cause }: PartRules,
): Judgement {
  const own = found.filter((deployment) => partOf(deployment) === part);
  if (own.length === 0) return { verdict: 'SKIP', reason: 'not-applicable', detail: `there is no Deployment for it` };
  const wanted = own.reduce((sum, one) => sum + one.wanted, 0);
  const ready = own.reduce((sum, one) => sum + one.ready, 0);
  const why = pods.flatMap((pod) => (pod.ready ? [] : [`${pod.name}: ${whyNotReady(pod)}`]));
  const detail = `${ready} of ${wanted} ready${why.length === 0 ? '' : ` (${some(why)})`}`;
  const data = { wanted, ready };
  if (ready === 0) {
    const causes = cause === undefined ? [] : [{ code: cause, detail }];
    return { verdict: 'FAIL', detail, data, observations: [{ code: none }], causes };
  }
  if (ready < wanted) return { verdict: 'WARN', detail, data, observations: [{ code: fewer }] };
  return { verdict: 'PASS', detail, data };
}
