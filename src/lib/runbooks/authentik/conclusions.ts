import type { Exoneration } from '../../diagnosis/cause.ts';
import type { Judgements } from '../../diagnosis/runbook.ts';
import type { PodFact } from '../evidence/pods.ts';
import { count } from '../words.ts';
import type { LegEvidence } from './evidence/edge.ts';
import { outpostsOf } from './evidence/outposts.ts';
import { decode, isBad } from './judge/first-hop.ts';
import { CLOUDFLARE_ID } from './probes/edge-cloudflare.ts';
import { COMPARE_ID, pairsOf } from './probes/edge-compare.ts';
import { DIRECT_ID } from './probes/edge-direct.ts';
import { LOGS_ID } from './probes/outpost-logs.ts';
import { SESSIONS_ID } from './probes/outpost-sessions.ts';
import { PODS_ID } from './probes/pods.ts';
import { READY_ID } from './probes/server-ready.ts';
import { hostsBy } from './scope.ts';

/** What paired questions clear. Nothing is cleared while nothing fails. */
export function exonerate(judged: Judgements): readonly Exoneration[] {
  if (!judged.all.some(({ judgement }) => judgement.verdict === 'FAIL')) return [];
  return [...edge(judged), ...account(judged), ...below(judged)];
}

function edge(judged: Judgements): readonly Exoneration[] {
  const [publicLeg, direct] = [judged.answer<LegEvidence>(CLOUDFLARE_ID), judged.answer<LegEvidence>(DIRECT_ID)];
  if (publicLeg === undefined || direct === undefined) return [];
  const pairs = pairsOf(publicLeg, direct).map((pair) => ({
    public: decode(pair.public),
    direct: decode(pair.direct),
    status: pair.direct.status,
  }));
  const answered = pairs.filter((pair) => pair.direct !== 'unreachable' && pair.public !== 'unreachable');
  const evidence = [CLOUDFLARE_ID, DIRECT_ID, COMPARE_ID];
  const same = answered.filter((pair) => pair.public === pair.direct);
  const failing = same.find((pair) => isBad(pair.public));
  const found: Exoneration[] = [];
  const isMoved = judged.caused('edge.load-balancer').length > 0;
  if (!isMoved && answered.length > 0 && same.length === answered.length) {
    const because =
      failing === undefined
        ? 'the same login with and without them'
        : `the same ${failing.status ?? 'failure'} without them`;
    found.push({ what: 'Cloudflare and Workers', layer: 'edge', because, evidence });
  }
  if (answered.length > 0 && answered.every((pair) => pair.direct === 'login')) {
    found.push({
      what: 'Traefik and auth proxy',
      layer: 'auth-proxy',
      because: 'asked directly, every host goes to the login',
      evidence: [DIRECT_ID],
    });
  }
  return found;
}

function account(judged: Judgements): readonly Exoneration[] {
  const failing = [CLOUDFLARE_ID, DIRECT_ID].filter((id) => hostsBy(judged, id).some(({ kind }) => isBad(kind)));
  if (failing.length === 0 && judged.caused('authentik.outpost.unknown-host').length > 0) {
    const because = 'the outpost refuses the host, whoever asks';
    return [{ what: 'user accounts', layer: 'user', because, evidence: [LOGS_ID] }];
  }
  if (failing.length === 0) return [];
  return [{ what: 'user accounts', layer: 'user', because: 'it fails without any cookie', evidence: failing }];
}

const CLEARED: readonly (readonly [ids: readonly string[], what: string, layer: string, because: string])[] = [
  [
    ['authentik.database.capacity', 'authentik.database.locks'],
    'the database',
    'database',
    'connections left, and nobody holds the migration lock',
  ],
  [['authentik.pooler.pods', 'authentik.pooler.logs'], 'pgbouncer', 'pooler', 'all ready, and no failure in its log'],
  [['authentik.server.pods', READY_ID], 'the Authentik server', 'server', 'all ready, and it says so itself'],
  [
    ['authentik.auth-proxy.pods', 'authentik.auth-proxy.logs'],
    'the auth proxy',
    'auth-proxy',
    'all ready, and it reaches an outpost',
  ],
];

/** Parts about which several questions were asked and all came back well. */
function below(judged: Judgements): readonly Exoneration[] {
  return CLEARED.filter(([ids]) => ids.every((id) => judged.verdict(id) === 'PASS')).map(
    ([evidence, what, layer, because]) => ({ what, layer, because, evidence }),
  );
}

/** What was found to be there: `1 outpost, sessions in files`. */
export function shapeOf(judged: Judgements): string | undefined {
  const pods = judged.answer<readonly PodFact[]>(PODS_ID);
  if (pods === undefined || pods.length === 0) return undefined;
  const outposts = outpostsOf(pods);
  const isEmbedded = outposts.some(({ embedded }) => embedded);
  const data = judged.of(SESSIONS_ID)?.judgement.data;
  const places = Array.isArray(data)
    ? data.flatMap((one) => (typeof one === 'object' && one !== null && 'used' in one ? String(one.used) : []))
    : [];
  const known = [...new Set(places)].filter((place) => place !== 'unknown').sort();
  const where = known.map((place) => (place === 'files' ? '/dev/shm' : 'PostgreSQL')).join(' and ');
  const what = isEmbedded ? 'outpost embedded in the server' : count(outposts.length, 'outpost');
  return where === '' ? what : `${what}, sessions in ${where}`;
}
