import type { CauseEvidence, Judgement, Observation, Probe } from '../../../diagnosis/probe.ts';
import { some } from '../../words.ts';
import type { HostFact, LegEvidence } from '../evidence/edge.ts';
import { decode, isBad, MEANS } from '../judge/first-hop.ts';
import { BALANCER_ID, type BalancerEvidence } from './edge-balancer.ts';
import { CLOUDFLARE_ID } from './edge-cloudflare.ts';
import { connectTo, DIRECT_ID } from './edge-direct.ts';

export const COMPARE_ID = 'authentik.edge.compare';

/** One host by both ways. */
type Pair = { readonly host: string; readonly public: HostFact['first']; readonly direct: HostFact['first'] };

/** What the two ways say together. */
export const edgeCompare: Probe<null> = {
  id: COMPARE_ID,
  title: 'both ways compared',
  layer: 'edge',
  dependsOn: [CLOUDFLARE_ID, DIRECT_ID],
  considers: [BALANCER_ID],
  kind: 'passive',
  cost: 'nothing: compares what the two ways answered',
  question: 'Do both ways give the same answer?',
  why: 'One way alone cannot tell the platform from what stands before it. The pair can: same answer, same fault; other answer, the fault is where they differ.',
  byHand: (site) =>
    `curl -sS -o /dev/null -w '%{http_code}\\n' https://<host>/; curl -sSk -o /dev/null -w '%{http_code}\\n' --connect-to "${connectTo(site)}" https://<host>/`,
  healthy: 'The same for every host.',
  failures: [
    {
      code: 'edge.cloudflare',
      meaning: 'Traefik answers as it should, the public way does not: Cloudflare, a Worker or the tunnel.',
    },
    {
      code: 'edge.load-balancer',
      meaning: 'The public way works; at the address where Traefik should be it does not.',
    },
    { code: 'edge.only-public-fails', meaning: 'Only the public way fails.' },
    { code: 'edge.only-direct-fails', meaning: 'Only the direct way fails.' },
  ],

  collect: async () => null,

  judge(_, given): Judgement {
    const direct = given.answer<LegEvidence>(DIRECT_ID);
    const pairs = pairsOf(given.answer<LegEvidence>(CLOUDFLARE_ID), direct);
    if (pairs.length === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: 'no host was asked by both ways' };
    const onlyPublic = pairs.filter((pair) => isBad(decode(pair.public)) && decode(pair.direct) === 'login');
    const onlyDirect = pairs.filter((pair) => isBad(decode(pair.direct)) && decode(pair.public) === 'login');
    const answered = onlyPublic.filter((pair) => decode(pair.public) !== 'unreachable');
    if (answered.length > 0)
      return differs('edge.only-public-fails', 'edge.cloudflare', answered, publicWords(answered));
    // Silence proves nothing about Cloudflare: the name server, or the way out of here, may be what does not answer.
    if (onlyPublic.length > 0) {
      const { reason = 'unreachable' } = onlyPublic[0]?.public ?? {};
      const hosts = some(onlyPublic.map(({ host }) => host));
      return {
        verdict: 'UNKNOWN',
        reason,
        detail: `${hosts}: no answer by the public way; straight to Traefik the login`,
      };
    }
    const balancer = given.evidence<BalancerEvidence>(BALANCER_ID);
    const moved = balancer.state === 'answered' ? movedTo(balancer.value) : undefined;
    const silent = onlyDirect.every((pair) => decode(pair.direct) === 'unreachable');
    if (onlyDirect.length > 0 && silent && moved === undefined) {
      const { reason = 'unreachable' } = onlyDirect[0]?.direct ?? {};
      return {
        verdict: 'UNKNOWN',
        reason,
        detail: 'the public way works; Traefik’s own address does not answer from here',
      };
    }
    if (onlyDirect.length > 0) {
      const where = moved === undefined ? '' : `; the load balancer is at ${moved}`;
      return differs('edge.only-direct-fails', 'edge.load-balancer', onlyDirect, `${directWords(onlyDirect)}${where}`);
    }
    // Inside its pod Traefik answers, at its address it does not, and the Service has another one by now.
    if (direct.silent !== undefined && moved !== undefined && pairs.some((pair) => decode(pair.public) === 'login')) {
      const detail = `${direct.silent.address} does not answer, Traefik’s own pod does; the load balancer is at ${moved}`;
      return differs('edge.only-direct-fails', 'edge.load-balancer', pairs, detail);
    }
    const same = pairs.filter((pair) => decode(pair.public) === decode(pair.direct));
    if (same.length < pairs.length) {
      const other = pairs.filter((pair) => !same.includes(pair)).map(({ host }) => host);
      return {
        verdict: 'PASS',
        detail: `the same for ${same.length} of ${pairs.length} hosts; ${some(other)} fail by both ways, differently`,
      };
    }
    return { verdict: 'PASS', detail: `the same by both ways for ${pairs.length} hosts` };
  },
};

/** Hosts that were asked by both ways. */
export function pairsOf(publicLeg: LegEvidence, direct: LegEvidence): readonly Pair[] {
  return publicLeg.hosts.flatMap(({ first }) => {
    const other = direct.hosts.find((one) => one.first.host === first.host);
    return other === undefined ? [] : [{ host: first.host, public: first, direct: other.first }];
  });
}

function differs(code: string, cause: string, pairs: readonly Pair[], detail: string): Judgement {
  const observations: Observation[] = pairs.map(({ host }) => ({ code, subject: host }));
  const causes: CauseEvidence[] = [{ code: cause, detail }];
  return { verdict: 'FAIL', detail, observations, causes };
}

const publicWords = (pairs: readonly Pair[]): string =>
  pairs
    .map((pair) => `${pair.host} gives ${MEANS[decode(pair.public)]} through Cloudflare, and the login without it`)
    .slice(0, 2)
    .join('; ');

const directWords = (pairs: readonly Pair[]): string =>
  pairs
    .map(
      (pair) =>
        `${pair.host} gives ${MEANS[decode(pair.direct)]} at Traefik’s address, and the login through Cloudflare`,
    )
    .slice(0, 2)
    .join('; ');

/** The address of the load balancer, when it is another one than what was asked. */
function movedTo({ addresses, configured }: BalancerEvidence): string | undefined {
  if (configured === undefined || addresses.length === 0) return undefined;
  const asked = configured.replace(/:[0-9]+$/, '');
  return addresses.includes(asked) ? undefined : addresses.join(', ');
}
