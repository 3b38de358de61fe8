import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { mayExec } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { count, sizeWords } from '../../words.ts';
import { outpostsOf, serverPods } from '../evidence/outposts.ts';
import { DF, measureShm, type ShmEvidence } from '../evidence/shm.ts';
import { CRITICAL, HIGH } from '../judge/fill.ts';
import { levelOf } from '../judge/shm-level.ts';
import { PODS_ID } from './pods.ts';

/** The servers' own /dev/shm: their sockets and metrics live there. */
export const serverShm: Probe<ShmEvidence> = {
  id: 'authentik.server.shm',
  title: 'server /dev/shm',
  layer: 'server',
  dependsOn: [PODS_ID],
  needs: (site) => mayExec(site.authentik.namespace.value),
  kind: 'exec',
  cost: 'df and ls once in each server pod',
  timeoutMs: 20_000,
  question: 'How full is /dev/shm of the servers?',
  why: 'The server’s sockets, its pid file and its metrics are there. When it is full the server cannot come back, while its liveness still answers 200.',
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} exec <server pod> -- ${DF.join(' ')}   # each pod`,
  healthy: 'Under 75 % used.',
  failures: [
    { code: 'server.shm-full', meaning: 'More than 90 % used: the server cannot restart its core.' },
    { code: 'server.shm-high', meaning: 'More than 75 % used.' },
  ],

  async collect(ask) {
    const pods = ask.given.answer<readonly PodFact[]>(PODS_ID);
    // Where the outpost is part of the server, the outposts' probe measures these pods already.
    const isOutpost = outpostsOf(pods).some(({ embedded }) => embedded);
    return isOutpost
      ? { measured: [], missed: [] }
      : measureShm(
          ask,
          serverPods(pods).filter(({ phase }) => phase === 'Running'),
        );
  },

  judge({ measured, missed }, given): Judgement {
    const pods = given.answer<readonly PodFact[]>(PODS_ID);
    if (outpostsOf(pods).some(({ embedded }) => embedded))
      return {
        verdict: 'SKIP',
        reason: 'not-applicable',
        detail: 'measured as the outpost’s: it is part of the server',
      };
    const total = measured.length + missed.length;
    if (total === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: 'no server pod runs' };
    const seen = measured.map((fact) => {
      const level = levelOf(
        fact,
        pods.find(({ name }) => name === fact.pod),
      );
      return { fact, share: level.usedBytes / level.capacityBytes };
    });
    const worst = [...seen].sort((a, b) => b.share - a.share)[0];
    const coverage = { measured: measured.length, of: total, unit: 'server pods' };
    if (worst === undefined)
      return { verdict: 'UNKNOWN', reason: 'empty', detail: 'no server pod was measured', coverage };
    const { fact, share } = worst;
    const detail = `${count(measured.length, 'pod')}, at most ${Math.floor(share * 100)} % of ${sizeWords(fact.sizeBytes)} used (${fact.pod})`;
    const high = seen.filter((one) => one.share >= HIGH);
    const code = share >= CRITICAL ? 'server.shm-full' : 'server.shm-high';
    const observations = high.map((one) => ({ code, subject: one.fact.pod }));
    return { verdict: share >= CRITICAL ? 'FAIL' : share >= HIGH ? 'WARN' : 'PASS', detail, observations, coverage };
  },
};
