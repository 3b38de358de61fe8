import type { Ask, Judgement, Probe } from '../../../diagnosis/probe.ts';
import { isInfraError } from '../../../errors.ts';
import { askOnce, directDial, type HopFact, publicDial } from '../evidence/edge.ts';
import { maybe } from '../evidence/shape.ts';
import { traefikAddress } from '../evidence/traefik.ts';
import { HOSTS_ID, type HostsEvidence } from './edge-hosts.ts';

export const READY_ID = 'authentik.server.ready';
const PATH = '/-/health/ready/';

/** The server's own word, by both ways. */
export type ReadyEvidence = { readonly host?: string; readonly direct?: HopFact; readonly public?: HopFact };

/** Whether the server says that it is ready. */
export const serverReady: Probe<ReadyEvidence> = {
  id: READY_ID,
  title: 'server readiness',
  layer: 'server',
  dependsOn: [HOSTS_ID],
  kind: 'request',
  cost: '1 GET by each way',
  timeoutMs: 15_000,
  question: 'Does the server say that it is ready?',
  why: 'It answers 503 when it does not reach its database, and asks nothing of anybody else. 200 clears the server and what stands below it.',
  byHand: (site) =>
    `curl -sS -o /dev/null -w '%{http_code}\\n' ${site.authentik.url.value ?? 'https://<authentik>'}${PATH}`,
  healthy: '200 (204 up to 2024).',
  failures: [
    { code: 'authentik.server.unready', meaning: 'No server is ready: the database is not reachable, or no pod runs.' },
    { code: 'server.ready-503', meaning: 'The server, or Traefik before it, answers 5xx.' },
    { code: 'server.ready-public-only', meaning: 'Only the public way fails.' },
    { code: 'server.ready-direct-only', meaning: 'Only Traefik’s own address fails.' },
  ],

  async collect(ask) {
    const { authentik: host } = ask.given.answer<HostsEvidence>(HOSTS_ID);
    if (host === undefined) return {};
    const [direct, publicWay] = await Promise.all([
      direct_(ask, host),
      askOnce(ask, `https://${host}${PATH}`, publicDial(ask)),
    ]);
    return { host, ...maybe('direct', direct), public: publicWay.fact };
  },

  judge({ host, direct, public: publicWay }): Judgement {
    if (host === undefined)
      return {
        verdict: 'UNKNOWN',
        reason: 'empty',
        detail: 'nothing says which host Authentik has: set authentik.url',
      };
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

/** Straight from Traefik; undefined where its address is not known, because the public way is asked anyway. */
async function direct_(ask: Ask, host: string): Promise<HopFact | undefined> {
  try {
    const address = await traefikAddress(ask);
    return (await askOnce(ask, `https://${host}${PATH}`, directDial(address, ask.site.edge.port.value))).fact;
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { host, path: PATH, reason: 'unknown-address', message: error.message };
  }
}

function statusWords(hop: HopFact | undefined): string {
  return hop?.status === undefined ? 'no answer' : String(hop.status);
}
