import type { KubeObject } from '../../kubernetes/object.ts';
import { timeAt } from './lines.ts';
import type { PodScene, Scene, Workload } from './scene.ts';

/** A pod that Services send to: it says that it is ready and its container runs. */
export function isReady(pod: Pick<PodScene, 'ready' | 'waiting'>): boolean {
  return pod.ready && pod.waiting === undefined;
}

const seconds = (scene: Scene, ago: number): string => timeAt(scene, ago).replace(/\.\d+Z$/, 'Z');

/** The Deployment of a workload. */
export function deployment(scene: Scene, workload: Workload): KubeObject {
  const ready = workload.pods.filter(isReady).length;
  const created = seconds(scene, 20_000_000);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: workload.name,
      namespace: workload.namespace,
      labels: workload.labels,
      creationTimestamp: created,
      generation: 7,
      annotations: { 'deployment.kubernetes.io/revision': '7' },
    },
    spec: { replicas: workload.replicas, selector: { matchLabels: workload.labels }, template: template(workload) },
    status: {
      observedGeneration: 7,
      replicas: workload.pods.length,
      updatedReplicas: workload.pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      ...(ready < workload.replicas ? { unavailableReplicas: workload.replicas - ready } : {}),
    },
  };
}

/** Its current ReplicaSet. */
export function replicaSet(scene: Scene, workload: Workload): KubeObject {
  const name = setName(workload);
  const age = Math.max(3600, ...workload.pods.map((pod) => pod.age)) + 30;
  const ready = workload.pods.filter(isReady).length;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: workload.namespace,
      labels: workload.labels,
      creationTimestamp: seconds(scene, age),
      annotations: { 'deployment.kubernetes.io/revision': '7' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: workload.name, controller: true }],
    },
    spec: { replicas: workload.replicas, selector: { matchLabels: workload.labels }, template: template(workload) },
    status: { replicas: workload.pods.length, readyReplicas: ready, availableReplicas: ready },
  };
}

/** One of its pods. */
export function podObject(scene: Scene, workload: Workload, pod: PodScene): KubeObject {
  const ready = isReady(pod);
  const started = seconds(scene, pod.age);
  const condition = (type: string, status: boolean) => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime: started,
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: workload.namespace,
      creationTimestamp: seconds(scene, pod.age + (pod.restarts > 0 ? 86_400 : 4)),
      labels: { ...workload.labels, ...instanceLabels(workload, pod) },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: setName(workload), controller: true }],
    },
    spec: { nodeName: pod.node, ...template(workload).spec },
    status: {
      phase: 'Running',
      startTime: seconds(scene, pod.age + (pod.restarts > 0 ? 86_400 : 4)),
      podIP: `10.244.${1 + (pod.name.length % 4)}.${20 + (pod.name.codePointAt(pod.name.length - 1) ?? 0)}`,
      conditions: [
        condition('Initialized', true),
        condition('Ready', ready),
        condition('ContainersReady', ready),
        condition('PodScheduled', true),
      ],
      containerStatuses: [containerStatus(scene, workload, pod, ready)],
    },
  };
}

function containerStatus(scene: Scene, workload: Workload, pod: PodScene, ready: boolean): Record<string, unknown> {
  const { last } = pod;
  return {
    name: workload.container,
    image: workload.image,
    imageID: `${workload.image.split(':')[0]}@sha256:${scene.random.of(workload.image).text(64)}`,
    ready,
    started: pod.waiting === undefined,
    restartCount: pod.restarts,
    state:
      pod.waiting === undefined
        ? { running: { startedAt: seconds(scene, pod.age) } }
        : { waiting: { reason: pod.waiting } },
    lastState:
      last === undefined
        ? {}
        : {
            terminated: {
              reason: last.reason,
              exitCode: last.exitCode,
              startedAt: seconds(scene, last.secondsAgo + 4000),
              finishedAt: seconds(scene, last.secondsAgo),
            },
          },
  };
}

/** Labels that only one pod of a workload has: the first of the database cluster is its primary. */
function instanceLabels(workload: Workload, pod: PodScene): Record<string, string> {
  if (workload.name !== 'pg-cluster') return {};
  return { 'cnpg.io/instanceRole': pod === workload.pods[0] ? 'primary' : 'replica', 'cnpg.io/instanceName': pod.name };
}

function setName(workload: Workload): string {
  return workload.pods[0]?.name.split('-').slice(0, -1).join('-') ?? `${workload.name}-6f7d8c9b5`;
}

function template(workload: Workload): { readonly metadata: object; readonly spec: Readonly<Record<string, unknown>> } {
  const { container, dshm, env, image, labels, memoryLimit } = workload;
  const limits = memoryLimit === undefined ? {} : { limits: { memory: memoryLimit } };
  const volumes =
    dshm === undefined
      ? []
      : [{ name: 'dshm', emptyDir: { medium: 'Memory', ...(dshm === '' ? {} : { sizeLimit: dshm }) } }];
  return {
    metadata: { labels },
    spec: {
      containers: [
        {
          name: container,
          image,
          env: env.map((name) =>
            name === 'TMPDIR'
              ? { name, value: '/dev/shm/' }
              : { name, valueFrom: { secretKeyRef: { name: 'outpost', key: name.toLowerCase() } } },
          ),
          resources: { ...limits, requests: { cpu: '100m', memory: '32Mi' } },
          ...(dshm === undefined ? {} : { volumeMounts: [{ name: 'dshm', mountPath: '/dev/shm' }] }),
        },
      ],
      volumes,
    },
  };
}
