import type { Kind } from './client.ts';

/** The kinds of objects that infra reads, each named once. */
export const NAMESPACES: Kind = { group: '', version: 'v1', plural: 'namespaces' };
export const NODES: Kind = { group: '', version: 'v1', plural: 'nodes' };
export const PODS: Kind = { group: '', version: 'v1', plural: 'pods' };
export const SERVICES: Kind = { group: '', version: 'v1', plural: 'services' };
export const EVENTS: Kind = { group: '', version: 'v1', plural: 'events' };
export const LIMIT_RANGES: Kind = { group: '', version: 'v1', plural: 'limitranges' };
export const DEPLOYMENTS: Kind = { group: 'apps', version: 'v1', plural: 'deployments' };
export const REPLICA_SETS: Kind = { group: 'apps', version: 'v1', plural: 'replicasets' };
export const BUDGETS: Kind = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets' };
export const ENDPOINT_SLICES: Kind = { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices' };
export const INGRESSES: Kind = { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses' };
