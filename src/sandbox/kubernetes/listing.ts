import { type Answer, type Exchange, jsonAnswer } from '../http/exchange.ts';
import { apiVersionOf, type KubeObject, type ResourceType, typeKey } from './object.ts';
import { fieldSelector, labelSelector, type Selector } from './selectors.ts';
import { type ClusterState, objectsOf, type WatchEvent } from './state.ts';
import { badRequest, expired } from './status.ts';
import { isBuiltIn } from './types.ts';

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** A continue token that counts as too old; a test sends it to see the 410. */
const EXPIRED_TOKEN = 'expired';

/** GET on a collection: selectors, pages, or a watch. */
export function listAnswer(
  state: ClusterState,
  type: ResourceType,
  namespace: string | undefined,
  ask: Exchange,
): Answer {
  const label = labelSelector(ask.query.get('labelSelector') ?? '');
  const field = fieldSelector(type, ask.query.get('fieldSelector') ?? '');
  const wrong = [label, field].find((each) => typeof each !== 'function');
  if (wrong !== undefined && typeof wrong !== 'function') return badRequest(wrong.error);
  const keep = (object: KubeObject) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    passes(label, object) &&
    passes(field, object);
  if (ask.query.get('watch') === 'true' || ask.query.get('watch') === '1') return watch(state, type, keep, ask);
  const found = [...objectsOf(state, type).values()].filter(keep).sort(byPlace);
  return page(state, type, found, ask);
}

function page(state: ClusterState, type: ResourceType, found: readonly KubeObject[], ask: Exchange): Answer {
  const limit = Number(ask.query.get('limit') ?? 0);
  const token = ask.query.get('continue') ?? '';
  const start = token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (token === EXPIRED_TOKEN) return expired(EXPIRED);
  if (!Number.isInteger(start)) {
    return badRequest(
      `invalid continue token: continue key is not valid: invalid character '${token[0]}' looking for beginning of value`,
    );
  }
  const end = limit > 0 ? start + limit : found.length;
  const rest = found.length - end;
  const more = rest > 0 ? { continue: Buffer.from(String(end)).toString('base64url'), remainingItemCount: rest } : {};
  const items = found.slice(start, end).map((object) => (isBuiltIn(type) ? withoutKind(object) : object));
  const list = {
    kind: `${type.kind}List`,
    apiVersion: apiVersionOf(type),
    metadata: { resourceVersion: String(state.version), ...more },
    items,
  };
  return jsonAnswer(200, JSON.stringify(list));
}

function watch(state: ClusterState, type: ResourceType, keep: (object: KubeObject) => boolean, ask: Exchange): Answer {
  const from = Number(ask.query.get('resourceVersion') ?? 0);
  const seconds = Number(ask.query.get('timeoutSeconds') ?? 300);
  const queue: WatchEvent[] = [...objectsOf(state, type).values()]
    .filter((object) => keep(object) && Number(object.metadata.resourceVersion) > from)
    .map((object) => ({ type: 'ADDED', key: typeKey(type), object }));
  async function* events(): AsyncIterable<string> {
    let wake: () => void = () => undefined;
    const watcher = (event: WatchEvent) => {
      if (event.key === typeKey(type) && keep(event.object)) queue.push(event);
      wake();
    };
    state.watchers.add(watcher);
    const end = Date.now() + seconds * 1000;
    try {
      while (Date.now() < end) {
        for (const event of queue.splice(0)) yield `${JSON.stringify({ type: event.type, object: event.object })}\n`;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(1000, Math.max(1, end - Date.now())));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      state.watchers.delete(watcher);
    }
  }
  return { status: 200, headers: { 'content-type': 'application/json' }, body: events() };
}

function passes(selector: Selector, object: KubeObject): boolean {
  return typeof selector === 'function' && selector(object);
}

function byPlace(a: KubeObject, b: KubeObject): number {
  const key = (object: KubeObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}

/** Items of built-in lists carry neither kind nor apiVersion. */
function withoutKind(object: KubeObject): Record<string, unknown> {
  const { kind: _kind, apiVersion: _version, ...rest } = object;
  return rest;
}
