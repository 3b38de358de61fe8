import type { HopFact } from '../evidence/edge.ts';

/**
 * What the answer to a first request without a cookie means. `login`: as it should be. `open`: nothing protects the host.
 * `blocked`: somebody keeps us out, which says nothing about the host.
 */
export type FirstHop =
  | 'login'
  | 'open'
  | 'elsewhere'
  | 'denied'
  | 'blocked'
  | 'http-400'
  | 'no-app'
  | 'fallback'
  | 'http-401'
  | 'http-404'
  | 'http-431'
  | 'http-500'
  | 'http-502'
  | 'cloudflare-error'
  | 'unreachable';

/** Reads an answer by the table of the runbook. */
export function decode(hop: HopFact): FirstHop {
  const { status, location, isFallback, body = '' } = hop;
  if (status === undefined) return 'unreachable';
  if (status >= 300 && status < 400) return isLogin(hop) ? 'login' : location === undefined ? 'open' : 'elsewhere';
  if (status < 300) return 'open';
  if (isFallback === true) return 'fallback';
  if (status === 400) return /no app for hostname/i.test(body) ? 'no-app' : 'http-400';
  if (status === 401) return 'http-401';
  if (status === 403) return hop.isAuthentik === true ? 'denied' : 'blocked';
  if (status === 429) return 'blocked';
  if (status === 404) return 'http-404';
  if (status === 431) return 'http-431';
  if (status >= 520 && status <= 530) return 'cloudflare-error';
  if (status >= 502 && status <= 504) return 'http-502';
  return status >= 500 ? 'http-500' : 'http-400';
}

function isLogin({ location }: HopFact): boolean {
  const path = location?.path ?? '';
  return (
    path.startsWith('/application/o/authorize') ||
    path.startsWith('/outpost.goauthentik.io/start') ||
    path.startsWith('/if/flow/')
  );
}

/** What a host gives, in words: `4 of 4 hosts give 400 instead of 302`. */
export const MEANS: Readonly<Record<FirstHop, string>> = {
  login: 'the login',
  open: 'an answer without a login',
  elsewhere: 'a redirect to somewhere else',
  denied: 'a refusal by Authentik’s policy',
  blocked: 'a refusal of us (403 or 429)',
  'http-400': '400 instead of 302',
  'no-app': '400, no app for hostname',
  fallback: 'the emergency password prompt: no outpost answers',
  'http-401': '401 instead of 302',
  'http-404': '404: no router',
  'http-431': '431: cookies too large',
  'http-500': '500',
  'http-502': '502, 503 or 504',
  'cloudflare-error': 'an error of Cloudflare',
  unreachable: 'no answer',
};

/** What each answer means to the runbook's reader. */
export const FAILURES: Readonly<Partial<Record<FirstHop, string>>> = {
  'http-400': 'The outpost could not begin a login: its logs and its /dev/shm say why.',
  'no-app': 'The host belongs to no application of the outpost that was asked.',
  fallback: 'The auth proxy reaches no outpost and asks for the emergency password: Service, selector or pods.',
  'http-401': 'Something else than the outpost asks for a password.',
  'http-404': 'Traefik has no router for the host, for example because a middleware is missing.',
  'http-431': 'More cookies than the auth proxy takes.',
  'http-500': 'Forward authentication itself failed: auth proxy or outpost.',
  'http-502': 'Nothing healthy stands behind: auth proxy, outpost or server.',
  'cloudflare-error': 'Cloudflare reaches no origin, or a Worker failed.',
  unreachable: 'No answer at all.',
  open: 'Nothing asks for a login: the middleware is missing, or a catch-all answers.',
};

/** Answers that mean that people cannot log in. */
export function isBad(kind: FirstHop): boolean {
  return !['login', 'open', 'elsewhere', 'denied', 'blocked'].includes(kind);
}

/** Who is banned is refused by many hosts: one that refuses while others let us in has a reason of its own. */
export function isKeptOut(kinds: readonly FirstHop[]): boolean {
  const refused = kinds.filter((kind) => kind === 'blocked').length;
  return refused > 1 || (refused === 1 && !kinds.includes('login'));
}
