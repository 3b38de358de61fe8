import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import type { HopFact, LegEvidence } from '../evidence/edge.ts';
import { decode } from '../judge/first-hop.ts';
import { CLOUDFLARE_ID } from './edge-cloudflare.ts';

/** Where the first redirect leads. */
export const edgeLogin: Probe<null> = {
  id: 'authentik.edge.login',
  title: 'login page',
  layer: 'edge',
  dependsOn: [CLOUDFLARE_ID],
  kind: 'passive',
  cost: 'nothing: judges where the first login led',
  question: 'Does the redirect end at a login page?',
  why: 'A 302 of the first hop proves that the outpost answers, and nothing about sessions or the server: the outpost redirects even when it could not save the session. Without credentials the way ends at the login form.',
  byHand: () =>
    'curl -sS -o /dev/null -L --max-redirs 3 -w "%{http_code} %{url_effective}\\n" https://<host>/   # a fresh jar: -c /dev/null',
  healthy: '200, at a page of Authentik below /if/flow/.',
  failures: [
    { code: 'login.server-error', meaning: 'Authentik itself answers 5xx on the way to the login form.' },
    {
      code: 'login.refused',
      meaning: 'Authentik refuses the login’s beginning with 4xx: redirect URIs, a provider without application.',
    },
    {
      code: 'login.loop',
      meaning: 'The redirects come back to where they began: cookie or session not recognised, or redirect URIs.',
    },
  ],

  collect: async () => null,

  judge(_, given): Judgement {
    const followed = given.answer<LegEvidence>(CLOUDFLARE_ID).hosts.find(({ hops }) => hops.length > 0);
    const last = followed?.hops.at(-1);
    if (followed === undefined || last === undefined) {
      const isAnyLogin = given.answer<LegEvidence>(CLOUDFLARE_ID).hosts.some(({ first }) => decode(first) === 'login');
      return {
        verdict: isAnyLogin ? 'UNKNOWN' : 'SKIP',
        reason: isAnyLogin ? 'empty' : 'not-applicable',
        detail: 'no host redirects to a login: nothing to follow',
      };
    }
    return judgeEnd(followed.first, followed.hops, last);
  },
};

function judgeEnd(first: HopFact, hops: readonly HopFact[], last: HopFact): Judgement {
  const where = `${last.host}${last.path}`;
  const { status } = last;
  if (status === undefined)
    return {
      verdict: 'UNKNOWN',
      reason: last.reason ?? 'unreachable',
      detail: `${where}: ${last.message ?? 'no answer'}`,
    };
  if (status >= 500) {
    return {
      verdict: 'FAIL',
      detail: `${where} answers ${status}`,
      observations: [{ code: 'login.server-error', subject: last.host }],
    };
  }
  if (status === 403 || status === 429)
    return { verdict: 'UNKNOWN', reason: 'blocked', detail: `${where} answers ${status} to us` };
  if (status >= 400) {
    return {
      verdict: 'FAIL',
      detail: `${where} answers ${status}`,
      observations: [{ code: 'login.refused', subject: last.host }],
    };
  }
  const begun = [first, ...hops].map(({ host, path }) => `${host}${path}`);
  const target = last.location === undefined ? undefined : `${last.location.host}${last.location.path}`;
  if (status >= 300 && target !== undefined && begun.includes(target)) {
    return {
      verdict: 'FAIL',
      detail: `the redirects go in a circle at ${target}`,
      observations: [{ code: 'login.loop', subject: first.host }],
    };
  }
  const end = status < 300 ? `a page at ${where}` : `further redirects at ${where}`;
  return {
    verdict: 'PASS',
    detail: `${first.host} leads to ${end}; whether a session survives, only a login can show`,
  };
}
