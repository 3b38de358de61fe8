import { notConfigured } from '../../../diagnosis/no-answer.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { maybe } from '../../evidence/shape.ts';
import { withoutOld } from '../../judge/log-findings.ts';
import { momentWords, some } from '../../words.ts';
import { firstLine } from '../evidence/loki.ts';
import { STORE_FULL } from '../judge/failed-writes.ts';
import { LOGS_ID } from './outpost-logs.ts';
import { PODS_ID } from './pods.ts';

/** What Loki kept of a pod: its first failed write, and its first line at all. */
export type KeptFact = { readonly pod: string; readonly first?: string; readonly reachesBackTo?: string };

/** Null: nothing is there to be dated. */
export type HistoryEvidence = readonly KeptFact[] | null;

const PATTERN = '(?i)no space left|os error 28';
/** A diagnosis is a guest: two queries for each of at most these. */
const MOST_PODS = 4;

const streamOf = (namespace: string, pod: string): string => `{namespace="${namespace}", pod="${pod}"}`;

/** When it began, where the kubelet’s file does not reach back. */
export const outpostHistory: Probe<HistoryEvidence> = {
  id: 'authentik.outpost.history',
  title: 'outpost logs in Loki',
  layer: 'outpost',
  dependsOn: [PODS_ID, LOGS_ID],
  kind: 'passive',
  cost: '2 queries to Loki for each pod with failed writes, else none',
  timeoutMs: 15_000,
  question: 'When did the first session fail to be saved, if the log itself does not reach back?',
  why: 'The kubelet keeps the current file only: “at or before” is all that it can say. The first failed write dates the outage, and with the pod’s start it is the rate at which /dev/shm fills.',
  byHand: (site) =>
    `curl -sSG ${site.loki.url.value ?? 'http://<loki>'}/loki/api/v1/query_range --data-urlencode 'query=${streamOf(site.authentik.namespace.value, '<pod>')} |~ "${PATTERN}"' -d direction=forward -d limit=1 -d since=168h`,
  healthy: 'No failed write.',
  failures: [
    { code: 'authentik.outpost.shm-full', meaning: 'Loki has the first line of it since the pod started.' },
    { code: 'outpost.session-not-saved', meaning: 'Sessions could not be saved; this is since when.' },
  ],

  async collect(ask) {
    const { given, site } = ask;
    if (site.loki.url.value === undefined) throw notConfigured('loki.url');
    const failing = withoutOld(given.answer<LogEvidence>(LOGS_ID), ask.now)
      .read.filter(({ found }) => found.some(({ finding }) => finding === STORE_FULL))
      .map(({ pod }) => pod);
    const pods = given.answer<readonly PodFact[]>(PODS_ID).filter(({ name }) => failing.includes(name));
    if (pods.length === 0) return null;
    return await Promise.all(
      pods.slice(0, MOST_PODS).map(async ({ name, namespace, startedAt }): Promise<KeptFact> => {
        const stream = streamOf(namespace, name);
        // Its /dev/shm is as old as the pod: what another pod wrote before is another outage.
        const start = new Date(startedAt ?? ask.now.getTime() - 7 * 86_400_000);
        const [first, oldest] = await Promise.all([
          firstLine(ask, `${stream} |~ "${PATTERN}"`, start),
          firstLine(ask, stream, start),
        ]);
        return { pod: name, ...maybe('first', first), ...maybe('reachesBackTo', oldest) };
      }),
    );
  },

  judge(kept): Judgement {
    if (kept === null)
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'no failed write is there to be dated' };
    const dated = kept.flatMap(({ first, pod, reachesBackTo }) =>
      first === undefined ? [] : { first, pod, reachesBackTo },
    );
    const [earliest] = dated.toSorted((a, b) => Date.parse(a.first) - Date.parse(b.first));
    if (earliest === undefined) {
      const detail = `Loki has no failed write of ${some(kept.map(({ pod }) => pod))}: it keeps these logs under other labels, or not at all`;
      return { verdict: 'UNKNOWN', reason: 'empty', detail };
    }
    const { first: at, pod, reachesBackTo } = earliest;
    const orBefore = reachesBackTo === undefined || Date.parse(reachesBackTo) >= Date.parse(at);
    const before = orBefore ? ', or before: Loki reaches no further back' : '';
    return {
      verdict: 'FAIL',
      detail: `first failed write of ${pod}: ${momentWords(at)}${before}`,
      observations: dated.map((one) => ({ code: 'outpost.session-not-saved', subject: one.pod })),
      causes: [{ code: 'authentik.outpost.shm-full', detail: pod }],
      since: { at, ...(orBefore ? { orBefore, note: 'start of what Loki keeps' } : {}) },
      timeline: [{ at, what: `first failed write of ${pod}${orBefore ? ', or before' : ''} (Loki)` }],
      data: dated.map((one) => ({ pod: one.pod, first: one.first })),
    };
  },
};
