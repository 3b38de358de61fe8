import type { Cause } from '../../../diagnosis/cause.ts';
import { legs, NO_DATABASE, NO_SERVER } from './effects.ts';
import { databaseNamespaceOf, namespaceOf, primaryOf } from './names-in-evidence.ts';
import { inCode, VERIFY } from './verify.ts';

export const SERVER_UNREADY: Cause = {
  code: 'authentik.server.unready',
  layer: 'server',
  title: 'no Authentik server is ready',
  explains: [...NO_SERVER, 'server.database-error', 'server.shm-full', 'server.killed', 'server.waits-for-lock'],
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'wait 80 seconds if it has just started (readiness: 8 × 10 s); look whether the database fails over',
      command: `kubectl -n ${databaseNamespaceOf(judged)} get clusters.postgresql.cnpg.io`,
      risk: 'read',
    },
    {
      phase: 'now',
      text: 'read why: the log of a server, and of the run before',
      command: `kubectl -n ${namespaceOf(judged)} logs deployment/goauthentik-server --tail=200`,
      risk: 'read',
    },
    VERIFY,
  ],
  alerts: [
    {
      alert: 'AuthentikServerUnready',
      expr: 'kube_deployment_status_replicas_available{namespace="authentik",deployment="goauthentik-server"} == 0',
      for: '2m',
      severity: 'critical',
      summary: 'no Authentik server is ready',
    },
  ],
};

export const PGBOUNCER_DOWN: Cause = {
  code: 'authentik.pgbouncer.down',
  layer: 'pooler',
  title: 'no pgbouncer is ready: Authentik has no way to its database',
  explains: [...NO_DATABASE, 'pooler.none-ready', 'pooler.fewer-ready', 'authentik.server.unready'],
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'read why it does not start',
      command: `kubectl -n ${namespaceOf(judged)} describe pods -l app=pgbouncer; kubectl -n ${namespaceOf(judged)} logs -l app=pgbouncer --tail=50 --prefix`,
      risk: 'read',
    },
    {
      phase: 'now',
      text: 'start it anew',
      command: `kubectl -n ${namespaceOf(judged)} rollout restart deployment pgbouncer`,
      risk: 'write',
    },
    VERIFY,
  ],
  alerts: [
    {
      alert: 'AuthentikPgbouncerDown',
      expr: 'kube_deployment_status_replicas_available{namespace="authentik",deployment="pgbouncer"} == 0',
      for: '1m',
      severity: 'critical',
      summary: 'no pgbouncer is ready',
    },
  ],
};

export const DATABASE_CONNECTIONS: Cause = {
  code: 'authentik.database.connections',
  layer: 'database',
  title: 'the database has no connection left',
  explains: [
    ...NO_DATABASE,
    'database.connections-exhausted',
    'database.connections-high',
    'database.no-primary',
    'authentik.server.unready',
  ],
  remedies: (judged) => [
    {
      phase: 'now',
      text: 'see who holds them',
      command: `kubectl -n ${databaseNamespaceOf(judged)} exec ${primaryOf(judged)} -c postgres -- psql -U postgres -c "select datname, usename, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc"`,
      risk: 'read',
    },
    {
      phase: 'now',
      text: 'end idle sessions of the database that holds most of them',
      command: `kubectl -n ${databaseNamespaceOf(judged)} exec ${primaryOf(judged)} -c postgres -- psql -U postgres -c "select pg_terminate_backend(pid) from pg_stat_activity where datname = '<database>' and state = 'idle' and state_change < now() - interval '10 minutes'"`,
      risk: 'destroy',
      destroys: 'those sessions; their transactions have ended already',
    },
    VERIFY,
    inCode(
      'a pool limit for whoever holds them, or a higher max_connections; no CONN_MAX_AGE for Authentik: it pins pool connections',
      'connections',
    ),
  ],
};

export const MIGRATION_LOCK: Cause = {
  code: 'authentik.database.migration-lock',
  layer: 'database',
  title: 'a dead session holds Authentik’s migration lock: nothing of it can start',
  explains: [
    ...NO_DATABASE,
    'database.migration-lock',
    'database.migration-running',
    'server.waits-for-lock',
    'server.schema-not-migrated',
    'authentik.server.unready',
  ],
  remedies: (judged) => {
    const data = judged?.of('authentik.database.locks')?.judgement.data;
    const holders = typeof data === 'object' && data !== null && 'holders' in data ? data.holders : undefined;
    const pid = Array.isArray(holders) && holders.length > 0 ? holders.join(', ') : '<pid>';
    return [
      {
        phase: 'now',
        text: 'end the session that holds it; a migration that works is never one of these',
        command: `kubectl -n ${databaseNamespaceOf(judged)} exec ${primaryOf(judged)} -c postgres -- psql -U postgres -c "select pg_terminate_backend(pid) from pg_stat_activity where pid in (${pid}) and state like 'idle%'"`,
        // It holds nothing but a lock that nobody waits to have released.
        risk: 'write',
        destroys: 'that session’s open transaction',
      },
      {
        phase: 'now',
        text: 'if they storm the lock again: workers to none, one server, then the others',
        command: `kubectl -n ${namespaceOf(judged)} scale deployment goauthentik-worker --replicas=0`,
        risk: 'write',
      },
      VERIFY,
      inCode('pin global.image.tag, set idle_transaction_timeout in pgbouncer, no CONN_MAX_AGE', 'migration-lock'),
    ];
  },
};

export const AUTH_PROXY_DOWN: Cause = {
  code: 'authentik.auth-proxy.down',
  layer: 'auth-proxy',
  title: 'the auth proxy does not run: every protected host fails closed',
  explains: [
    ...legs('http-500', 'http-502', 'http-401', 'fallback'),
    'auth-proxy.none-ready',
    'auth-proxy.fewer-ready',
  ],
  remedies: () => [
    {
      phase: 'now',
      text: 'read why it does not start',
      command: 'kubectl -n traefik describe pods -l app=auth-proxy',
      risk: 'read',
    },
    {
      phase: 'now',
      text: 'start it anew',
      command: 'kubectl -n traefik rollout restart deployment auth-proxy',
      risk: 'write',
    },
    VERIFY,
  ],
  alerts: [
    {
      alert: 'AuthProxyDown',
      expr: 'kube_deployment_status_replicas_available{namespace="traefik",deployment="auth-proxy"} == 0',
      for: '1m',
      severity: 'critical',
      summary: 'the auth proxy does not run: every protected host fails',
    },
  ],
};
