import type { KubeObject } from '../kubernetes/object.ts';

const CREATED = '2026-01-05T08:00:00Z';

/** A namespace that stands since the platform was built. */
function namespace(name: string, tier = '1-cluster'): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, creationTimestamp: CREATED, labels: { 'kubernetes.io/metadata.name': name, tier } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

/** A workload with all replicas ready. `env` of its one container. */
function workload(
  kind: 'Deployment' | 'StatefulSet',
  place: string,
  name: string,
  container: string,
  env: readonly { readonly name: string; readonly value: string }[] = [],
  replicas = 1,
): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: place, creationTimestamp: CREATED, generation: 3, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: {} },
        spec: { containers: [{ name: container, image: `registry.example/${name}:1.0`, env }] },
      },
    },
    status: {
      observedGeneration: 3,
      replicas,
      readyReplicas: replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
      ...(kind === 'StatefulSet' ? { currentReplicas: replicas } : {}),
    },
  };
}

/** A running pod with one ready container. */
function pod(place: string, name: string, container: string, labels: Readonly<Record<string, string>>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: place, creationTimestamp: CREATED, labels: { ...labels } },
    spec: { nodeName: 'k8s-node1', containers: [{ name: container, image: `registry.example/${container}:1.0` }] },
    status: {
      phase: 'Running',
      startTime: CREATED,
      podIP: '10.244.1.10',
      conditions: [
        { type: 'Ready', status: 'True', lastTransitionTime: CREATED },
        { type: 'ContainersReady', status: 'True', lastTransitionTime: CREATED },
      ],
      containerStatuses: [
        { name: container, ready: true, started: true, restartCount: 0, state: { running: { startedAt: CREATED } } },
      ],
    },
  };
}

/** A ready node. */
function node(name: string, controlPlane: boolean): KubeObject {
  const resources = { cpu: '4', memory: '16Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      creationTimestamp: CREATED,
      labels: {
        'kubernetes.io/hostname': name,
        ...(controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
      },
    },
    spec: {},
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [
        { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
        { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
        { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
        { type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: CREATED },
      ],
      nodeInfo: { kubeletVersion: 'v1.34.4' },
    },
  };
}

/** What a healthy cluster of the platform holds before any user has anything. */
export function platformObjects(): readonly KubeObject[] {
  const kubeSystem = namespace('kube-system', '0-core');
  kubeSystem.metadata.uid = '7f4a1f6e-52c5-4d0f-9a53-3f0e6d2b9c11';
  return [
    kubeSystem,
    ...['default', 'kube-public', 'kube-node-lease'].map((name) => namespace(name, '0-core')),
    ...[
      'vault',
      'traefik',
      'authentik',
      'woodpecker',
      'k8s-portal',
      'kubernetes-dashboard',
      'cloudflared',
      'monitoring',
      'dbaas',
    ].map((name) => namespace(name)),
    node('k8s-master', true),
    node('k8s-node1', false),
    node('k8s-node2', false),
    node('k8s-node3', false),
    node('k8s-node4', false),
    workload('StatefulSet', 'woodpecker', 'woodpecker-server', 'server', [
      { name: 'WOODPECKER_HOST', value: 'https://ci.sandbox.test' },
      { name: 'WOODPECKER_OPEN', value: 'true' },
    ]),
    pod('woodpecker', 'woodpecker-server-0', 'server', { app: 'woodpecker-server' }),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'woodpecker' } },
    workload('Deployment', 'kubernetes-dashboard', 'dashboard-token-injector', 'nginx'),
    pod('kubernetes-dashboard', 'dashboard-token-injector-6d5f7c9b8-x2k4p', 'nginx', {
      app: 'dashboard-token-injector',
    }),
    workload('Deployment', 'k8s-portal', 'k8s-portal', 'portal'),
    pod('k8s-portal', 'k8s-portal-7c6b5d4f8-q9w2e', 'portal', { app: 'k8s-portal' }),
  ];
}
