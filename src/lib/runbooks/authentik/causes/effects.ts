/** What one sees above a fault, by both ways to a host. */
export function legs(...kinds: readonly string[]): readonly string[] {
  return ['cloudflare', 'direct'].flatMap((way) => kinds.map((kind) => `${way}.${kind}`));
}

/** Nothing answers where an outpost should: the auth proxy shows its password prompt, or fails itself. */
export const NO_OUTPOST = [
  ...legs('fallback', 'http-401', 'http-500', 'http-502'),
  'outpost.no-endpoints',
  'outpost.endpoints-missing',
  'auth-proxy.outpost-unreachable',
  'auth-proxy.unexpected-status',
  'edge.many-401',
];

/** A login begins, and its session is gone or was never saved. */
export const LOST_SESSIONS = [
  ...legs('http-400'),
  'outpost.session-mismatch',
  'outpost.redeem-failed',
  'login.loop',
  'login.refused',
  'edge.many-400',
];

/** The server does not serve: what follows in the outposts, at the edge, and for a kubeconfig that logs in with it. */
export const NO_SERVER = [
  ...legs('http-400', 'fallback', 'http-500', 'http-502'),
  'cluster.rollout-stuck',
  'server.ready-503',
  'server.ready-public-only',
  'server.none-ready',
  'server.fewer-ready',
  'server.restarted',
  'server.core-unreachable',
  'server.budget-exhausted',
  'worker.none-ready',
  'worker.fewer-ready',
  'outpost.core-unreachable',
  'outpost.none-ready',
  'outpost.not-ready',
  'outpost.restarted',
  'outpost.no-endpoints',
  'outpost.endpoints-missing',
  'auth-proxy.outpost-unreachable',
  'login.server-error',
  'cluster.warning',
  'edge.many-401',
  'context.login-failed',
];

/** The database does not answer Authentik. */
export const NO_DATABASE = [
  ...NO_SERVER,
  'server.database-error',
  'outpost.database-error',
  'pooler.backend-unreachable',
  'pooler.full',
];
