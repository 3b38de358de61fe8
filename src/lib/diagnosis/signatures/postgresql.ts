import type { Signature } from './signature.ts';

const database = { component: 'postgresql', where: 'any' } as const;
const WHO =
  'psql -c "select usename, state, count(*) from pg_stat_activity group by 1, 2 order by 3 desc", in the primary';

/** PostgreSQL, alone or wrapped by CloudNativePG (its message is in `record.message`). */
export const POSTGRESQL: readonly Signature[] = [
  {
    id: 'PG1',
    ...database,
    pattern: /sorry, too many clients already/i,
    unless: /"exc_value"|server login failed/,
    kind: 'cause',
    cause: 'postgres.connections-exhausted',
    effectOf: ['PG2'],
    meaning: 'PostgreSQL has reached max_connections.',
    next: WHO,
    samples: [
      '2025-07-02 23:09:57.285 GMT [1152835] FATAL:  sorry, too many clients already',
      '{"level":"info","ts":"2023-02-23T19:41:00Z","logger":"postgres","msg":"record","logging_pod":"pg-1","record":{"log_time":"2023-02-23 19:41:00.148 UTC","error_severity":"FATAL","sql_state_code":"53300","message":"sorry, too many clients already"}}',
    ],
    source: 'apache/texera#3525, cloudnative-pg/cloudnative-pg#1566',
  },
  {
    id: 'PG2',
    ...database,
    pattern: /remaining connection slots are reserved/i,
    kind: 'cause',
    cause: 'postgres.connections-exhausted',
    meaning: 'Only connections of superusers are left: max_connections is reached for everyone else.',
    next: WHO,
    samples: [
      '2023-07-11 10:00:00.285 UTC [77] FATAL:  remaining connection slots are reserved for non-replication superuser connections',
    ],
    source: 'nextcloud/all-in-one#2833',
  },
  {
    id: 'PG3',
    ...database,
    pattern: /the database system is (?:not yet accepting|starting up|shutting down|in recovery)/i,
    anchors: ['the database system is '],
    kind: 'effect',
    effectOf: ['PG4', 'PG6', 'PG9', 'CN3'],
    meaning: 'PostgreSQL starts, stops or recovers: ordinary for seconds, on a standby that stays there it is not.',
    next: 'kubectl get clusters.postgresql.cnpg.io -A; the log of that instance',
    samples: ['2025-10-15 10:00:00.285 UTC [77] FATAL:  the database system is not yet accepting connections'],
    source: 'cloudnative-pg/cloudnative-pg#8825',
  },
  {
    id: 'PG4',
    ...database,
    pattern: /could not (?:write|extend|create) .*: No space left on device/i,
    anchors: ['no space left on device'],
    kind: 'cause',
    cause: 'postgres.disk-full',
    meaning: 'The volume of this PostgreSQL instance is full.',
    next: 'df -h in the pod; which of data, WAL or archive grows; a full archive keeps WAL',
    samples: [
      '2024-06-03 10:00:00.285 UTC [1] FATAL:  could not write lock file "postmaster.pid": No space left on device',
    ],
    source: 'CrunchyData/postgres-operator-examples#275',
  },
  {
    id: 'PG5',
    ...database,
    pattern: /relation "authentik_[^"]+" does not exist/i,
    anchors: ['authentik_'],
    kind: 'cause',
    cause: 'authentik.schema-not-migrated',
    meaning: "authentik's tables are not there: migrations have not run, or ran in another database.",
    next: 'kubectl -n authentik logs -l app.kubernetes.io/component=worker: "applying django migrations"',
    samples: [
      '2024-05-27 10:00:00.285 UTC [77] ERROR:  relation "authentik_outposts_dockerserviceconnection" does not exist at character 386',
    ],
    source: 'goauthentik/authentik#9866',
  },
  {
    id: 'PG6',
    ...database,
    pattern: /could not connect to the primary server/i,
    kind: 'cause',
    cause: 'postgres.primary-unreachable',
    meaning: 'This standby cannot reach its primary.',
    next: 'kubectl get clusters.postgresql.cnpg.io -A; the log of the operator',
    samples: [
      '2020-11-17 10:00:00.285 UTC [77] FATAL:  could not connect to the primary server: could not connect to server: Connection refused',
    ],
    source: 'hapostgres/pg_auto_failover#512',
  },
  {
    id: 'PG9',
    ...database,
    pattern: /terminating walreceiver due to timeout/i,
    kind: 'cause',
    cause: 'postgres.primary-unreachable',
    meaning: 'This standby heard nothing from its primary.',
    next: 'kubectl get clusters.postgresql.cnpg.io -A; the log of the operator tells why the primary went',
    samples: [
      '{"level":"info","ts":"2024-11-20T10:00:00Z","logger":"postgres","msg":"record","logging_pod":"pg-2","record":{"log_time":"2024-11-20 10:00:00.148 UTC","error_severity":"FATAL","sql_state_code":"08006","message":"terminating walreceiver due to timeout"}}',
    ],
    source: 'cloudnative-pg/cloudnative-pg#6154',
  },
  {
    id: 'PG7',
    ...database,
    pattern: /you don't own a lock of type ExclusiveLock/i,
    anchors: ['own a lock of type'],
    kind: 'noise',
    meaning: 'authentik 2025.10 on PostgreSQL 18; without consequence.',
    level: 'WARNING',
    samples: ["2025-11-08 10:00:00.285 UTC [77] WARNING:  you don't own a lock of type ExclusiveLock"],
    source: 'goauthentik/authentik#17993',
  },
  {
    id: 'PG8',
    ...database,
    pattern: /incomplete startup packet/i,
    kind: 'noise',
    meaning: 'A check of the TCP port.',
    samples: ['2016-08-12 10:00:00 UTC [unknown]@[unknown] LOG:  incomplete startup packet'],
    source: 'leafo/pgmoon#47',
  },
];
