import type { Probe } from '../../../diagnosis/probe.ts';
import type { LogEvidence } from '../../evidence/log-window.ts';
import { mayReadLogs } from '../../evidence/needs.ts';
import { judgeLogs } from '../../judge/judge-logs.ts';
import { failuresOf, type Signs } from '../../judge/signs.ts';
import { readLogs, targetsOf } from '../evidence/read-logs.ts';
import { AUTH_PROXY_SELECTOR } from '../names.ts';
import { AUTH_PROXY_ID, type AuthProxyEvidence } from './auth-proxy-pods.ts';

const SIGNS: Signs = {
  'nginx.auth-upstream-unreachable': {
    observation: 'auth-proxy.outpost-unreachable',
    meaning: 'the auth proxy reaches no outpost',
    verdict: 'WARN',
    atLeast: 3,
  },
  'nginx.auth-unexpected-status': {
    observation: 'auth-proxy.unexpected-status',
    meaning: 'an outpost answers what nginx does not take for an answer',
    verdict: 'WARN',
    atLeast: 3,
  },
};

/** What the auth proxy says about the outposts behind it. */
export const authProxyLogs: Probe<LogEvidence> = {
  id: 'authentik.auth-proxy.logs',
  title: 'auth proxy logs',
  layer: 'auth-proxy',
  dependsOn: [AUTH_PROXY_ID],
  needs: (site) => [mayReadLogs(site.edge.authProxy.namespace.value)],
  kind: 'passive',
  cost: 'a log stream for each pod of the auth proxy, at most 16 MiB each; of a longer one its end too',
  timeoutMs: 20_000,
  question: 'Does the auth proxy reach an outpost?',
  why: 'It hides a dead outpost behind a password prompt. Its error log names the upstream that refused.',
  byHand: (site) =>
    `kubectl -n ${site.edge.authProxy.namespace.value} logs -l ${AUTH_PROXY_SELECTOR} --since=15m --tail=-1 --prefix | grep -E 'connect\\(\\) failed|unexpected status'`,
  healthy: 'None of the known failures.',
  failures: failuresOf(SIGNS),

  async collect(ask) {
    return readLogs(ask, targetsOf(ask.given.answer<AuthProxyEvidence>(AUTH_PROXY_ID).pods), ['auth-proxy']);
  },

  judge: (evidence, given) =>
    given.answer<AuthProxyEvidence>(AUTH_PROXY_ID).pods.length === 0
      ? { verdict: 'SKIP', reason: 'not-applicable', detail: 'there is no auth proxy' }
      : judgeLogs(evidence, { signs: SIGNS, unit: 'auth proxy logs', mustServe: false }, given.at),
};
