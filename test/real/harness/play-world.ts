/**
 * A world of the sandbox on a real control plane: the same objects through the real API, its pods played by kwok. No
 * controller runs, so that everything stays as the world has it.
 */
import { randomUUID } from 'node:crypto';
import { fits, type LogLines, type LogLine as WorldLine } from '../../../src/sandbox/kubernetes/logs.ts';
import type { World } from '../../../src/sandbox/world.ts';
import type { Kubernetes } from './kubernetes.ts';
import { type Kwok, type LogLine, type PlayedPod, startKwok } from './kwok.ts';
import { until } from './until.ts';

type Objects = World['kubernetes']['objects'];
type KubeObject = Objects[number];

/** Kinds in the order in which they are made: a LimitRange would give the pods behind it limits that the world's have not. */
const ORDER = [
  'Namespace',
  'Node',
  'ServiceAccount',
  'Deployment',
  'StatefulSet',
  'ReplicaSet',
  'Pod',
  'Service',
  'EndpointSlice',
  'Ingress',
  'PodDisruptionBudget',
  'LimitRange',
  'Event',
];

const FOLDER: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  Node: '/api/v1/nodes',
  ServiceAccount: '/api/v1/namespaces/NS/serviceaccounts',
  Pod: '/api/v1/namespaces/NS/pods',
  Service: '/api/v1/namespaces/NS/services',
  LimitRange: '/api/v1/namespaces/NS/limitranges',
  Event: '/api/v1/namespaces/NS/events',
  Deployment: '/apis/apps/v1/namespaces/NS/deployments',
  StatefulSet: '/apis/apps/v1/namespaces/NS/statefulsets',
  ReplicaSet: '/apis/apps/v1/namespaces/NS/replicasets',
  EndpointSlice: '/apis/discovery.k8s.io/v1/namespaces/NS/endpointslices',
  Ingress: '/apis/networking.k8s.io/v1/namespaces/NS/ingresses',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/NS/poddisruptionbudgets',
};

/** Puts a world into an empty cluster and plays its pods. Kinds that a plain cluster does not know are left out. */
export async function playWorld(cluster: Kubernetes, world: World): Promise<Kwok> {
  const kwok = await startKwok(cluster);
  try {
    const { objects, logs, exec } = world.kubernetes;
    for (const kind of ORDER)
      await Promise.all(objects.filter((one) => one.kind === kind).map((one) => make(cluster, one)));
    const pods = objects.filter((one) => one.kind === 'Pod');
    await kwok.play(pods.flatMap((pod) => playedPod(pod, logs, exec)));
    // kwok has a say about a pod's status first; the world has the last.
    await Promise.all(pods.map((pod) => settle(cluster, pod)));
    return kwok;
  } catch (error) {
    await kwok.stop();
    throw error;
  }
}

const folderOf = ({ kind = '', metadata }: KubeObject): string | undefined =>
  FOLDER[kind]?.replace('NS', metadata.namespace ?? 'default');

async function make(cluster: Kubernetes, object: KubeObject): Promise<void> {
  const folder = folderOf(object);
  const { metadata, status, ...rest } = object as KubeObject & { readonly status?: object; readonly spec?: object };
  if (folder === undefined) return;
  const { creationTimestamp, uid, resourceVersion, ownerReferences, ...meta } = metadata;
  const owners = (ownerReferences ?? []) as readonly object[];
  const spec = { ...(rest.spec as Record<string, unknown> | undefined) };
  // Addresses of services are the cluster's own choice.
  if (object.kind === 'Service' && spec.clusterIP !== 'None') delete spec.clusterIP;
  const annotations = object.kind === 'Node' ? { ...meta.annotations, 'kwok.x-k8s.io/node': 'fake' } : meta.annotations;
  const body = {
    ...rest,
    ...(rest.spec === undefined ? {} : { spec }),
    metadata: {
      ...meta,
      ...(annotations === undefined ? {} : { annotations }),
      ...(owners.length === 0 ? {} : { ownerReferences: owners.map((owner) => ({ uid: randomUUID(), ...owner })) }),
    },
    ...(object.kind === 'Node' ? { status: { capacity: ROOM, allocatable: ROOM } } : {}),
  };
  const answer = await cluster.request('POST', folder, body);
  if (answer.status !== 201 && answer.status !== 409)
    throw new Error(`${object.kind} ${metadata.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  if (status !== undefined && object.kind !== 'Pod' && object.kind !== 'Node' && object.kind !== 'Namespace')
    await cluster.must('PATCH', `${folder}/${metadata.name}/status`, { status });
}

const ROOM = { cpu: '16', memory: '64Gi', pods: '500' };

async function settle(cluster: Kubernetes, pod: KubeObject): Promise<void> {
  const path = `${folderOf(pod)}/${pod.metadata.name}`;
  await until(`kwok to know ${pod.metadata.name}`, async () => {
    const { body } = await cluster.request('GET', path);
    return body?.status?.startTime === undefined ? undefined : true;
  });
  await cluster.must('PATCH', `${path}/status`, { status: (pod as { status?: object }).status });
}

/** What the containers of a pod write and answer, as the world has it. */
function playedPod(pod: KubeObject, logs: World['kubernetes']['logs'], exec: World['kubernetes']['exec']): PlayedPod[] {
  const { name, namespace = 'default' } = pod.metadata;
  const { containers = [] } = (pod.spec ?? {}) as { containers?: readonly { readonly name: string }[] };
  return containers.map(({ name: container }) => {
    const log = logs.find((one) => one.namespace === namespace && one.pod === name && one.container === container);
    const lines = (list: LogLines): LogLine[] => [...(typeof list === 'function' ? list() : list)].map(timed);
    return {
      ...{ namespace, pod: name, container },
      log: log === undefined ? [] : lines(log.lines),
      ...(log?.previous === undefined ? {} : { previous: lines(log.previous) }),
      exec: (command) => {
        const answer = exec.find(
          (one) =>
            fits(one.namespace, namespace) &&
            fits(one.pod, name) &&
            fits(one.container, container) &&
            (one.command.at(-1) === '*'
              ? one.command.slice(0, -1).every((word, at) => word === command[at])
              : one.command.join('\0') === command.join('\0')),
        );
        if (answer === undefined) return undefined;
        const { stdout = '', stderr = '', exitCode = 0 } = answer.run?.(command) ?? answer;
        return { stdout, stderr, status: exitCode };
      },
    };
  });
}

const timed = ({ text, at, secondsAgo = 0 }: WorldLine): LogLine => ({
  text,
  at: at ?? new Date(Date.now() - secondsAgo * 1000).toISOString(),
});
