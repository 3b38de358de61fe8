import { randomUUID } from 'node:crypto';
import type { ExecAnswer } from './exec.ts';
import type { LogSource } from './logs.ts';
import { apiVersionOf, type KubeObject, type ResourceType, typeKey } from './object.ts';
import type { ListeningPort } from './port-forward.ts';
import { knownTypes, typeOf } from './types.ts';

/** Who a request is from. */
export type User = { readonly name: string; readonly groups: readonly string[] };

/** A change, for watches. */
export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly key: string;
  readonly object: KubeObject;
};

/** Everything the Kubernetes stand-in holds. */
export type ClusterState = {
  readonly types: Map<string, ResourceType>;
  /** Objects by type key, then by `namespace/name`. */
  readonly objects: Map<string, Map<string, KubeObject>>;
  readonly tokens: Map<string, User>;
  readonly logs: LogSource[];
  readonly exec: ExecAnswer[];
  readonly listening: ListeningPort[];
  readonly watchers: Set<(event: WatchEvent) => void>;
  /** Milliseconds that a namespace stays Terminating. */
  namespaceDeletionMs: number;
  version: number;
};

/** A cluster without objects. */
export function emptyCluster(): ClusterState {
  return {
    types: knownTypes(),
    objects: new Map(),
    tokens: new Map(),
    logs: [],
    exec: [],
    listening: [],
    watchers: new Set(),
    namespaceDeletionMs: 30,
    version: 1000,
  };
}

/** Key of an object below its type. */
export function objectKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** The objects of one type. */
export function objectsOf(state: ClusterState, type: Pick<ResourceType, 'group' | 'plural'>): Map<string, KubeObject> {
  const key = typeKey(type);
  const known = state.objects.get(key);
  if (known !== undefined) return known;
  const created = new Map<string, KubeObject>();
  state.objects.set(key, created);
  return created;
}

/** One object of a built-in type by its place, or undefined. */
export function find(
  state: ClusterState,
  group: string,
  plural: string,
  namespace: string | undefined,
  name: string,
): KubeObject | undefined {
  return state.objects.get(`${group}/${plural}`)?.get(objectKey(namespace, name));
}

/** Stores an object with the metadata that the server adds; no checks. Returns what is stored. */
export function store(state: ClusterState, type: ResourceType, object: KubeObject): KubeObject {
  const objects = objectsOf(state, type);
  const namespace = type.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
  const key = objectKey(namespace, object.metadata.name);
  const before = objects.get(key);
  state.version += 1;
  const { name, namespace: _dropped, uid, creationTimestamp, resourceVersion: _old, ...metadata } = object.metadata;
  const stored: KubeObject = {
    ...object,
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: before?.metadata.uid ?? uid ?? randomUUID(),
      resourceVersion: String(state.version),
      creationTimestamp: before?.metadata.creationTimestamp ?? creationTimestamp ?? timestamp(),
      ...metadata,
    },
  };
  objects.set(key, stored);
  announce(state, { type: before === undefined ? 'ADDED' : 'MODIFIED', key: typeKey(type), object: stored });
  return stored;
}

/** Takes an object away. */
export function remove(state: ClusterState, type: ResourceType, namespace: string | undefined, name: string): void {
  const objects = objectsOf(state, type);
  const key = objectKey(namespace, name);
  const object = objects.get(key);
  if (object === undefined) return;
  objects.delete(key);
  state.version += 1;
  announce(state, { type: 'DELETED', key: typeKey(type), object });
}

/** Puts the objects of a world into the cluster as they are. */
export function load(state: ClusterState, objects: readonly KubeObject[]): void {
  for (const object of objects) store(state, typeOf(state.types, object), object);
}

/** Time now as the API server writes it. */
export function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function announce(state: ClusterState, event: WatchEvent): void {
  for (const watcher of state.watchers) watcher(event);
}
