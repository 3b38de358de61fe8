import type { CauseEvidence, Given, Judgement, Observation, Probe } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { some } from '../../words.ts';
import { type Outpost, outpostsOf } from '../evidence/outposts.ts';
import type { SqlAnswer } from '../evidence/psql.ts';
import type { ShmEvidence } from '../evidence/shm.ts';
import { type Backend, backendOf } from '../judge/backend.ts';
import { validityOf } from '../judge/validity.ts';
import { DATABASE_SESSIONS_ID } from './database-sessions.ts';
import { CONFIG_ID, type OutpostConfig } from './outpost-config.ts';
import { LOGS_ID } from './outpost-logs.ts';
import { SHM_ID } from './outpost-shm.ts';
import { PODS_ID } from './pods.ts';
import { VALIDITY_ID, type Validities } from './session-validity.ts';

export const SESSIONS_ID = 'authentik.outpost.sessions';

/** Where sessions are kept, and whether that fits the number of pods. */
export const outpostSessions: Probe<null> = {
  id: SESSIONS_ID,
  title: 'session backend',
  layer: 'outpost',
  dependsOn: [PODS_ID],
  considers: [CONFIG_ID, VALIDITY_ID, LOGS_ID, SHM_ID, DATABASE_SESSIONS_ID],
  kind: 'passive',
  cost: 'nothing: judges what others found',
  question: 'Where does each outpost keep its sessions: in files or in the database?',
  why: 'Files of one pod are not seen by another, die with it, and fill its /dev/shm. An outpost that should use the database and silently writes files brings April back, and no alert tells.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} get pods -l app.kubernetes.io/managed-by=goauthentik.io -o jsonpath='{range .items[*]}{.metadata.name} {.spec.containers[*].env[*].name}{"\\n"}{end}'   # AUTHENTIK_POSTGRESQL__HOST: it can use the database`,
  healthy: 'Every outpost with several pods keeps its sessions in the database; one with a single pod may use files.',
  failures: [
    { code: 'authentik.outpost.filesystem-fallback', meaning: 'The database was meant, files are used.' },
    {
      code: 'authentik.outpost.sessions-not-shared',
      meaning: 'Several pods, each with its own files: a login that begins at one ends at another.',
    },
    { code: 'outpost.sessions-in-files', meaning: 'Sessions are files although the outpost was given the database.' },
    { code: 'outpost.sessions-split', meaning: 'Each pod has sessions that the others do not know.' },
  ],

  collect: async () => null,

  judge(_, given): Judgement {
    const outposts = outpostsOf(given.answer<readonly PodFact[]>(PODS_ID)).filter(({ pods }) => pods.length > 0);
    if (outposts.length === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: 'no outpost has a pod' };
    const signals = {
      config: given.evidence<OutpostConfig>(CONFIG_ID),
      logs: given.evidence<LogEvidence>(LOGS_ID),
      shm: given.evidence<ShmEvidence>(SHM_ID),
      rows: given.evidence<SqlAnswer>(DATABASE_SESSIONS_ID),
      validitySeconds: validity(given),
      at: given.at,
    };
    const seen = outposts.map((outpost) => ({ outpost, backend: backendOf(outpost, signals) }));
    const problems = seen.flatMap(({ outpost, backend }) => problemOf(outpost, backend) ?? []);
    const detail = seen
      .map(({ outpost, backend }) => `${outpost.name}: ${PLACE[backend.used]} (${some(backend.signals, 4)})`)
      .join('; ');
    const data = seen.map(({ outpost, backend }) => ({
      outpost: outpost.name,
      used: backend.used,
      meant: backend.meant,
    }));
    if (problems.length > 0) {
      return {
        verdict: 'FAIL',
        detail: problems.map(({ words }) => words).join('; '),
        observations: problems.map(({ observation }) => observation),
        causes: problems.map(({ cause }) => cause),
        data,
      };
    }
    if (seen.some(({ backend }) => backend.used === 'unknown'))
      return { verdict: 'UNKNOWN', reason: 'too-few-signals', detail, data };
    return { verdict: 'PASS', detail, data };
  },
};

const PLACE = { files: 'files', database: 'the database', unknown: 'not certain' } as const;

function validity(given: Given): number | undefined {
  return validityOf(given.evidence<OutpostConfig>(CONFIG_ID), given.evidence<Validities>(VALIDITY_ID));
}

type Problem = { readonly words: string; readonly observation: Observation; readonly cause: CauseEvidence };

function problemOf({ name, pods }: Outpost, { used, meant, signals }: Backend): Problem | undefined {
  if (used !== 'files') return undefined;
  if (meant === 'database') {
    const words = `${name} should keep sessions in the database and writes files (${some(signals, 4)})`;
    return {
      words,
      observation: { code: 'outpost.sessions-in-files', subject: name },
      cause: { code: 'authentik.outpost.filesystem-fallback', detail: words },
    };
  }
  if (pods.length < 2) return undefined;
  const words = `${name} has ${pods.length} pods, each with session files of its own`;
  return {
    words,
    observation: { code: 'outpost.sessions-split', subject: name },
    cause: { code: 'authentik.outpost.sessions-not-shared', detail: words },
  };
}
