import type { Runbook } from '../../diagnosis/runbook.ts';
import { CAUSES } from './causes/causes.ts';
import { exonerate, shapeOf } from './conclusions.ts';
import { rememberHosts } from './evidence/remembered-hosts.ts';
import { LAYERS } from './names.ts';
import { access } from './probes/access.ts';
import { alerts } from './probes/alerts.ts';
import { authProxyLogs } from './probes/auth-proxy-logs.ts';
import { authProxyPods } from './probes/auth-proxy-pods.ts';
import { ban } from './probes/ban.ts';
import { commits } from './probes/commits.ts';
import { databaseConnections } from './probes/database-connections.ts';
import { databaseLocks } from './probes/database-locks.ts';
import { databaseLogs } from './probes/database-logs.ts';
import { databasePrimary } from './probes/database-primary.ts';
import { databaseSessions } from './probes/database-sessions.ts';
import { deployments } from './probes/deployments.ts';
import { drift } from './probes/drift.ts';
import { edgeBalancer } from './probes/edge-balancer.ts';
import { edgeCloudflare } from './probes/edge-cloudflare.ts';
import { edgeCompare } from './probes/edge-compare.ts';
import { edgeDirect } from './probes/edge-direct.ts';
import { edgeErrors } from './probes/edge-errors.ts';
import { edgeHosts, HOSTS_ID, type HostsEvidence } from './probes/edge-hosts.ts';
import { edgeLogin } from './probes/edge-login.ts';
import { outpostConfig } from './probes/outpost-config.ts';
import { outpostHistory } from './probes/outpost-history.ts';
import { outpostLimits } from './probes/outpost-limits.ts';
import { outpostLogs } from './probes/outpost-logs.ts';
import { outpostPods } from './probes/outpost-pods.ts';
import { outpostService } from './probes/outpost-service.ts';
import { outpostSessions } from './probes/outpost-sessions.ts';
import { outpostShm } from './probes/outpost-shm.ts';
import { pods } from './probes/pods.ts';
import { poolerLogs } from './probes/pooler-logs.ts';
import { poolerReplicas } from './probes/pooler-pods.ts';
import { rollouts } from './probes/rollouts.ts';
import { serverBudgets } from './probes/server-budgets.ts';
import { serverImages } from './probes/server-images.ts';
import { serverLogs } from './probes/server-logs.ts';
import { serverReplicas } from './probes/server-pods.ts';
import { serverReady } from './probes/server-ready.ts';
import { serverRestarts } from './probes/server-restarts.ts';
import { serverShm } from './probes/server-shm.ts';
import { serverSpread } from './probes/server-spread.ts';
import { sessionValidity } from './probes/session-validity.ts';
import { userAccount } from './probes/user-account.ts';
import { userEntry } from './probes/user-entry.ts';
import { userLogins } from './probes/user-logins.ts';
import { workerReplicas } from './probes/worker-pods.ts';
import { scopeOf } from './scope.ts';
import { vantageOf } from './vantage.ts';

/** Forward authentication by Authentik: nobody, or somebody, cannot log in to a protected host. */
export const authentik: Runbook = {
  subject: 'authentik',
  title: 'Authentik: logging in',
  introduction:
    'Every request for a protected host passes Traefik, the auth proxy and an outpost of Authentik before it reaches its application. The outpost decides, so its logs come first; then requests without any cookie, by two ways and to several hosts, tell whom it hits and where it breaks; then the server, pgbouncer and the database below. What one user has or lacks comes last. The runbook works for an outpost of its own, for several, and for one embedded in the server, with sessions in files or in PostgreSQL: it looks which of them is there.',
  layers: LAYERS,
  probes: [
    outpostLogs,
    outpostShm,
    edgeCloudflare,
    edgeDirect,
    edgeCompare,
    edgeLogin,
    outpostPods,
    outpostService,
    outpostHistory,
    outpostLimits,
    outpostSessions,
    outpostConfig,
    authProxyPods,
    authProxyLogs,
    serverReady,
    serverReplicas,
    workerReplicas,
    serverLogs,
    serverShm,
    serverRestarts,
    serverBudgets,
    serverSpread,
    serverImages,
    poolerReplicas,
    poolerLogs,
    databasePrimary,
    databaseConnections,
    databaseLocks,
    databaseLogs,
    databaseSessions,
    edgeBalancer,
    edgeHosts,
    edgeErrors,
    userEntry,
    userAccount,
    userLogins,
    alerts,
    rollouts,
    commits,
    pods,
    deployments,
    sessionValidity,
    access,
    ban,
    drift,
  ],
  causes: CAUSES,
  exonerate,
  scopeOf,
  remember: (judged) => rememberHosts(judged.answer<HostsEvidence>(HOSTS_ID), judged.at),
  shapeOf,
  vantageOf,
};
