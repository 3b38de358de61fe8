import { EVENTS } from '../../../clients/kubernetes/kinds.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { mayList } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { number, record, text } from '../../evidence/shape.ts';
import { oomKilled, recentEnds } from '../../judge/pod-state.ts';
import { count, some } from '../../words.ts';
import { poolerPods, serverPods, workerPods } from '../evidence/outposts.ts';
import { PODS_ID } from './pods.ts';

/** One warning of the cluster about something of Authentik. */
export type EventFact = {
  readonly reason: string;
  readonly object: string;
  readonly message: string;
  readonly count: number;
  readonly last: string;
};

/** Warnings of the last hour count; older ones are history. */
const RECENT_MS = 3_600_000;
/** Warnings that tell of something that goes on. */
const SERIOUS =
  /^(OOMKilling|FailedScheduling|FailedMount|FailedCreate|BackOff|Evicted|FailedAttachVolume|NetworkNotReady)$/;

/** What ended lately, and what the cluster warns of. */
export const serverRestarts: Probe<readonly EventFact[]> = {
  id: 'authentik.server.restarts',
  title: 'restarts and events',
  layer: 'server',
  dependsOn: [PODS_ID],
  needs: (site) => [mayList(EVENTS, site.authentik.namespace.value)],
  kind: 'passive',
  cost: '1 list of events of type Warning',
  question: 'Has anything of Authentik been killed or restarted, and what does the cluster warn of?',
  why: 'A server that starts again and again looks ready in between.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} get events --field-selector type=Warning --sort-by=.lastTimestamp`,
  healthy: 'No restart in the last day, no serious warning in the last hour.',
  failures: [
    { code: 'server.killed', meaning: 'A server, worker or pgbouncer was killed for its memory.' },
    { code: 'server.restarted', meaning: 'One of them ended and was started again in the last day.' },
    { code: 'cluster.warning', meaning: 'The cluster warns of something that goes on.' },
  ],

  async collect({ client, site }) {
    const kubernetes = await client('kubernetes');
    const events = await kubernetes.list(EVENTS, {
      namespace: site.authentik.namespace.value,
      fieldSelector: 'type=Warning',
    });
    return events.map((event) => ({
      reason: text(event.reason) ?? '',
      object: `${text(record(event.involvedObject).kind) ?? ''}/${text(record(event.involvedObject).name) ?? ''}`,
      message: (text(event.message) ?? '').slice(0, 300),
      count: number(event.count) ?? 1,
      last: text(event.lastTimestamp) ?? text(event.eventTime) ?? text(event.metadata.creationTimestamp) ?? '',
    }));
  },

  judge(events, given): Judgement {
    const pods = given.answer<readonly PodFact[]>(PODS_ID);
    const own = [...serverPods(pods), ...workerPods(pods), ...poolerPods(pods)];
    const killed = own.filter((pod) => oomKilled(pod, given.at) !== undefined);
    const ended = own.filter((pod) => recentEnds(pod, given.at).length > 0 && !killed.includes(pod));
    const serious = events.filter(
      ({ reason, last }) => SERIOUS.test(reason) && given.at.getTime() - Date.parse(last) < RECENT_MS,
    );
    const parts = [
      ...(killed.length === 0 ? [] : [`killed for memory: ${some(killed.map(({ name }) => name))}`]),
      ...(ended.length === 0 ? [] : [`restarted in the last day: ${some(ended.map(({ name }) => name))}`]),
      ...(serious.length === 0
        ? []
        : [`the cluster warns: ${some(serious.map(({ reason, object }) => `${reason} of ${object}`))}`]),
    ];
    if (parts.length === 0)
      return {
        verdict: 'PASS',
        detail: `no restart in the last day; ${count(events.length, 'warning')} of the cluster, none serious and new`,
      };
    return {
      verdict: 'WARN',
      detail: parts.join('; '),
      observations: [
        ...killed.map(({ name }) => ({ code: 'server.killed', subject: name })),
        ...ended.map(({ name }) => ({ code: 'server.restarted', subject: name })),
        ...serious.map(({ object }) => ({ code: 'cluster.warning', subject: object })),
      ],
      timeline: serious.slice(0, 5).map(({ last, reason, object }) => ({ at: last, what: `${reason} of ${object}` })),
    };
  },
};
