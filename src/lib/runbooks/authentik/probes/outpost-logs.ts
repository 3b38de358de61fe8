import type { Probe } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import { mayReadLogs } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { judgeLogs } from '../../judge/judge-logs.ts';
import { failuresOf, type Signs } from '../../judge/signs.ts';
import { outpostsOf } from '../evidence/outposts.ts';
import { readLogs, targetsOf } from '../evidence/read-logs.ts';
import { STORE_FULL } from '../judge/failed-writes.ts';
import { OUTPOST_LABEL } from '../names.ts';
import { PODS_ID } from './pods.ts';

export const LOGS_ID = 'authentik.outpost.logs';

/** Who may write into the log of an outpost; the server's container holds all of them. */
const WRITERS = ['authentik-go', 'authentik-rust', 'authentik-server', 'postgresql', 'pgbouncer'] as const;

const SIGNS: Signs = {
  [STORE_FULL]: {
    observation: 'outpost.session-not-saved',
    cause: 'authentik.outpost.shm-full',
    meaning: 'the outpost cannot save sessions: no space left on device',
    short: 'no space left on device',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'authentik.outpost-token-invalid': {
    observation: 'outpost.token-invalid',
    cause: 'authentik.outpost.down',
    meaning: 'the outpost’s token belongs to no outpost, so it ends itself',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'authentik.outpost-no-app': {
    observation: 'outpost.no-app',
    cause: 'authentik.outpost.unknown-host',
    meaning: 'a host belongs to no application of the outpost',
    about: /\bhost"?\s*[:=]\s*\\?"?([\w.-]+\.[\w.-]+)/i,
    verdict: 'FAIL',
    atLeast: 3,
  },
  'authentik.session-mismatch': {
    observation: 'outpost.session-mismatch',
    meaning: 'logins come back to a process that does not have their session',
    verdict: 'WARN',
    atLeast: 3,
  },
  'authentik.token-redeem-failed': {
    observation: 'outpost.redeem-failed',
    meaning: 'codes of logins cannot be redeemed',
    verdict: 'WARN',
    atLeast: 5,
  },
  'authentik.token-issuer-mismatch': {
    observation: 'outpost.issuer-mismatch',
    meaning: 'the issuer of tokens is not the one that the outpost expects',
    verdict: 'WARN',
    atLeast: 3,
  },
  'authentik.jwks-unreachable': {
    observation: 'outpost.core-unreachable',
    meaning: 'the outpost cannot fetch the keys of tokens',
    verdict: 'WARN',
    atLeast: 3,
  },
  'authentik.outpost-config-unfetchable': {
    observation: 'outpost.core-unreachable',
    meaning: 'the outpost cannot fetch its configuration from the server',
    verdict: 'WARN',
    atLeast: 3,
  },
  'authentik.core-unreachable': {
    observation: 'outpost.core-unreachable',
    meaning: 'the outpost does not reach the server',
    verdict: 'WARN',
    atLeast: 5,
  },
  'authentik.outpost-websocket-lost': {
    observation: 'outpost.core-unreachable',
    meaning: 'the outpost’s connection to the server breaks again and again',
    verdict: 'WARN',
    atLeast: 10,
  },
  'authentik.database-unreachable': {
    observation: 'outpost.database-error',
    meaning: 'the outpost does not reach the database that keeps its sessions',
    verdict: 'WARN',
    atLeast: 5,
  },
  'authentik.database-auth-failed': {
    observation: 'outpost.database-error',
    meaning: 'the database refuses the outpost’s password',
    verdict: 'FAIL',
    atLeast: 1,
  },
  'postgres.connections-exhausted': {
    observation: 'outpost.database-error',
    meaning: 'the database has no connection left for the outpost',
    verdict: 'WARN',
    atLeast: 1,
  },
};

/** The first question of every incident. */
export const outpostLogs: Probe<LogEvidence> = {
  id: LOGS_ID,
  title: 'outpost logs',
  layer: 'outpost',
  dependsOn: [PODS_ID],
  needs: (site) => [mayReadLogs(site.authentik.namespace.value)],
  kind: 'passive',
  cost: 'a log stream for each outpost container, 4 at once, at most 16 MiB each; of a longer one its end too',
  timeoutMs: 20_000,
  question: 'What do the outposts say?',
  why: 'The outpost decides between a login and an error, and it writes why. In April 2026 the cause stood here for 44 hours while four other theories were tested. Levels mislead: the line that matters is a warning.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} logs -l ${OUTPOST_LABEL} --since=15m --tail=-1 --prefix | grep -iE 'no space left|os error 28|mismatched session|no app for hostname|too many clients'   # without --tail=-1 kubectl shows ten lines; again with --previous`,
  healthy: 'Requests are logged, and none of the known failures among them. An empty log proves nothing.',
  failures: failuresOf(SIGNS),

  async collect(ask) {
    const outposts = outpostsOf(ask.given.answer<readonly PodFact[]>(PODS_ID));
    return readLogs(ask, targetsOf(outposts.flatMap(({ pods }) => pods)), WRITERS);
  },

  judge: (evidence, { at }) => judgeLogs(evidence, { signs: SIGNS, unit: 'outpost logs', mustServe: true }, at),
};
