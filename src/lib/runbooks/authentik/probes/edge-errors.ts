import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { query } from '../evidence/prometheus.ts';

/** Answers of the last five minutes that are no good ones. */
export type ErrorsEvidence = { readonly byCode: Readonly<Record<string, number>>; readonly routersWith400: number };

const BY_CODE =
  'sum by (code) (increase(traefik_entrypoint_requests_total{entrypoint="websecure",code=~"400|401|5.."}[5m]))';
const ROUTERS = 'count(sum by (router) (increase(traefik_router_requests_total{code="400"}[5m])) > 0)';

/** The emergency prompt answers 401; a few a minute are scanners (the platform's alert begins at five a second). */
const MANY_401 = 300;
/** This many hosts answering 400 at once have something in common. */
const MANY_ROUTERS = 5;
const MANY_400 = 20;

/** Whether many hosts fail at once. */
export const edgeErrors: Probe<ErrorsEvidence> = {
  id: 'authentik.edge.errors',
  title: 'errors at Traefik',
  // Its five minutes outlast a repair: it is not part of --only edge, which proves one.
  layer: 'context',
  kind: 'passive',
  cost: '2 queries to Prometheus',
  question: 'How many requests fail at Traefik, and on how many hosts?',
  why: 'The same status on many routers at once is a shared layer, never a user. In April thousands of 400s over 40 hours woke nobody.',
  byHand: (site) =>
    `curl -sS --get ${site.prometheus.url.value ?? 'http://<prometheus>'}/api/v1/query --data-urlencode '${`query=${BY_CODE}`}'`,
  healthy: 'Few 400s on few routers, 401s below five a second.',
  failures: [
    { code: 'edge.many-400', meaning: 'Many hosts answer 400 at the same time.' },
    { code: 'edge.many-401', meaning: 'The emergency prompt is shown again and again.' },
  ],

  async collect(ask) {
    const [codes, routers] = await Promise.all([query(ask, BY_CODE), query(ask, ROUTERS)]);
    const pairs = codes.flatMap(({ labels: { code }, value }) =>
      code === undefined ? [] : [[code, Math.round(value)] as const],
    );
    return { byCode: Object.fromEntries(pairs), routersWith400: Math.round(routers[0]?.value ?? 0) };
  },

  judge({ byCode, routersWith400 }): Judgement {
    const { 400: bad = 0, 401: refused = 0 } = byCode;
    const server = Object.entries(byCode).reduce((sum, [code, value]) => sum + (code.startsWith('5') ? value : 0), 0);
    const detail = `in 5 min: ${bad} × 400 on ${routersWith400} routers, ${refused} × 401, ${server} × 5xx`;
    const observations = [
      ...(bad >= MANY_400 && routersWith400 >= MANY_ROUTERS ? [{ code: 'edge.many-400' }] : []),
      ...(refused >= MANY_401 ? [{ code: 'edge.many-401' }] : []),
    ];
    return {
      verdict: observations.length > 0 ? 'WARN' : 'PASS',
      detail,
      observations,
      data: { byCode, routersWith400 },
    };
  },
};
