import type { Probe } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import { mayReadLogs } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { judgeLogs } from '../../judge/judge-logs.ts';
import { failuresOf, type Signs } from '../../judge/signs.ts';
import { readLogs, targetsOf } from '../evidence/read-logs.ts';
import { DATABASE_CONTAINER, PRIMARY_SELECTOR } from '../names.ts';
import { PRIMARY_ID } from './database-primary.ts';

const SIGNS: Signs = {
  'postgres.connections-exhausted': {
    observation: 'database.connections-exhausted',
    cause: 'authentik.database.connections',
    meaning: 'the database refuses connections: none is left',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'postgres.disk-full': {
    observation: 'database.disk-full',
    meaning: 'the database’s disk is full',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'postgres.instance-data-unreadable': {
    observation: 'database.unreadable',
    meaning: 'the instance cannot read its data',
    verdict: 'FAIL',
    atLeast: 1,
  },
};

/** What the primary says. */
export const databaseLogs: Probe<LogEvidence> = {
  id: 'authentik.database.logs',
  title: 'database logs',
  layer: 'database',
  dependsOn: [PRIMARY_ID],
  needs: (site) => [mayReadLogs(site.authentik.database.namespace.value)],
  kind: 'passive',
  cost: '1 log stream, at most 16 MiB; of a longer one its end too',
  timeoutMs: 20_000,
  question: 'What does the primary say?',
  why: 'CloudNativePG wraps every line of PostgreSQL and marks it info, FATAL too: filters by level see nothing.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.database.namespace.value} logs -l ${PRIMARY_SELECTOR} -c ${DATABASE_CONTAINER} --since=15m --tail=-1 | grep -E '"(FATAL|PANIC)"'`,
  healthy: 'None of the known failures.',
  failures: failuresOf(SIGNS),

  async collect(ask) {
    const pods = ask.given.answer<readonly PodFact[]>(PRIMARY_ID);
    return readLogs(ask, targetsOf(pods, DATABASE_CONTAINER), ['postgresql']);
  },

  judge: (evidence, { at }) => judgeLogs(evidence, { signs: SIGNS, unit: 'database logs', mustServe: false }, at),
};
