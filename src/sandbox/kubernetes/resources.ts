import { type Answer, type Exchange, jsonAnswer } from '../http/exchange.ts';
import { afterCreate, deleteObject, refuseCreate, withDefaults } from './admission.ts';
import { apiVersionOf, at, type KubeObject, type ResourceType } from './object.ts';
import { applyPatch, PatchError } from './patch.ts';
import { type ClusterState, find, objectKey, objectsOf, store } from './state.ts';
import { alreadyExists, badRequest, conflict, invalid, notFound, statusAnswer } from './status.ts';

/** One object or collection that a path names. */
export type Place = { readonly type: ResourceType; readonly namespace: string | undefined; readonly name: string };

/** POST on a collection. */
export function createObject(state: ClusterState, place: Place, body: unknown, ask: Exchange): Answer {
  const object = asObject(place, body);
  if (object === undefined) return badRequest('the object provided is unrecognized (must be of type Object)');
  const { name } = object.metadata;
  if (name === '') return invalid(place.type, '', 'metadata.name', 'Required value: name or generateName is required');
  if (place.type.namespaced && object.metadata.namespace !== place.namespace) {
    return badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  const refused = refuseCreate(state, place.type, object);
  if (refused !== undefined) return refused;
  if (objectsOf(state, place.type).has(objectKey(place.namespace, name))) return alreadyExists(place.type, name);
  const complete = withDefaults(place.type, object);
  if (isDryRun(ask)) return jsonAnswer(201, JSON.stringify(complete));
  const stored = store(state, place.type, complete);
  afterCreate(state, stored);
  return jsonAnswer(201, JSON.stringify(stored));
}

/** PUT on an object. */
export function replaceObject(state: ClusterState, place: Place, body: unknown, ask: Exchange): Answer {
  const known = current(state, place);
  if (known === undefined) return notFound(place.type, place.name);
  const object = asObject(place, body);
  if (object === undefined) return badRequest('the object provided is unrecognized (must be of type Object)');
  return change(state, place, known, object, ask);
}

/** PATCH on an object; server-side apply creates what is missing. */
export function patchObject(state: ClusterState, place: Place, body: unknown, ask: Exchange): Answer {
  const type = (ask.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const known = current(state, place);
  const apply = type === 'application/apply-patch+yaml';
  if (!apply && !PATCH_TYPES.includes(type)) {
    return statusAnswer(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  if (known === undefined) {
    return apply ? createObject(state, place, body, ask) : notFound(place.type, place.name);
  }
  try {
    const patched = asObject(place, applyPatch(type, known, body));
    return patched === undefined ? badRequest('the patch leaves no object') : change(state, place, known, patched, ask);
  } catch (error) {
    if (error instanceof PatchError) return statusAnswer(422, 'Invalid', REJECTED, {});
    throw error;
  }
}

/** DELETE on an object. */
export function deleteOne(state: ClusterState, place: Place, ask: Exchange): Answer {
  const known = current(state, place);
  if (known === undefined) return notFound(place.type, place.name);
  if (isDryRun(ask)) return jsonAnswer(200, JSON.stringify(known));
  const { uid } = known.metadata;
  const left = deleteObject(state, place.type, known);
  if (left.metadata.deletionTimestamp !== undefined || place.type.kind === 'Pod')
    return jsonAnswer(200, JSON.stringify(left));
  const details = {
    name: place.name,
    ...(place.type.group === '' ? {} : { group: place.type.group }),
    kind: place.type.plural,
    uid,
  };
  return jsonAnswer(
    200,
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }),
  );
}

/** The object at a place, or undefined. */
export function current(state: ClusterState, place: Place): KubeObject | undefined {
  return find(state, place.type.group, place.type.plural, place.namespace, place.name);
}

const REJECTED = 'the server rejected our request due to an error in our request';

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** Stores what an object becomes, by PUT and PATCH alike; a resourceVersion that is not the current one is a conflict. */
function change(state: ClusterState, place: Place, known: KubeObject, object: KubeObject, ask: Exchange): Answer {
  const version = object.metadata.resourceVersion;
  if (version !== undefined && version !== known.metadata.resourceVersion) return conflict(place.type, place.name);
  const reference = (each: KubeObject) =>
    JSON.stringify({
      APIGroup: at(each, 'roleRef', 'apiGroup'),
      Kind: at(each, 'roleRef', 'kind'),
      Name: at(each, 'roleRef', 'name'),
    });
  if (reference(known) !== reference(object)) {
    return invalid(place.type, place.name, 'roleRef', `Invalid value: ${reference(object)}: cannot change roleRef`);
  }
  const same =
    JSON.stringify(known) ===
    JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: known.metadata.resourceVersion } });
  if (same || isDryRun(ask)) return jsonAnswer(200, JSON.stringify(object));
  const specChanged = JSON.stringify(at(known, 'spec')) !== JSON.stringify(at(object, 'spec'));
  const generation = known.metadata.generation;
  const metadata = {
    ...object.metadata,
    ...(generation === undefined ? {} : { generation: generation + Number(specChanged) }),
  };
  const settled = rolledOut({ ...object, metadata });
  return jsonAnswer(200, JSON.stringify(store(state, place.type, withEncoded(place.type, settled))));
}

/** Controllers are not played: a workload whose spec changed counts as rolled out at once. */
function rolledOut(object: KubeObject): KubeObject {
  const { status } = object;
  if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind) || typeof status !== 'object') return object;
  return { ...object, status: { ...status, observedGeneration: object.metadata.generation } };
}

function withEncoded(type: ResourceType, object: KubeObject): KubeObject {
  return type.kind === 'Secret' ? withDefaults(type, object) : object;
}

function asObject(place: Place, body: unknown): KubeObject | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const object = body as Partial<KubeObject>;
  const metadata = object.metadata ?? { name: place.name };
  const generated =
    metadata.generateName === undefined ? '' : `${metadata.generateName}${Math.random().toString(36).slice(2, 7)}`;
  return {
    ...object,
    apiVersion: apiVersionOf(place.type),
    kind: place.type.kind,
    metadata: {
      ...metadata,
      name: metadata.name ?? (place.name || generated),
      ...(place.namespace === undefined ? {} : { namespace: metadata.namespace ?? place.namespace }),
    },
  };
}

function isDryRun(ask: Exchange): boolean {
  return ask.query.get('dryRun') === 'All';
}
