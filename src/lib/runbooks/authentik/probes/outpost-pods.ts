import type { CauseEvidence, Judgement, Observation, Probe, TimelineEntry } from '../../../diagnosis/probe.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { oomKilled, recentEnds, whyNotReady } from '../../judge/pod-state.ts';
import { count, sizeWords, some } from '../../words.ts';
import { type Outpost, outpostContainer, outpostsOf } from '../evidence/outposts.ts';
import { OUTPOST_LABEL } from '../names.ts';
import { PODS_ID } from './pods.ts';

/** Whether the processes that decide about every request run. */
export const outpostPods: Probe<null> = {
  id: 'authentik.outpost.pods',
  title: 'outpost pods',
  layer: 'outpost',
  dependsOn: [PODS_ID],
  kind: 'passive',
  cost: 'nothing: judges the list of pods',
  question: 'Does every outpost have pods that run, and have any been killed?',
  why: 'An outpost without a pod answers nobody. One that was killed for its memory has lost every session it kept in files, and what killed it will do so again.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get pods -l ${OUTPOST_LABEL} -o wide`,
  healthy: 'All pods Running, 1/1 ready, no restarts.',
  failures: [
    { code: 'authentik.outpost.down', meaning: 'No pod of an outpost is ready.' },
    {
      code: 'authentik.outpost.oom-killed',
      meaning: 'The kernel killed the container: its memory limit is smaller than what /dev/shm and the process need.',
    },
    { code: 'outpost.not-ready', meaning: 'A pod of the outpost does not serve.' },
    { code: 'outpost.none-ready', meaning: 'No pod of the outpost serves.' },
    { code: 'outpost.killed', meaning: 'A container was killed for its memory in the last day.' },
    { code: 'outpost.restarted', meaning: 'A container ended and was started again in the last day.' },
  ],

  collect: async () => null,

  judge(_, given): Judgement {
    const outposts = outpostsOf(given.answer<readonly PodFact[]>(PODS_ID));
    const seen = outposts.map((outpost) => judgeOutpost(outpost, given.at));
    const observations = seen.flatMap((one) => one.observations);
    const causes = seen.flatMap((one) => one.causes);
    const bad = seen.flatMap(({ problem }) => problem ?? []);
    const all = outposts.flatMap(({ pods }) => pods);
    const verdict = seen.some(({ fails }) => fails) ? 'FAIL' : bad.length > 0 ? 'WARN' : 'PASS';
    const ready = all.filter((pod) => pod.ready).length;
    const detail = bad.length > 0 ? bad.join('; ') : `${ready} of ${count(all.length, 'pod')} ready, none killed`;
    const timeline = seen.flatMap((one) => one.timeline);
    return { verdict, detail, observations, causes, timeline };
  },
};

type Seen = {
  readonly fails: boolean;
  readonly problem?: string;
  readonly observations: readonly Observation[];
  readonly causes: readonly CauseEvidence[];
  readonly timeline: readonly TimelineEntry[];
};

function judgeOutpost({ name, pods, embedded }: Outpost, at: Date): Seen {
  const unready = pods.filter((pod) => !pod.ready);
  const killed = pods.filter((pod) => oomKilled(pod, at) !== undefined);
  const ended = pods.filter((pod) => recentEnds(pod, at).length > 0 && !killed.includes(pod));
  const isDown = unready.length === pods.length;
  const problems = [
    ...killed.map((pod) => `${pod.name} was OOM-killed (limit ${limitWords(pod)})`),
    ...(isDown ? [`${name}: no pod is ready`] : []),
    ...(unready.length === 0 ? [] : [some(unready.map((pod) => `${pod.name}: ${whyNotReady(pod)}`))]),
    ...(ended.length === 0 ? [] : [`${some(ended.map((pod) => pod.name))} restarted in the last day`]),
  ];
  const on = (code: string) => (pod: PodFact) => ({ code, subject: pod.name });
  return {
    fails: isDown || killed.length > 0 || unready.length > 0,
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
    observations: [
      ...killed.map(on('outpost.killed')),
      ...(isDown ? [{ code: 'outpost.none-ready', subject: name }] : unready.map(on('outpost.not-ready'))),
      ...ended.map(on('outpost.restarted')),
    ],
    causes: [
      ...killed.map((pod) => ({
        code: 'authentik.outpost.oom-killed',
        detail: `${pod.name}, limit ${limitWords(pod)}`,
      })),
      // A pod between two deaths is down because it is killed, not besides; a server is judged as a server.
      ...(isDown && killed.length === 0 && !embedded
        ? [{ code: 'authentik.outpost.down', detail: `${name}: no pod is ready` }]
        : []),
    ],
    timeline: pods.flatMap((pod) =>
      pod.containers.flatMap(({ endedAt, endedBy, restarts }) =>
        restarts === 0 || endedAt === undefined
          ? []
          : [{ at: endedAt, what: `${pod.name} ended: ${endedBy ?? 'unknown'}` }],
      ),
    ),
  };
}

function limitWords(pod: PodFact): string {
  const limit = outpostContainer(pod)?.memoryLimitBytes;
  return limit === undefined ? 'none' : sizeWords(limit);
}
