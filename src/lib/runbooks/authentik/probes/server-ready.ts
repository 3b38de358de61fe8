import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { type HopFact, type LegEvidence, READY_PATH } from '../evidence/edge.ts';
import { CLOUDFLARE_ID } from './edge-cloudflare.ts';
import { DIRECT_ID } from './edge-direct.ts';

export const READY_ID = 'authentik.server.ready';

/** Whether the server says that it is ready. */
export const serverReady: Probe<null> = {
  id: READY_ID,
  title: 'server readiness',
  layer: 'server',
  considers: [CLOUDFLARE_ID, DIRECT_ID],
  kind: 'passive',
  cost: 'nothing: judges the last request of each way',
  question: 'Does the server say that it is ready?',
  why: 'It answers 503 when it does not reach its database, and asks nothing of anybody else. 200 clears the server and what stands below it.',
  byHand: (site) =>
    `curl -sS -o /dev/null -w '%{http_code}\\n' ${site.authentik.url.value ?? 'https://<authentik>'}${READY_PATH}`,
  healthy: '200 (204 up to 2024).',
  failures: [
    { code: 'authentik.server.unready', meaning: 'No server is ready: the database is not reachable, or no pod runs.' },
    { code: 'server.ready-503', meaning: 'The server, or Traefik before it, answers 5xx.' },
    { code: 'server.ready-public-only', meaning: 'Only the public way fails.' },
    { code: 'server.ready-direct-only', meaning: 'Only Traefik’s own address fails.' },
  ],

  collect: async () => null,

  judge(_, given): Judgement {
    const legs = [given.evidence<LegEvidence>(DIRECT_ID), given.evidence<LegEvidence>(CLOUDFLARE_ID)];
    const [direct, publicWay] = legs.map((leg) => (leg.state === 'answered' ? leg.value.ready : undefined));
    const host = direct?.host ?? publicWay?.host;
    if (host === undefined) {
      const silent = legs.flatMap((leg) => (leg.state === 'no-answer' ? leg : []));
      const [refused = silent[0]] = silent.filter(({ reason }) => reason !== 'not-selected');
      if (refused !== undefined) {
        const { reason, message } = refused;
        return { verdict: reason === 'not-selected' ? 'SKIP' : 'UNKNOWN', reason, detail: message };
      }
      const detail = 'nothing says which host Authentik has: set authentik.url';
      return { verdict: 'UNKNOWN', reason: 'empty', detail };
    }
    const answers = [direct, publicWay].flatMap((hop) => (hop?.status === undefined ? [] : [hop.status]));
    const words = `${host}: ${statusWords(direct)} direct, ${statusWords(publicWay)} in public`;
    if (answers.length === 0) return { verdict: 'UNKNOWN', reason: publicWay?.reason ?? 'unreachable', detail: words };
    const isFine = (hop: HopFact | undefined): boolean => hop?.status !== undefined && hop.status < 300;
    const isDown = (hop: HopFact | undefined): boolean => hop?.status !== undefined && hop.status >= 500;
    if (isDown(direct) && !isFine(publicWay)) {
      return {
        verdict: 'FAIL',
        detail: words,
        observations: [{ code: 'server.ready-503', subject: host }],
        causes: [{ code: 'authentik.server.unready', detail: words }],
      };
    }
    if ((isFine(direct) || isFine(publicWay)) && answers.every((status) => status < 400))
      return { verdict: 'PASS', detail: words };
    if (isDown(direct))
      return { verdict: 'FAIL', detail: words, observations: [{ code: 'server.ready-direct-only', subject: host }] };
    const code = isFine(direct) ? 'server.ready-public-only' : 'server.ready-503';
    if (isDown(publicWay)) return { verdict: 'FAIL', detail: words, observations: [{ code, subject: host }] };
    const isBlocked = answers.some((status) => status === 403 || status === 429);
    return { verdict: 'UNKNOWN', reason: isBlocked ? 'blocked' : 'malformed', detail: words };
  },
};

function statusWords(hop: HopFact | undefined): string {
  return hop?.status === undefined ? 'no answer' : String(hop.status);
}
