import { listAt, textAt, typeKey } from '../kubernetes/object.ts';
import { type ClusterState, find, load, remove, timestamp, type WatchEvent } from '../kubernetes/state.ts';
import { CANARIES } from '../worlds/canaries.ts';

/** How a mail that the monitor sends around ends. */
export type MonitorEnd =
  | 'came-round'
  | 'key-refused'
  | 'not-arriving'
  | 'mailbox-shut'
  | 'no-image'
  | 'slow'
  | 'unreadable';

export const MONITOR = 'email-roundtrip-monitor';
const NAMESPACE = 'mailserver';
const JOB = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true };
const POD = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
const MARKER = 'e2e-probe-1763712000-7f3a';

/** One line and when it is written, in milliseconds after the pod's start. */
type Said = readonly [afterMs: number, text: string];

type Play = {
  readonly lines: readonly Said[];
  readonly ends: readonly [afterMs: number, how: 'Complete' | 'Failed', why: string];
};

const SENT: Said = [20, `Sent probe email with marker ${MARKER} via relay API (HTTP 201)`];
const shut = (attempt: number): Said => [
  60 + attempt * 20,
  `IMAP attempt ${attempt} failed: [AUTHENTICATIONFAILED] Authentication failed. user=probe@sandbox.test password=${CANARIES.mailboxPassword}`,
];

/** What the monitor's script prints, and how its Job ends. */
const PLAYS: Readonly<Record<Exclude<MonitorEnd, 'no-image'>, Play>> = {
  'came-round': {
    lines: [
      [10, 'WARN: probe@sandbox.test was blocked at the relay, unblocked'],
      SENT,
      [120, 'IMAP: found marker in INBOX, deleted 1 message'],
      [130, 'Round-trip SUCCESS in 12.4s'],
    ],
    ends: [150, 'Complete', ''],
  },
  'key-refused': {
    lines: [[20, `ERROR: relay API returned HTTP 401 unauthorized (api-key: ${CANARIES.relayPassword})`]],
    ends: [60, 'Failed', 'BackoffLimitExceeded'],
  },
  'not-arriving': {
    lines: [SENT, [200, `Round-trip FAILED: marker ${MARKER} not found`]],
    ends: [220, 'Failed', 'BackoffLimitExceeded'],
  },
  'mailbox-shut': {
    lines: [SENT, shut(1), shut(2), shut(3), [200, 'Round-trip FAILED']],
    ends: [220, 'Failed', 'BackoffLimitExceeded'],
  },
  slow: { lines: [SENT], ends: [600_000, 'Failed', 'DeadlineExceeded'] },
  unreadable: {
    lines: [
      [20, 'Traceback (most recent call last):'],
      [20, "KeyError: 'MARKER'"],
    ],
    ends: [60, 'Failed', 'BackoffLimitExceeded'],
  },
};

/** The CronJob's spec. */
export function monitorSpec(ends: MonitorEnd) {
  const container = {
    name: 'monitor',
    image: 'python:3.12-alpine',
    envFrom: [{ secretRef: { name: 'email-roundtrip' } }],
  };
  return {
    schedule: '*/20 * * * *',
    suspend: false,
    concurrencyPolicy: 'Forbid',
    jobTemplate: {
      metadata: { labels: { app: MONITOR } },
      spec: {
        backoffLimit: 0,
        ttlSecondsAfterFinished: 300,
        activeDeadlineSeconds: ends === 'slow' ? 600 : 400,
        template: {
          metadata: { labels: { app: MONITOR } },
          spec: { restartPolicy: 'Never', containers: [container] },
        },
      },
    },
  };
}

/** Plays the Job controller for Jobs of the monitor: a pod, its log, an end; and takes the pod away with its Job. */
export function playMonitor(cluster: ClusterState, ends: MonitorEnd): void {
  cluster.watchers.add((event) => {
    if (event.key !== typeKey(JOB) || textAt(event.object, 'metadata', 'namespace') !== NAMESPACE) return;
    const name = event.object.metadata.name;
    if (event.type === 'DELETED') remove(cluster, POD, NAMESPACE, `${name}-h7x2p`);
    if (event.type === 'ADDED' && isMonitors(event)) start(cluster, name, ends);
  });
}

function isMonitors({ object }: WatchEvent): boolean {
  return listAt(object, 'metadata', 'ownerReferences').some((owner) => textAt(owner, 'name') === MONITOR);
}

function start(cluster: ClusterState, job: string, ends: MonitorEnd): void {
  const pod = `${job}-h7x2p`;
  const labels = { app: MONITOR, 'job-name': job, 'batch.kubernetes.io/job-name': job };
  const container = { name: 'monitor', image: 'python:3.12-alpine' };
  const began = Date.now();
  const at = (afterMs: number, work: () => void): void => {
    setTimeout(() => {
      if (find(cluster, 'batch', 'jobs', NAMESPACE, job) !== undefined) work();
    }, afterMs).unref();
  };
  const put = (phase: string, waiting?: string): void => {
    const state = waiting === undefined ? {} : { state: { waiting: { reason: waiting } } };
    const status = { phase, containerStatuses: [{ name: 'monitor', restartCount: 0, ...state }] };
    const metadata = { name: pod, namespace: NAMESPACE, labels };
    load(cluster, [{ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] }, status }]);
  };
  const end = (type: string, reason: string): void => {
    const known = find(cluster, 'batch', 'jobs', NAMESPACE, job);
    const condition = { type, status: 'True', lastTransitionTime: timestamp(), ...(reason === '' ? {} : { reason }) };
    if (known !== undefined) load(cluster, [{ ...known, status: { conditions: [condition] } }]);
  };
  if (ends === 'no-image') {
    at(5, () => put('Pending', 'ImagePullBackOff'));
    return;
  }
  const { lines, ends: last } = PLAYS[ends];
  const said = () => lines.filter(([afterMs]) => Date.now() - began >= afterMs + 5).map(([, text]) => ({ text }));
  at(5, () => {
    cluster.logs.push({ namespace: NAMESPACE, pod, container: 'monitor', lines: said });
    put('Running');
  });
  const [afterMs, how, why] = last;
  at(afterMs, () => {
    put(how === 'Complete' ? 'Succeeded' : 'Failed');
    end(how, why);
  });
}
