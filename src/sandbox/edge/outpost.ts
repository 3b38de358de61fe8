import { createHash } from 'node:crypto';
import type { Answer, Exchange } from '../http/exchange.ts';
import { isFull } from '../programs/tmpfs.ts';
import type { EdgeState, OutpostPod } from './state.ts';

/** Headers that authentik puts on its own pages. */
export const AUTHENTIK_HEADERS = {
  'content-security-policy': "frame-ancestors 'self'",
  'referrer-policy': 'same-origin',
  vary: 'Accept-Encoding',
} as const;

/**
 * What an outpost answers to the question whether a visitor may pass, at `/outpost.goauthentik.io/auth/traefik`, and to
 * what follows below `/outpost.goauthentik.io/`. Nobody here has a session: everybody is sent to log in.
 */
export function outpostAnswer(state: EdgeState, outpost: OutpostPod, ask: Exchange, host: string): Answer {
  if (ask.path === '/outpost.goauthentik.io/ping') return { status: 204, body: '' };
  if (!outpost.hosts.includes(host)) return noApp(outpost, host);
  const stored = outpost.store === 'postgres' || !isFull(outpost.shm, state.now());
  if (ask.path === '/outpost.goauthentik.io/callback') return callback(outpost, stored);
  // Go saves a session before it redirects; the Rust one only warns when it cannot, and fails at the callback.
  if (outpost.writer === 'go' && !stored) return { status: 400, headers: AUTHENTIK_HEADERS, body: '' };
  return {
    status: 302,
    headers: { ...AUTHENTIK_HEADERS, location: authorize(state, host), 'set-cookie': cookie(host) },
    body: '',
  };
}

/** A callback with a state that this outpost did not hand out, or a store that takes nothing any more. */
function callback(outpost: OutpostPod, stored: boolean): Answer {
  if (outpost.writer === 'go') return { status: 400, headers: AUTHENTIK_HEADERS, body: '' };
  return stored ? { status: 400, headers: AUTHENTIK_HEADERS, body: '' } : { status: 500, body: 'Something went wrong' };
}

function noApp(outpost: OutpostPod, host: string): Answer {
  const detail = 'Check the outpost settings and make sure all applications are assigned to it.';
  const body =
    outpost.writer === 'go'
      ? { Message: 'no app for hostname', Host: host, Detail: detail }
      : { message: 'no app for hostname', host, detail };
  return {
    status: 400,
    headers: { ...AUTHENTIK_HEADERS, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function authorize(state: EdgeState, host: string): string {
  const query = new URLSearchParams({
    client_id: hashed(`client ${host}`, 40),
    redirect_uri: `https://${host}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true`,
    response_type: 'code',
    scope: 'openid email profile ak_proxy',
    state: hashed(`state ${host}`, 64),
  });
  return `https://${state.world.authentikHost}/application/o/authorize/?${query}`;
}

function cookie(host: string): string {
  const value = hashed(`cookie ${host}`, 52);
  return `authentik_proxy_${hashed(host, 8)}=canary-${value}; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax`;
}

function hashed(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
