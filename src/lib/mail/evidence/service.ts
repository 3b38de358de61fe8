import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { ENDPOINT_SLICES, SERVICES } from '../../clients/kubernetes/kinds.ts';
import type { Site } from '../../site/site.ts';
import type { ClusterReads } from './answer.ts';

/** The Service that the cluster sends to. `present` false: there is none of that name. */
export type ServiceFacts = {
  readonly present: boolean;
  readonly clusterIp: string | undefined;
  readonly ports: readonly number[];
  readonly readyEndpoints: number;
};

/** What the API knows of the Service and of who stands behind it. Errors: those of the cluster. */
export async function collectService(clients: ClusterReads, site: Site): Promise<ServiceFacts> {
  const namespace = site.mail.namespace.value;
  const name = site.mail.service.value;
  const [service, slices] = await Promise.all([
    clients.kubernetes.get(SERVICES, name, namespace),
    clients.kubernetes.list(ENDPOINT_SLICES, { namespace, labelSelector: `kubernetes.io/service-name=${name}` }),
  ]);
  const spec = (service?.spec ?? {}) as {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly port?: number }[];
  };
  return {
    present: service !== undefined,
    clusterIp: spec.clusterIP === 'None' ? undefined : spec.clusterIP,
    ports: (spec.ports ?? []).flatMap(({ port }) => (port === undefined ? [] : [port])),
    readyEndpoints: slices.reduce((sum, slice) => sum + readyIn(slice), 0),
  };
}

/** An endpoint without a `ready` condition counts as ready: EndpointSlice, discovery.k8s.io/v1. */
function readyIn(slice: KubernetesObject): number {
  const endpoints = (slice.endpoints ?? []) as readonly { readonly conditions?: { readonly ready?: boolean } }[];
  return endpoints.filter(({ conditions }) => conditions?.ready !== false).length;
}
