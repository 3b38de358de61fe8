/**
 * The pods of Jobs, played by kwok: the Job controller names and makes them, so what they log and how they end is said of
 * their namespace. Stages of our own take the place of kwok's, whose pods of Jobs always succeed.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How the pods of a namespace's Jobs go. */
export interface PlayedJob {
  namespace: string;
  container: string;
  log: readonly string[];
  /** Left out: they run until they are deleted. */
  exitStatus?: number;
  /** They never get as far as to run: why their container waits, such as ImagePullBackOff. */
  waiting?: string;
}

const apiVersion = 'kwok.x-k8s.io/v1alpha1';

/** kwok's configuration for such pods; `logText` gives lines the form of a container runtime's file. */
export async function playedJob(
  job: PlayedJob,
  folder: string,
  logText: (lines: readonly string[]) => string,
): Promise<object[]> {
  const logsFile = join(folder, 'job.log');
  await writeFile(logsFile, logText(job.log));
  const { namespace, container, exitStatus, waiting } = job;
  const logs = {
    apiVersion,
    kind: 'ClusterLogs',
    metadata: { name: 'jobs' },
    spec: { selector: { matchNamespaces: [namespace] }, logs: [{ containers: [container], logsFile }] },
  };
  const begun = waiting === undefined ? running : pending(waiting);
  const ended =
    exitStatus === undefined
      ? []
      : [stage('pod-end', [alive, { ...phase, values: ['Running'] }, ofJob], { statusTemplate: ending(exitStatus) })];
  return [
    logs,
    stage('pod-begin', [alive, { key: '.status.podIP', operator: 'DoesNotExist' }], { statusTemplate: begun }),
    ...ended,
    stage('pod-delete', [{ ...alive, operator: 'Exists' }], { finalizers: { empty: true }, delete: true }),
  ];
}

const alive = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const phase = { key: '.status.phase', operator: 'In' };
const ofJob = { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] };

function stage(name: string, matchExpressions: readonly object[], next: object): object {
  const resourceRef = { apiGroup: 'v1', kind: 'Pod' };
  return { apiVersion, kind: 'Stage', metadata: { name }, spec: { resourceRef, selector: { matchExpressions }, next } };
}

const head = `
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName false .metadata.uid .metadata.name .metadata.namespace | Quote }}
startTime: {{ Now | Quote }}
`;

const containers = (state: string): string => `
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  restartCount: 0
  state: ${state}
{{ end }}
`;

const running = `${head}phase: Running${containers('{ running: { startedAt: {{ Now | Quote }} } }')}`;

const pending = (reason: string): string => `${head}phase: Pending${containers(`{ waiting: { reason: ${reason} } }`)}`;

const ending = (exitCode: number): string =>
  `phase: ${exitCode === 0 ? 'Succeeded' : 'Failed'}${containers(
    `{ terminated: { exitCode: ${exitCode}, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }} } }`,
  )}`;
