import type { Kind, Kubernetes, KubernetesObject } from './client.ts';
import { notJson, readStatus, refusal } from './errors.ts';
import { hasName, object, text } from './shape.ts';
import { readBody, type Transport } from './transport.ts';

const PAGE = 500;

/** Path of a collection, or of one object in it. Each part is encoded; an empty one or `..` would mean another path. */
export function pathOf(kind: Kind, namespace: string | undefined, name?: string): string {
  const version = segment(kind.version);
  const root = kind.group === '' ? `/api/${version}` : `/apis/${segment(kind.group)}/${version}`;
  const parts = [
    ...(namespace === undefined ? [] : ['namespaces', segment(namespace)]),
    segment(kind.plural),
    ...(name === undefined ? [] : [segment(name)]),
  ];
  return `${root}/${parts.join('/')}`;
}

/** One part of a path. */
export function segment(name: string): string {
  if (name === '' || name === '.' || name === '..') throw new TypeError(`"${name}" cannot be a name of Kubernetes`);
  return encodeURIComponent(name);
}

/** `get secrets/token in rbac`, as kubectl would say it. */
function tried(verb: string, kind: Kind, namespace: string | undefined, name?: string): string {
  const what = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  return `${verb} ${what}${name === undefined ? '' : `/${name}`}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

type Objects = Pick<Kubernetes, 'get' | 'list' | 'patch' | 'create' | 'delete' | 'version'>;

/** Reading, patching, creating and deleting objects. */
export function makeObjects(connect: () => Promise<Transport>): Objects {
  return {
    async get(kind, name, namespace) {
      const transport = await connect();
      const ask = {
        tried: tried('get', kind, namespace, name),
        method: 'GET' as const,
        path: pathOf(kind, namespace, name),
      };
      const opened = await transport.open(ask);
      const body = await readBody(opened.body, ask, transport.server, transport.timeoutMs);
      if (opened.status === 404) {
        // A missing object is named in the answer; a kind that the cluster does not serve is not.
        if (readStatus(body)?.names === true) return undefined;
        throw refusal(ask.tried, transport.server, 404, body);
      }
      if (opened.status >= 300) throw refusal(ask.tried, transport.server, opened.status, body);
      return oneObject(body, ask.tried, transport.server);
    },
    async list(kind, options = {}) {
      const transport = await connect();
      try {
        return await pages(transport, kind, options, PAGE);
      } catch (error) {
        if (!(error instanceof Expired)) throw error;
        // The list changed too much since its first page (410 Gone). In one piece it cannot expire.
        return pages(transport, kind, options, 0);
      }
    },
    async patch(kind, name, namespace, body) {
      const transport = await connect();
      const what = tried('patch', kind, namespace, name);
      const path = pathOf(kind, namespace, name);
      const answer = await transport.text({
        tried: what,
        method: 'PATCH',
        path,
        body,
        contentType: 'application/merge-patch+json',
      });
      return oneObject(answer, what, transport.server);
    },
    async create(kind, namespace, body) {
      const transport = await connect();
      const what = tried('create', kind, namespace);
      const answer = await transport.text({ tried: what, method: 'POST', path: pathOf(kind, namespace), body });
      return oneObject(answer, what, transport.server);
    },
    async delete(kind, name, namespace) {
      const transport = await connect();
      const what = tried('delete', kind, namespace, name);
      const query = new URLSearchParams({ propagationPolicy: 'Background' });
      const ask = { tried: what, method: 'DELETE' as const, path: pathOf(kind, namespace, name), query };
      const opened = await transport.open(ask);
      const body = await readBody(opened.body, ask, transport.server, transport.timeoutMs);
      if (opened.status === 404 && readStatus(body)?.names === true) return false;
      if (opened.status >= 300) throw refusal(what, transport.server, opened.status, body);
      return true;
    },
    async version() {
      const transport = await connect();
      const answer = await transport.text({ tried: 'ask for the version', method: 'GET', path: '/version' });
      const version = text(object(parse(answer, 'ask for the version', transport.server)).gitVersion);
      if (version === undefined)
        throw notJson('ask for the version', transport.server, 200, 'an answer without a version');
      return version;
    },
  };
}

class Expired extends Error {}

type ListOptions = NonNullable<Parameters<Kubernetes['list']>[1]>;

async function pages(
  transport: Transport,
  kind: Kind,
  options: ListOptions,
  limit: number,
): Promise<readonly KubernetesObject[]> {
  const items: KubernetesObject[] = [];
  const what = tried('list', kind, options.namespace);
  let next: string | undefined;
  do {
    const query = new URLSearchParams();
    if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
    if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
    if (limit > 0) query.set('limit', String(limit));
    if (next !== undefined) query.set('continue', next);
    const ask = { tried: what, method: 'GET' as const, path: pathOf(kind, options.namespace), query };
    const opened = await transport.open(ask);
    const body = await readBody(opened.body, ask, transport.server, transport.timeoutMs);
    if (opened.status === 410 && next !== undefined) throw new Expired();
    if (opened.status >= 300) throw refusal(what, transport.server, opened.status, body);
    const page = object(parse(body, what, transport.server));
    if (!Array.isArray(page.items)) throw notJson(what, transport.server, 200, 'JSON that is not a list of objects');
    items.push(...page.items.map((item) => named(item, page, what, transport.server)));
    const token = text(object(page.metadata).continue);
    if (token !== undefined && token === next) throw notJson(what, transport.server, 200, 'the same page twice');
    next = token;
  } while (next !== undefined);
  return items;
}

/** Items of a list of built-in kinds lack kind and apiVersion: the list has them. */
function named(
  item: unknown,
  page: { readonly [key: string]: unknown },
  what: string,
  server: string,
): KubernetesObject {
  if (!hasName(item)) throw notJson(what, server, 200, 'a list with an item that has no name');
  const kind = text(page.kind)?.replace(/List$/, '');
  return {
    ...(page.apiVersion === undefined ? {} : { apiVersion: page.apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    ...(item as KubernetesObject),
  } as KubernetesObject;
}

function oneObject(body: string, what: string, server: string): KubernetesObject {
  const value = parse(body, what, server);
  if (!hasName(value)) throw notJson(what, server, 200, 'JSON that is not a Kubernetes object');
  return value as KubernetesObject;
}

/** A body as JSON; `kubernetes.not-json` when it is none. */
export function parse(body: string, what: string, server: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const shape =
      body.trim() === ''
        ? 'an empty answer'
        : /^\s*</.test(body)
          ? 'a web page instead of JSON'
          : 'an answer that is not JSON';
    throw notJson(what, server, 200, shape);
  }
}
