import type { Answer, Exchange, Handle } from '../http/exchange.ts';
import { type KubeObject, listAt, textAt } from '../kubernetes/object.ts';
import { objectsOf } from '../kubernetes/state.ts';
import { coreAnswer } from './core.ts';
import { outpostAnswer } from './outpost.ts';
import { type EdgeState, endpointsOf, outpostOf } from './state.ts';

const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares';
const PRIORITY = 'traefik.ingress.kubernetes.io/router.priority';

/**
 * Traefik as its Ingresses and Middlewares configure it: forward auth by the auth nginx to an outpost, then the
 * application. Who answers and how follows from Services, ready pods and the outposts' own state.
 */
export function createTraefik(state: EdgeState): Handle {
  const turn = { next: 0 };
  return (ask) => {
    const host = (ask.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const page = state.world.pages?.[`${host}${ask.path}`];
    if (page !== undefined) return { status: 200, headers: { 'content-type': 'text/plain' }, body: page };
    const ingress = ingressOf(state, host);
    // Every name below the domain resolves here; what has no route is answered by the catch-all, with 200.
    if (ingress === undefined) return { status: 200, headers: { 'content-type': 'text/plain' }, body: '404 Not Found' };
    const refusal = state.world.refused?.[host];
    if (refusal !== undefined) return refusal;
    for (const middleware of middlewaresOf(state, ingress)) {
      const address = textAt(middleware, 'spec', 'forwardAuth', 'address');
      if (address === '') continue;
      const refused = forwardAuth(state, address, ask, host, turn);
      if (refused !== undefined) return refused;
    }
    return backend(state, ingress, ask, host);
  };
}

function ingressOf(state: EdgeState, host: string): KubeObject | undefined {
  const fitting = [...objectsOf(state.cluster, { group: 'networking.k8s.io', plural: 'ingresses' }).values()].filter(
    (each) => listAt(each, 'spec', 'rules').some((rule) => textAt(rule, 'host') === host),
  );
  const priority = (each: KubeObject): number => Number(each.metadata.annotations?.[PRIORITY] ?? 0);
  return fitting.toSorted((a, b) => priority(b) - priority(a))[0];
}

function middlewaresOf(state: EdgeState, ingress: KubeObject): readonly KubeObject[] {
  const names = (ingress.metadata.annotations?.[MIDDLEWARES] ?? '').split(',').filter((name) => name !== '');
  const all = [...objectsOf(state.cluster, { group: 'traefik.io', plural: 'middlewares' }).values()];
  return names.flatMap((name) => {
    const found = all.find(({ metadata }) => `${metadata.namespace}-${metadata.name}@kubernetescrd` === name.trim());
    return found === undefined ? [] : [found];
  });
}

/** The answer that keeps a visitor out. Everybody is kept out: nobody here is logged in. */
function forwardAuth(
  state: EdgeState,
  address: string,
  ask: Exchange,
  host: string,
  turn: { next: number },
): Answer | undefined {
  const [service = '', namespace = ''] = new URL(address).hostname.split('.');
  const behind = endpointsOf(state.cluster, namespace, service);
  // Forward auth fails closed: Traefik answers 500 by itself.
  if (behind.length === 0) return { status: 500, body: 'Internal Server Error' };
  if (service !== 'auth-proxy') return fromOutposts(state, behind, ask, host, turn);
  const outposts = endpointsOf(state.cluster, 'authentik', EMBEDDED_SERVICE);
  return outposts.length === 0 ? emergency() : fromOutposts(state, outposts, ask, host, turn);
}

const EMBEDDED_SERVICE = 'ak-outpost-authentik-embedded-outpost';

function fromOutposts(
  state: EdgeState,
  pods: readonly KubeObject[],
  ask: Exchange,
  host: string,
  turn: { next: number },
): Answer {
  const pod = pods[turn.next % pods.length];
  turn.next += 1;
  const outpost = pod === undefined ? undefined : outpostOf(state, pod);
  if (outpost === undefined) return { status: 502, body: 'Bad Gateway' };
  const asked = ask.path.startsWith('/outpost.goauthentik.io/') ? ask.path : '/outpost.goauthentik.io/auth/traefik';
  return outpostAnswer(state, outpost, { ...ask, path: asked }, host);
}

/** What the auth nginx answers when no outpost does. */
function emergency(): Answer {
  return {
    status: 401,
    headers: {
      'www-authenticate': 'Basic realm="Emergency Access"',
      'x-auth-fallback': 'true',
      'content-type': 'text/html',
    },
    body: '<html>\r\n<head><title>401 Authorization Required</title></head>\r\n</html>\r\n',
  };
}

function backend(state: EdgeState, ingress: KubeObject, ask: Exchange, host: string): Answer {
  const namespace = ingress.metadata.namespace ?? '';
  const paths = listAt(ingress, 'spec', 'rules').flatMap((rule) => listAt(rule, 'http', 'paths'));
  const service = textAt(paths[0], 'backend', 'service', 'name');
  if (endpointsOf(state.cluster, namespace, service).length === 0) {
    return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'no available server' };
  }
  if (host === state.world.authentikHost) return coreAnswer(ask);
  const body = `<!DOCTYPE html><html><head><title>${host.split('.')[0]}</title></head><body>An application.</body></html>\n`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
