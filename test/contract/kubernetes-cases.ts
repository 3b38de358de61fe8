import { accessCases } from './kubernetes-access-cases.ts';
import type { KubernetesCase } from './kubernetes-case.ts';
import { forwardCases } from './kubernetes-forward-cases.ts';
import { listCases } from './kubernetes-list-cases.ts';
import { objectCases } from './kubernetes-object-cases.ts';
import { podCases } from './kubernetes-pod-cases.ts';

/** What every Kubernetes API has to do for this client, stand-in or real. */
export const kubernetesCases: readonly KubernetesCase[] = [
  ...objectCases,
  ...listCases,
  ...accessCases,
  ...podCases,
  ...forwardCases,
];
