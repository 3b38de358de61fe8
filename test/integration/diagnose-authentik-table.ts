import type { Scope } from '../../src/lib/diagnosis/cause.ts';

/** What a diagnosis has to say of a world, whatever the seed. */
export type Expected = {
  readonly world: string;
  readonly verdict: 'PASS' | 'WARN' | 'FAIL' | 'UNKNOWN';
  readonly status: 'ok' | 'warn' | 'fail' | 'unknown';
  /** The root cause, confirmed; absent: none may be named. */
  readonly cause?: string;
  /** `any` where requests without a cookie cannot tell. */
  readonly scope: Scope | 'any' | 'none';
  /** Layers that have to be cleared. */
  readonly cleared?: readonly string[];
  /** A layer that may not be cleared: it is the one. */
  readonly notCleared?: string;
  /** Further causes that have to be listed, and nothing else may be. */
  readonly also?: readonly string[];
  /** Answers that cannot be had: id of the probe and what its line has to name. */
  readonly unknown?: Readonly<Record<string, RegExp>>;
  /** Whom to ask about. */
  readonly user?: string;
  /** Milliseconds for each probe; only where time is what the world is about. */
  readonly timeoutMs?: number;
};

const healthy = { verdict: 'PASS', status: 'ok', scope: 'none' } as const;
const broken = { verdict: 'FAIL', status: 'fail' } as const;

/** Every world with authentik in it. */
export const TABLE: readonly Expected[] = [
  { world: 'healthy', ...healthy },
  { world: 'healthy-documented', ...healthy },
  { world: 'authentik-april', ...healthy },
  { world: 'authentik-embedded', ...healthy },
  ...['outpost-shm-full', 'outpost-shm-full-text', 'outpost-shm-full-previous', 'outpost-shm-full-kept'].map(
    (world) => ({
      ...{ world, ...broken, cause: 'authentik.outpost.shm-full', scope: 'shared' as const },
      ...{ cleared: ['edge', 'user', 'database', 'pooler', 'server'], notCleared: 'outpost' },
    }),
  ),
  // The Rust outpost sends everybody to log in: whom it hits only a login can show.
  {
    ...{ world: 'outpost-shm-full-rust', ...broken, cause: 'authentik.outpost.shm-full', scope: 'any' },
    ...{ cleared: ['edge', 'database', 'server'], notCleared: 'outpost' },
  },
  {
    ...{ world: 'outpost-shm-filling', ...broken, cause: 'authentik.outpost.shm-filling', scope: 'any' },
    ...{ cleared: ['edge', 'database', 'server'], notCleared: 'outpost' },
  },
  {
    ...{ world: 'outpost-oom-killed', ...broken, cause: 'authentik.outpost.oom-killed', scope: 'shared' },
    ...{ cleared: ['edge', 'user', 'server'], notCleared: 'outpost' },
  },
  { world: 'outpost-limit-below-shm', verdict: 'WARN', status: 'warn', scope: 'none' },
  {
    ...{ world: 'outpost-selector-flipped', ...broken, cause: 'authentik.outpost.service-selector', scope: 'shared' },
    ...{ cleared: ['edge', 'user', 'server'], notCleared: 'outpost' },
  },
  {
    ...{ world: 'outpost-down', ...broken, cause: 'authentik.outpost.down', scope: 'shared' },
    ...{ cleared: ['edge', 'user', 'server'], notCleared: 'outpost' },
  },
  {
    ...{
      world: 'outpost-sessions-not-shared',
      ...broken,
      cause: 'authentik.outpost.sessions-not-shared',
      scope: 'any',
    },
    ...{ cleared: ['edge', 'database', 'server'], notCleared: 'outpost' },
  },
  {
    ...{
      world: 'outpost-filesystem-fallback',
      ...broken,
      cause: 'authentik.outpost.filesystem-fallback',
      scope: 'any',
    },
    ...{ cleared: ['edge', 'server'], notCleared: 'outpost' },
  },
  {
    ...{ world: 'outpost-public-filling', ...broken, cause: 'authentik.outpost.shm-filling', scope: 'any' },
    ...{ cleared: ['edge', 'server'], notCleared: 'outpost' },
  },
  {
    ...{ world: 'outpost-unknown-host', ...broken, cause: 'authentik.outpost.unknown-host', scope: 'per-host' },
    ...{ cleared: ['edge', 'user', 'server'], notCleared: 'outpost' },
  },
  {
    ...{ world: 'server-unready', ...broken, cause: 'authentik.server.unready', scope: 'shared' },
    ...{ cleared: ['edge', 'database', 'pooler', 'auth-proxy'], notCleared: 'server' },
  },
  {
    ...{ world: 'pgbouncer-down', ...broken, cause: 'authentik.pgbouncer.down', scope: 'shared' },
    ...{ cleared: ['edge', 'database', 'auth-proxy'], notCleared: 'pooler' },
  },
  {
    ...{ world: 'database-connections', ...broken, cause: 'authentik.database.connections', scope: 'shared' },
    ...{ cleared: ['edge', 'auth-proxy'], notCleared: 'database' },
  },
  {
    ...{ world: 'migration-lock', ...broken, cause: 'authentik.database.migration-lock', scope: 'shared' },
    ...{ cleared: ['edge', 'pooler', 'auth-proxy'], notCleared: 'database' },
  },
  {
    ...{ world: 'auth-proxy-down', ...broken, cause: 'authentik.auth-proxy.down', scope: 'shared' },
    ...{ cleared: ['edge', 'user', 'database', 'server'], notCleared: 'auth-proxy' },
  },
  ...['cloudflare-worker', 'tunnel-down'].map((world) => ({
    ...{ world, ...broken, cause: 'edge.cloudflare', scope: 'shared' as const },
    ...{ cleared: ['user', 'database', 'pooler', 'auth-proxy'], notCleared: 'edge' },
  })),
  {
    ...{ world: 'load-balancer-moved', ...broken, cause: 'edge.load-balancer', scope: 'shared' },
    ...{ cleared: ['database', 'pooler', 'server', 'auth-proxy'], notCleared: 'edge' },
  },
  // Straight to Traefik there is no way from here but through the API server, into its pod.
  {
    ...{ world: 'traefik-out-of-reach', ...broken, cause: 'edge.cloudflare', scope: 'shared' },
    ...{ cleared: ['user', 'database', 'pooler', 'auth-proxy'], notCleared: 'edge' },
  },
  { world: 'host-refused', verdict: 'PASS', status: 'ok', scope: 'none' },
  {
    ...{ world: 'visitor-banned', verdict: 'UNKNOWN', status: 'unknown', scope: 'none' },
    unknown: { 'authentik.edge.cloudflare': /refused/, 'authentik.edge.direct': /refused/ },
  },
  { world: 'host-not-gated', verdict: 'WARN', status: 'warn', scope: 'none' },
  {
    ...{ world: 'user-without-group', ...broken, cause: 'authentik.user.not-in-group', scope: 'per-user' },
    ...{ cleared: ['edge', 'database', 'server'], notCleared: 'user', user: 'bob@sandbox.test' },
  },
  {
    ...{ world: 'logs-forbidden', verdict: 'UNKNOWN', status: 'unknown', scope: 'none' },
    unknown: { 'authentik.outpost.logs': /get pods\/log/, 'authentik.server.logs': /get pods\/log/ },
  },
  {
    ...{ world: 'exec-forbidden', verdict: 'UNKNOWN', status: 'unknown', scope: 'none' },
    unknown: { 'authentik.outpost.shm': /create pods\/exec/, 'authentik.database.locks': /create pods\/exec/ },
  },
  {
    ...{ world: 'api-server-slow', verdict: 'UNKNOWN', status: 'unknown', scope: 'none', timeoutMs: 1200 },
    unknown: { 'authentik.cluster.pods': /no answer within/ },
  },
  {
    ...{ world: 'unreachable', verdict: 'UNKNOWN', status: 'unknown', scope: 'none' },
    unknown: { 'authentik.cluster.pods': /lost|refused/ },
  },
  {
    ...{ world: 'login-broken', ...broken, cause: 'authentik.server.unready', scope: 'shared' },
    ...{ cleared: ['edge', 'database', 'pooler', 'auth-proxy'], notCleared: 'server' },
  },
  {
    // What every host shows by the public way is the other fault's scope: a Rust outpost sends everybody to log in.
    ...{ world: 'two-faults', ...broken, cause: 'authentik.outpost.shm-full', scope: 'none' },
    ...{ also: ['edge.cloudflare'], cleared: ['database', 'pooler'], notCleared: 'outpost' },
  },
];
