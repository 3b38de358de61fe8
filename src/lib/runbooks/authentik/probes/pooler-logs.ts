import type { Probe } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import { mayReadLogs } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { judgeLogs } from '../../judge/judge-logs.ts';
import { failuresOf, type Signs } from '../../judge/signs.ts';
import { poolerPods } from '../evidence/outposts.ts';
import { readLogs, targetsOf } from '../evidence/read-logs.ts';
import { PODS_ID } from './pods.ts';

const SIGNS: Signs = {
  'pgbouncer.backend-dns-failed': {
    observation: 'pooler.backend-unreachable',
    meaning: 'pgbouncer cannot resolve the database’s name',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'pgbouncer.backend-login-failing': {
    observation: 'pooler.backend-unreachable',
    meaning: 'pgbouncer cannot log in at the database',
    verdict: 'FAIL',
    atLeast: 3,
  },
  'pgbouncer.backend-database-missing': {
    observation: 'pooler.backend-unreachable',
    meaning: 'the database that pgbouncer is told does not exist',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'pgbouncer.max-client-conn': {
    observation: 'pooler.full',
    meaning: 'pgbouncer takes no more clients',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'postgres.connections-exhausted': {
    observation: 'pooler.backend-unreachable',
    cause: 'authentik.database.connections',
    meaning: 'the database refuses pgbouncer: no connection left',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'database.pooler-queue-timeout': {
    observation: 'pooler.full',
    meaning: 'clients waited too long for a connection',
    verdict: 'WARN',
    atLeast: 1,
  },
};

/** What the pooler says about the database behind it. */
export const poolerLogs: Probe<LogEvidence> = {
  id: 'authentik.pooler.logs',
  title: 'pgbouncer logs',
  layer: 'pooler',
  dependsOn: [PODS_ID],
  needs: (site) => [mayReadLogs(site.authentik.namespace.value)],
  kind: 'passive',
  cost: 'a log stream for each pgbouncer, at most 16 MiB each; of a longer one its end too',
  timeoutMs: 20_000,
  question: 'Does pgbouncer reach the database?',
  why: 'Its port is open whether or not it has a database: a TCP check proves nothing. Its own console is closed, so its log is what there is.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} logs -l app=pgbouncer --since=15m --tail=-1 --prefix | grep -iE 'lookup failed|login failed|login has been failing|no more connections|query_wait_timeout'`,
  healthy: 'None of the known failures. Lines of clients that close are everyday life.',
  failures: failuresOf(SIGNS),

  async collect(ask) {
    return readLogs(ask, targetsOf(poolerPods(ask.given.answer<readonly PodFact[]>(PODS_ID))), [
      'pgbouncer',
      'postgresql',
    ]);
  },

  judge: (evidence, given) =>
    poolerPods(given.answer<readonly PodFact[]>(PODS_ID)).length === 0
      ? { verdict: 'SKIP', reason: 'not-applicable', detail: 'there is no pgbouncer' }
      : judgeLogs(evidence, { signs: SIGNS, unit: 'pgbouncer logs', mustServe: false }, given.at),
};
