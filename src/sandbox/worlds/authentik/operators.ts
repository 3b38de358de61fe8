import type { KubeObject } from '../../kubernetes/object.ts';
import type { World } from '../../world.ts';

/** A rule of a ClusterRole. */
export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

const READ = ['get', 'list', 'watch'];

/** Looking at what a diagnosis needs, without logs and without running anything. */
export const READING: readonly Rule[] = [
  {
    apiGroups: [''],
    resources: ['namespaces', 'nodes', 'pods', 'services', 'endpoints', 'events', 'limitranges', 'configmaps'],
    verbs: READ,
  },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], verbs: READ },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: READ },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: READ },
];

const OPERATOR = 'oncall@sandbox.test';
const RBAC = 'rbac.authorization.k8s.io';

/** Makes the operator somebody who may do just this. */
export function operatorMay(...rules: readonly (readonly Rule[])[]): (world: World) => World {
  const role: KubeObject = {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'oncall' },
    rules: rules.flat(),
  };
  const binding: KubeObject = {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'oncall' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'oncall' },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: OPERATOR }],
  };
  return (world) => ({
    ...world,
    kubernetes: {
      ...world.kubernetes,
      objects: [...world.kubernetes.objects, role, binding],
      operator: { name: OPERATOR, groups: ['system:authenticated'] },
    },
  });
}
