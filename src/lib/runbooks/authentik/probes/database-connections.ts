import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { mayExec } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { psql, psqlByHand, type SqlAnswer } from '../evidence/psql.ts';
import { PRIMARY_ID } from './database-primary.ts';

const SQL =
  "select count(*) filter (where datname = 'authentik'), count(*) filter (where datname = 'authentik' and state = 'idle in transaction'), count(*) filter (where backend_type = 'client backend'), current_setting('max_connections') from pg_stat_activity";

/** Shares of max_connections at which the platform's alerts warn and page (PGConnectionsHigh, PGConnectionsCritical). */
const HIGH = 0.85;
const CRITICAL = 0.95;

/** Whether the database has connections left. */
export const databaseConnections: Probe<SqlAnswer> = {
  id: 'authentik.database.capacity',
  title: 'database connections',
  layer: 'database',
  dependsOn: [PRIMARY_ID],
  needs: (site) => mayExec(site.authentik.database.namespace.value),
  kind: 'exec',
  cost: '1 psql in the primary',
  timeoutMs: 12_000,
  question: 'How many of the database’s connections are in use, and how many are Authentik’s?',
  why: 'When none is left, the server’s readiness fails, and CloudNativePG may fail over because its own check cannot connect either: the failover is then a consequence.',
  byHand: (site) => `${psqlByHand(site)} -c "select datname, state, count(*) from pg_stat_activity group by 1, 2"`,
  healthy: 'Under 85 % of max_connections; Authentik under 75 (three pgbouncers of 20 + 5).',
  failures: [
    { code: 'authentik.database.connections', meaning: 'No connection is left, or 95 % are in use.' },
    { code: 'database.connections-exhausted', meaning: 'New connections are refused.' },
    { code: 'database.connections-high', meaning: 'More than 85 % of the connections are in use.' },
  ],

  async collect(ask) {
    return psql(ask, ask.given.answer<readonly PodFact[]>(PRIMARY_ID)[0]?.name ?? '', SQL);
  },

  judge(answer, given): Judgement {
    const pod = given.answer<readonly PodFact[]>(PRIMARY_ID)[0]?.name ?? '';
    const refused = (detail: string): Judgement => ({
      verdict: 'FAIL',
      detail,
      observations: [{ code: 'database.connections-exhausted', subject: pod }],
      causes: [{ code: 'authentik.database.connections', detail }],
    });
    if (answer.state === 'exhausted') return refused(`${pod} refuses connections: ${answer.message}`);
    const [own, idle, all, most] = (answer.state === 'rows' ? (answer.rows[0] ?? []) : []).map(Number);
    if (
      own === undefined ||
      all === undefined ||
      most === undefined ||
      ![own, all, most].every(Number.isFinite) ||
      most === 0
    )
      return { verdict: 'UNKNOWN', reason: 'malformed', detail: 'psql printed no figures' };
    const detail = `${all} of ${most} connections in use, ${own} by Authentik`;
    const data = { own, idleInTransaction: idle ?? 0, all, most };
    if (all / most >= CRITICAL) return { ...refused(detail), data };
    if (all / most < HIGH) return { verdict: 'PASS', detail, data };
    return { verdict: 'WARN', detail, data, observations: [{ code: 'database.connections-high', subject: pod }] };
  },
};
