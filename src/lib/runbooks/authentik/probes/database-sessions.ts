import type { Probe } from '../../../diagnosis/probe.ts';
import { mayExec } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { count, timeWords } from '../../words.ts';
import { psql, psqlByHand, type SqlAnswer } from '../evidence/psql.ts';
import { PRIMARY_ID } from './database-primary.ts';

export const DATABASE_SESSIONS_ID = 'authentik.database.sessions';

const SQL =
  'select count(*), coalesce(extract(epoch from max(expires))::bigint, 0) from authentik_providers_proxy_proxysession';

/** Sessions that outposts keep in the database. */
export const databaseSessions: Probe<SqlAnswer> = {
  id: DATABASE_SESSIONS_ID,
  title: 'sessions in the database',
  layer: 'outpost',
  dependsOn: [PRIMARY_ID],
  needs: (site) => mayExec(site.authentik.database.namespace.value),
  kind: 'exec',
  cost: '1 psql in the primary',
  timeoutMs: 12_000,
  question: 'How many proxy sessions are in the database, and how fresh is the newest?',
  why: 'An outpost that keeps sessions in PostgreSQL adds rows here. Rows that grow old while files appear in /dev/shm are the sign of a silent fallback.',
  byHand: (site) => `${psqlByHand(site)} -d authentik -c "${SQL}"`,
  healthy: 'Rows whose latest expiry is about one validity from now; no such table where sessions are files by design.',
  failures: [],

  async collect(ask) {
    return psql(ask, ask.given.answer<readonly PodFact[]>(PRIMARY_ID)[0]?.name ?? '', SQL);
  },

  judge(answer, { at }) {
    if (answer.state === 'exhausted')
      return { verdict: 'UNKNOWN', reason: 'unreachable', detail: `no connection left: ${answer.message}` };
    if (answer.state === 'no-table')
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'this version of Authentik keeps no sessions there' };
    const [rows, expires] = (answer.rows[0] ?? []).map(Number);
    if (rows === undefined || expires === undefined || !Number.isFinite(rows) || !Number.isFinite(expires))
      return { verdict: 'UNKNOWN', reason: 'malformed', detail: 'psql printed no figures' };
    const left = expires - at.getTime() / 1000;
    const newest = rows === 0 ? '' : left > 0 ? `, the newest ends in ${timeWords(left)}` : ', all of them over';
    return { verdict: 'PASS', detail: `${count(rows, 'session')}${newest}`, data: { rows, expires } };
  },
};
