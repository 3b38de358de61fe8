import type { Forecast } from '../../../diagnosis/forecast.ts';
import type { CauseEvidence, Given, Judgement, Observation, Probe } from '../../../diagnosis/probe.ts';
import { mayExec } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { count, sizeWords, thousands, timeWords } from '../../words.ts';
import { outpostContainer, outpostsOf } from '../evidence/outposts.ts';
import { DF, measureShm, type ShmEvidence, type ShmFact } from '../evidence/shm.ts';
import { firstFailedWrite } from '../judge/failed-writes.ts';
import { bytesPerSession, CRITICAL, HIGH, isFull, type Level, outlook } from '../judge/fill.ts';
import { type Background, forecastOf, rateOf } from '../judge/shm-forecast.ts';
import { levelOf } from '../judge/shm-level.ts';
import { validityOf } from '../judge/validity.ts';
import { PROXY_CONTAINER } from '../names.ts';
import { CONFIG_ID, type OutpostConfig } from './outpost-config.ts';
import { LOGS_ID } from './outpost-logs.ts';
import { PODS_ID } from './pods.ts';
import { VALIDITY_ID, type Validities } from './session-validity.ts';

const SOON_SECONDS = 86_400;

export const SHM_ID = 'authentik.outpost.shm';

/** How full the outposts' session folders are, and when they will be. */
export const outpostShm: Probe<ShmEvidence> = {
  id: SHM_ID,
  title: 'outpost /dev/shm',
  layer: 'outpost',
  dependsOn: [PODS_ID],
  considers: [LOGS_ID, CONFIG_ID, VALIDITY_ID],
  needs: (site) => mayExec(site.authentik.namespace.value),
  kind: 'exec',
  cost: 'df and ls once in each outpost pod',
  timeoutMs: 80_000,
  question: 'How full is /dev/shm in every outpost pod, and when will it be full?',
  why: 'An outpost with sessions in files writes one for every visitor without a cookie and removes it only when it has expired. When the folder is full, nobody can log in anywhere.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} exec <pod> -c ${PROXY_CONTAINER} -- ${DF.join(' ')}   # each pod; deploy/… would reach only one`,
  healthy: 'Under 75 % used, and what it will hold in the end fits.',
  failures: [
    { code: 'authentik.outpost.shm-full', meaning: 'Not one more page fits: no session can be saved.' },
    {
      code: 'authentik.outpost.shm-filling',
      meaning: 'It will be full before the first session is swept, or is 90 % full already.',
    },
    { code: 'outpost.shm-full', meaning: '100 % of /dev/shm is used.' },
    { code: 'outpost.shm-filling', meaning: 'More than three quarters are used, or sweeping will come too late.' },
  ],

  async collect(ask) {
    const outposts = outpostsOf(ask.given.answer<readonly PodFact[]>(PODS_ID));
    return measureShm(
      ask,
      outposts.flatMap(({ pods }) => pods.filter((pod) => outpostContainer(pod)?.runningSince !== undefined)),
    );
  },

  judge({ measured, missed }, given): Judgement {
    const pods = given.answer<readonly PodFact[]>(PODS_ID);
    const total = measured.length + missed.length;
    if (total === 0)
      return {
        verdict: 'UNKNOWN',
        reason: 'empty',
        detail: 'no container of an outpost runs: there is nothing to measure',
      };
    const seen = measured.map((fact) =>
      judgeOne(
        fact,
        pods.find(({ name }) => name === fact.pod),
        given,
      ),
    );
    const worst = [...seen].sort((a, b) => b.rank - a.rank)[0];
    if (worst === undefined)
      return { verdict: 'UNKNOWN', reason: missed[0]?.reason ?? 'empty', detail: missed[0]?.message ?? 'not measured' };
    return {
      verdict: worst.rank >= 2 ? 'FAIL' : worst.rank === 1 ? 'WARN' : 'PASS',
      detail: worst.detail,
      observations: seen.flatMap((one) => one.observations),
      causes: seen.flatMap((one) => one.causes),
      coverage: { measured: measured.length, of: total, unit: 'outpost pods' },
      data: measured.map(({ pod, sizeBytes, usedBytes, files = null }) => ({ pod, sizeBytes, usedBytes, files })),
      ...(worst.forecast === undefined ? {} : { forecast: worst.forecast }),
      timeline:
        worst.rank === 0 || worst.startedAt === undefined
          ? []
          : [{ at: worst.startedAt, what: `${worst.pod} started, its /dev/shm empty` }],
    };
  },
};

type Seen = {
  readonly pod: string;
  readonly startedAt: string | undefined;
  /** 0 well, 1 high, 2 filling, 3 full. */
  readonly rank: number;
  readonly detail: string;
  readonly observations: readonly Observation[];
  readonly causes: readonly CauseEvidence[];
  readonly forecast?: Forecast;
};

function judgeOne(fact: ShmFact, pod: PodFact | undefined, given: Given): Seen {
  const level = levelOf(fact, pod);
  const background = backgroundOf(fact, pod, given);
  const rate = rateOf(fact, level, background);
  const forecast = rate === undefined ? {} : { forecast: forecastOf(fact, level, rate, background) };
  const share = level.usedBytes / level.capacityBytes;
  const detail = detailOf(fact, level, share);
  const whose = { pod: fact.pod, startedAt: pod?.startedAt };
  const on = (code: string): Observation => ({ code, subject: fact.pod });
  if (isFull(level)) {
    const causes = [{ code: 'authentik.outpost.shm-full', detail }];
    return { ...whose, rank: 3, detail, observations: [on('outpost.shm-full')], causes, ...forecast };
  }
  const view = rate === undefined ? undefined : outlook(level, rate.perMinute, background.validitySeconds);
  // Nobody knows how long sessions live: full within a day is soon enough to say so.
  const isSoon = view !== undefined && view.fills === undefined && view.untilFull < SOON_SECONDS;
  const fills = view?.fills === true || isSoon;
  if (fills || share >= CRITICAL) {
    const words = fills && view !== undefined ? `${detail}; full in about ${timeWords(view.untilFull)}` : detail;
    const causes = [{ code: 'authentik.outpost.shm-filling', detail: words }];
    return { ...whose, rank: 2, detail: words, observations: [on('outpost.shm-filling')], causes, ...forecast };
  }
  const high = share >= HIGH || (view?.steady ?? 0) > HIGH * (view?.room ?? 0);
  return {
    ...whose,
    rank: high ? 1 : 0,
    detail,
    observations: high ? [on('outpost.shm-filling')] : [],
    causes: [],
    ...forecast,
  };
}

function backgroundOf(fact: ShmFact, pod: PodFact | undefined, given: Given): Background {
  const first = firstFailedWrite(given.evidence(LOGS_ID), fact.pod);
  return {
    startedAt: pod?.startedAt,
    firstFailedWrite: first?.at,
    orBefore: first?.orBefore ?? false,
    validitySeconds: validityOf(given.evidence<OutpostConfig>(CONFIG_ID), given.evidence<Validities>(VALIDITY_ID)),
  };
}

function detailOf({ pod, sizeBytes }: ShmFact, level: Level, share: number): string {
  const limited =
    level.capacityBytes < sizeBytes
      ? ` (${sizeWords(sizeBytes)}, but the container may use ${sizeWords(level.capacityBytes)})`
      : '';
  const percent = Math.min(100, isFull(level) ? 100 : Math.floor(share * 100));
  const sessions = level.sessions;
  const each = sessions === undefined || sessions === 0 ? '' : ` of ${sizeWords(bytesPerSession(level))}`;
  const held = sessions === undefined ? '' : sessions === 0 ? ', no session' : `, ${count(sessions, 'session')}${each}`;
  return `${pod}: ${sizeWords(level.capacityBytes)}${limited}, ${thousands(percent)} % used${held}`;
}
