import type { Signature } from './signature.ts';

const shared = { component: 'postgresql', where: 'any' } as const;

/** CloudNativePG: its instance manager and operator, and the phase of a cluster. */
export const CNPG: readonly Signature[] = [
  {
    id: 'CN2',
    ...shared,
    pattern: /Not enough disk space/i,
    kind: 'cause',
    cause: 'postgres.disk-full',
    meaning: 'The operator found too little space in an instance and stopped it.',
    next: 'kubectl get clusters.postgresql.cnpg.io -A; grow the volume of that instance',
    samples: [
      'Status:  Not enough disk space Insufficient disk space detected in one or more pods is preventing PostgreSQL from running.',
    ],
    source: 'cloudnative-pg/cloudnative-pg#7150',
  },
  {
    id: 'CN3',
    ...shared,
    pattern: /Error while checking if there is enough disk space for WALs, skipping/i,
    kind: 'cause',
    cause: 'postgres.instance-data-unreadable',
    meaning: 'The data directory of the instance cannot be read, or was never initialised.',
    next: 'kubectl logs of that instance from its start; restore it from its primary',
    samples: [
      '{"level":"error","ts":"2024-06-14T10:00:00Z","logger":"instance-manager","msg":"Error while checking if there is enough disk space for WALs, skipping","error":"while running pg_controldata on /var/lib/postgresql/data/pgdata: exit status 1"}',
    ],
    source: 'cloudnative-pg/cloudnative-pg#4821',
  },
  {
    id: 'CN4',
    ...shared,
    pattern: /requested starting point \S+ is ahead of the WAL flush position/i,
    anchors: ['is ahead of the wal flush position'],
    kind: 'cause',
    cause: 'postgres.standby-ahead',
    meaning:
      'A standby has more than its primary, after a WAL volume had run full. Growing the volume does not heal it.',
    next: 'build the standby anew from the primary',
    samples: [
      '{"level":"info","ts":"2025-10-10T10:00:00Z","logger":"postgres","msg":"record","logging_pod":"pg-1","record":{"log_time":"2025-10-10 10:00:00.148 UTC","error_severity":"ERROR","message":"requested starting point 47/D6000000 is ahead of the WAL flush position of this server 47/D1007798"}}',
    ],
    source: 'cloudnative-pg/cloudnative-pg#8791',
  },
];
