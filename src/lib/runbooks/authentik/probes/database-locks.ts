import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { mayExec } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { count, timeWords } from '../../words.ts';
import { psql, psqlByHand, type SqlAnswer } from '../evidence/psql.ts';
import { PRIMARY_ID } from './database-primary.ts';

const SQL =
  "select a.pid, coalesce(a.state, ''), coalesce(extract(epoch from now() - a.xact_start)::bigint, 0), l.granted from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and a.datname = 'authentik' order by 1";

/** A migration holds the lock for seconds; who holds it idle for this long is a ghost. */
const GHOST_SECONDS = 60;

/** Whether a dead starter still holds the lock that every new server waits for. */
export const databaseLocks: Probe<SqlAnswer> = {
  id: 'authentik.database.locks',
  title: 'migration lock',
  layer: 'database',
  dependsOn: [PRIMARY_ID],
  needs: (site) => mayExec(site.authentik.database.namespace.value),
  kind: 'exec',
  cost: '1 psql in the primary',
  timeoutMs: 12_000,
  question: 'Does a session that does nothing hold Authentik’s migration lock?',
  why: 'Every server and worker takes an advisory lock at its start. Behind pgbouncer the lock of a starter that died can live on with its connection: then nobody starts, and nothing is logged above info.',
  byHand: (site) => `${psqlByHand(site)} -d authentik -c "${SQL}"`,
  healthy: 'No row; during a start one row for seconds.',
  failures: [
    { code: 'authentik.database.migration-lock', meaning: 'A session idle in its transaction holds the lock.' },
    { code: 'database.migration-lock', meaning: 'Starters wait for a lock that nobody will release.' },
    { code: 'database.migration-running', meaning: 'A migration holds the lock and works: wait.' },
  ],

  async collect(ask) {
    return psql(ask, ask.given.answer<readonly PodFact[]>(PRIMARY_ID)[0]?.name ?? '', SQL);
  },

  judge(answer): Judgement {
    if (answer.state === 'exhausted')
      return { verdict: 'UNKNOWN', reason: 'unreachable', detail: `no connection left: ${answer.message}` };
    if (answer.state === 'no-table')
      return { verdict: 'UNKNOWN', reason: 'malformed', detail: 'psql does not know its own tables' };
    const locks = answer.rows.map(([pid = '', state = '', seconds = '', granted = '']) => ({
      pid,
      state,
      seconds: Number(seconds),
      isHeld: granted === 't',
    }));
    const waiting = locks.filter(({ isHeld }) => !isHeld).length;
    const ghosts = locks.filter(
      (lock) => lock.isHeld && lock.state.startsWith('idle') && lock.seconds >= GHOST_SECONDS,
    );
    if (ghosts.length > 0) {
      const words = ghosts.map(({ pid, state, seconds }) => `session ${pid} is ${state} for ${timeWords(seconds)}`);
      const detail = `${words.join(', ')} and holds the lock; ${count(waiting, 'session')} wait`;
      return {
        verdict: 'FAIL',
        detail,
        observations: [{ code: 'database.migration-lock' }],
        causes: [{ code: 'authentik.database.migration-lock', detail }],
        data: { holders: ghosts.map(({ pid }) => pid), waiting },
      };
    }
    if (waiting > 0) {
      const detail = `a migration runs, ${count(waiting, 'session')} wait for it`;
      return { verdict: 'WARN', detail, observations: [{ code: 'database.migration-running' }] };
    }
    return { verdict: 'PASS', detail: locks.length === 0 ? 'nobody holds it' : 'held by a session that works' };
  },
};
