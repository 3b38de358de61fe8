import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Answer, type Exchange, type Handle, jsonAnswer } from '../http/exchange.ts';
import { toExchange } from '../http/listen.ts';
import { discoveryAnswer } from './discovery.ts';
import { type ExecRequest, execUpgrade, refuseUpgrade } from './exec.ts';
import { identify } from './identify.ts';
import { listAnswer } from './listing.ts';
import { logAnswer } from './logs.ts';
import { listAt, textAt } from './object.ts';
import { parsePath, type Target } from './path.ts';
import { type ForwardRequest, forwardUpgrade } from './port-forward.ts';
import { type Attributes, authorize } from './rbac.ts';
import { createObject, current, deleteOne, type Place, patchObject, replaceObject } from './resources.ts';
import { reviewAnswer } from './reviews.ts';
import { type ClusterState, objectsOf, type User } from './state.ts';
import { badRequest, detailsOf, noSuchResource, notFound, qualified, statusAnswer } from './status.ts';
import { mintToken } from './token-request.ts';

/** The Kubernetes API over objects in memory. Facts: answers of kube-apiserver 1.34. */
export function createCluster(state: ClusterState): Handle {
  return (ask) => {
    const user = identify(state, ask);
    if ('status' in user) return user;
    const target = parsePath(state, ask.path);
    if (target === undefined) return outsideResources(state, user, ask);
    return onResource(state, user, target, ask);
  };
}

/** Exec and port-forward over WebSocket: authorised as `get` of the subresource, then played from the world's tables. */
export function createUpgrade(state: ClusterState) {
  return (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    const asked = upgradeRequest(state, toExchange(request, ''));
    if ('status' in asked) refuseUpgrade(socket, asked);
    else if ('port' in asked) forwardUpgrade(state.listening, asked)(request, socket, head);
    else execUpgrade(state.exec, asked)(request, socket, head);
  };
}

function upgradeRequest(state: ClusterState, ask: Exchange): ExecRequest | ForwardRequest | Answer {
  const user = identify(state, ask);
  if ('status' in user) return user;
  const target = parsePath(state, ask.path);
  if (target?.type?.plural !== 'pods' || !UPGRADES.includes(target.subresource)) return noSuchResource();
  const refused = forbid(state, user, attributesOf(target, 'get'));
  if (refused !== undefined) return refused;
  const pod = current(state, placeOf(target, target.type));
  if (pod === undefined) return notFound(target.type, target.name);
  if (target.subresource === 'portforward')
    return { namespace: target.namespace ?? '', pod: target.name, port: Number(ask.query.get('ports')) };
  const container = ask.query.get('container') ?? textAt(listAt(pod, 'spec', 'containers')[0], 'name');
  if (!listAt(pod, 'spec', 'containers').some((each) => textAt(each, 'name') === container)) {
    return badRequest(`container ${container} is not valid for pod ${target.name}`);
  }
  const status = listAt(pod, 'status', 'containerStatuses').find((each) => textAt(each, 'name') === container);
  if (textAt(status, 'state', 'waiting', 'reason') !== '') {
    return statusAnswer(500, 'InternalError', `unable to upgrade connection: container not found ("${container}")`, {});
  }
  return { namespace: target.namespace ?? '', pod: target.name, container, command: ask.query.getAll('command') };
}

function outsideResources(state: ClusterState, user: User, ask: Exchange): Answer {
  const asked = { verb: ask.method.toLowerCase(), group: '', resource: '', path: ask.path };
  if (!authorize(state, user, asked).allowed) {
    return statusAnswer(403, 'Forbidden', `forbidden: User "${user.name}" cannot ${asked.verb} path "${ask.path}"`, {});
  }
  return discoveryAnswer(state, ask.path) ?? noSuchPath();
}

function onResource(state: ClusterState, user: User, target: Target, ask: Exchange): Answer {
  const body = parseBody(ask);
  if (body === MALFORMED) return malformed(target);
  const verb = verbOf(ask, target);
  const refused = forbid(state, user, attributesOf(target, verb));
  if (refused !== undefined) return refused;
  if (target.type === undefined) {
    const review =
      ask.method === 'POST'
        ? reviewAnswer(state, user, `${target.group}/${target.plural}`, body, target.namespace)
        : undefined;
    if (review !== undefined) return review;
    return servesGroup(state, target.group) ? noSuchResource() : noSuchPath();
  }
  const place = placeOf(target, target.type);
  if (target.subresource !== '') return subresource(state, place, target, body, ask);
  switch (verb) {
    case 'list':
    case 'watch':
      return listAnswer(state, target.type, target.namespace, ask);
    case 'get': {
      const object = current(state, place);
      return object === undefined ? notFound(target.type, target.name) : jsonAnswer(200, JSON.stringify(object));
    }
    case 'create':
      return createObject(state, place, body, ask);
    case 'update':
      return replaceObject(state, place, body, ask);
    case 'patch':
      return patchObject(state, place, body, ask);
    case 'delete':
      return deleteOne(state, place, ask);
    case 'deletecollection':
      return deleteAll(state, place, ask);
    default:
      return statusAnswer(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
        {},
      );
  }
}

const UPGRADES: readonly string[] = ['exec', 'portforward'];
const SUBRESOURCES: readonly string[] = ['log', 'status', 'scale', 'finalize', 'token', 'eviction', ...UPGRADES];

function malformed(target: Target): Answer {
  const kind = target.type?.kind ?? target.plural;
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error`,
  );
}

function noSuchPath(): Answer {
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' };
}

function servesGroup(state: ClusterState, group: string): boolean {
  return group.startsWith('auth') || [...state.types.values()].some((type) => type.group === group);
}

function subresource(state: ClusterState, place: Place, target: Target, body: unknown, ask: Exchange): Answer {
  if (!SUBRESOURCES.includes(target.subresource)) return noSuchResource();
  const object = current(state, place);
  if (object === undefined) return notFound(place.type, place.name);
  switch (target.subresource) {
    case 'log':
      return logAnswer(state, object, ask);
    case 'status':
    case 'scale':
    case 'finalize':
      if (ask.method === 'GET') return jsonAnswer(200, JSON.stringify(object));
      return ask.method === 'PATCH' ? patchObject(state, place, body, ask) : replaceObject(state, place, body, ask);
    case 'token':
      return mintToken(state, object, body);
    case 'eviction':
      return deleteOne(state, place, ask);
    case 'exec':
    case 'portforward':
      return statusAnswer(400, 'BadRequest', 'Upgrade request required');
    default:
      return noSuchResource();
  }
}

function deleteAll(state: ClusterState, place: Place, ask: Exchange): Answer {
  const inside = [...objectsOf(state, place.type).values()].filter(
    (object) => place.namespace === undefined || object.metadata.namespace === place.namespace,
  );
  for (const object of inside)
    deleteOne(state, { ...place, namespace: object.metadata.namespace, name: object.metadata.name }, ask);
  return listAnswer(state, place.type, place.namespace, ask);
}

function forbid(state: ClusterState, user: User, asked: Attributes): Answer | undefined {
  if (authorize(state, user, asked).allowed) return undefined;
  const [plural = '', sub] = asked.resource.split('/');
  const type = { group: asked.group, plural };
  const where = asked.namespace === undefined ? 'at the cluster scope' : `in the namespace "${asked.namespace}"`;
  const name = asked.name === undefined || asked.name === '' ? '' : ` "${asked.name}"`;
  const resource = sub === undefined ? plural : `${plural}/${sub}`;
  const message = `${qualified(type)}${name} is forbidden: User "${user.name}" cannot ${asked.verb} resource "${resource}" in API group "${asked.group}" ${where}`;
  return statusAnswer(403, 'Forbidden', message, detailsOf(type, asked.name ?? ''));
}

function attributesOf(target: Target, verb: string): Attributes {
  const namespace = target.plural === 'namespaces' && target.name !== '' ? target.name : target.namespace;
  return {
    verb,
    group: target.group,
    resource: target.subresource === '' ? target.plural : `${target.plural}/${target.subresource}`,
    ...(namespace === undefined ? {} : { namespace }),
    ...(target.name === '' ? {} : { name: target.name }),
  };
}

function placeOf(target: Target, type: Place['type']): Place {
  return { type, namespace: type.namespaced ? target.namespace : undefined, name: target.name };
}

function verbOf(ask: Exchange, target: Target): string {
  const one = target.name !== '';
  switch (ask.method) {
    case 'GET':
      if (one) return 'get';
      return ask.query.get('watch') === 'true' || ask.query.get('watch') === '1' ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return one ? 'delete' : 'deletecollection';
    default:
      return ask.method.toLowerCase();
  }
}

const MALFORMED = Symbol('malformed');

function parseBody(ask: Exchange): unknown {
  if (ask.body === '' || ask.method === 'DELETE') return undefined;
  try {
    return JSON.parse(ask.body);
  } catch {
    // Answered with 400 by the caller, as the server does.
    return MALFORMED;
  }
}
