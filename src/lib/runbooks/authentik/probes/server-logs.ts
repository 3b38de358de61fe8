import type { Probe } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import { mayReadLogs } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { judgeLogs } from '../../judge/judge-logs.ts';
import { failuresOf, type Signs } from '../../judge/signs.ts';
import { serverPods, workerPods } from '../evidence/outposts.ts';
import { readLogs, targetsOf } from '../evidence/read-logs.ts';
import { PODS_ID } from './pods.ts';

const SIGNS: Signs = {
  'postgres.connections-exhausted': {
    observation: 'server.database-error',
    cause: 'authentik.database.connections',
    meaning: 'the database has no connection left',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'database.pooler-queue-timeout': {
    observation: 'server.database-error',
    meaning: 'pgbouncer had no connection for the server in time',
    verdict: 'WARN',
    atLeast: 1,
  },
  'authentik.database-unreachable': {
    observation: 'server.database-error',
    meaning: 'the server does not reach its database',
    verdict: 'WARN',
    atLeast: 3,
  },
  'authentik.database-auth-failed': {
    observation: 'server.database-error',
    meaning: 'the database refuses the server’s password',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'authentik.migration-lock-wait': {
    observation: 'server.waits-for-lock',
    meaning: 'the server waits for the migration lock',
    verdict: 'WARN',
    atLeast: 1,
  },
  'authentik.schema-not-migrated': {
    observation: 'server.schema-not-migrated',
    meaning: 'tables of this version do not exist: a migration did not run or not end',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'authentik.shm-full-core': {
    observation: 'server.shm-full',
    meaning: '/dev/shm or the disk of the server is full',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'authentik.core-unreachable': {
    observation: 'server.core-unreachable',
    meaning: 'the front of the server does not reach its core',
    verdict: 'WARN',
    atLeast: 10,
  },
};

/** What server and workers say. */
export const serverLogs: Probe<LogEvidence> = {
  id: 'authentik.server.logs',
  title: 'server and worker logs',
  layer: 'server',
  dependsOn: [PODS_ID],
  needs: (site) => [mayReadLogs(site.authentik.namespace.value)],
  kind: 'passive',
  cost: 'a log stream for each server and worker container, 4 at once, at most 16 MiB each; of a longer one its end too',
  timeoutMs: 20_000,
  question: 'What do the servers and workers say?',
  why: 'Waiting for the migration lock is written at info and not even as JSON; the reason of a crash only in the log of the run before.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} logs -l app.kubernetes.io/name=authentik --since=15m --tail=-1 --prefix | grep -iE 'too many clients|waiting to acquire|SIGBUS|no space left|connection failed'`,
  healthy: 'None of the known failures.',
  failures: failuresOf(SIGNS),

  async collect(ask) {
    const pods = ask.given.answer<readonly PodFact[]>(PODS_ID);
    const writers = ['authentik-server', 'authentik-rust', 'authentik-go', 'postgresql', 'pgbouncer'] as const;
    return readLogs(ask, targetsOf([...serverPods(pods), ...workerPods(pods)]), writers);
  },

  judge: (evidence, { at }) => judgeLogs(evidence, { signs: SIGNS, unit: 'server logs', mustServe: false }, at),
};
