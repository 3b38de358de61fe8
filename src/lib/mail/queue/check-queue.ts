import type { Clients } from '../../clients/clients.ts';
import type { EvidenceState } from '../../diagnosis/probe.ts';
import type { StatusName } from '../../errors.ts';
import { countVerdicts, type Finding, statusOfFindings, type Verdict } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import { answerOf, type ClusterReads } from '../evidence/answer.ts';
import type { Advice } from '../verdict/advice.ts';
import {
  collectQueue,
  collectSecondMxQueue,
  QUEUE_PLACES,
  type QueueEvidence,
  type QueuePlace,
} from './collect-queue.ts';
import { judgeQueue, type QueueJudgement } from './judge-queue.ts';
import { queueNextSteps } from './next-steps.ts';

/** One server's queue: what was seen, what it means, what to do. */
export type QueueAnswer = {
  readonly place: QueuePlace;
  readonly evidence: EvidenceState<QueueEvidence>;
  readonly judgement: QueueJudgement;
  readonly next: readonly Advice[];
};

/** The answer of `infra mail queue`. */
export type QueueCheck = {
  readonly at: Date;
  readonly answers: readonly QueueAnswer[];
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly status: StatusName;
};

/** What a place is called in tables. */
export const PLACE_TITLES: Readonly<Record<QueuePlace, string>> = { here: 'queue', 'second-mx': 'second MX' };

/** Lists both queues and judges them. Nothing is changed. */
export async function checkQueue(
  clients: ClusterReads & Pick<Clients, 'ssh' | 'clock'>,
  site: Site,
): Promise<QueueCheck> {
  const [here, secondMx] = await Promise.all([
    answerOf(() => collectQueue(clients, site)),
    answerOf(() => collectSecondMxQueue(clients, site)),
  ]);
  const at = clients.clock.now();
  const states: Readonly<Record<QueuePlace, EvidenceState<QueueEvidence>>> = { here, 'second-mx': secondMx };
  const answers = QUEUE_PLACES.map((place): QueueAnswer => {
    const evidence = states[place];
    const judgement = judgeQueue(place, evidence, at);
    const summary = evidence.state === 'answered' ? evidence.value.summary : undefined;
    return { place, evidence, judgement, next: queueNextSteps(place, site, judgement, summary) };
  });
  const findings = answers.map((answer) => findingOf(answer, site));
  return { at, answers, findings, counts: countVerdicts(findings), status: statusOfFindings(findings) };
}

function findingOf({ place, judgement: { verdict, reason, detail }, next }: QueueAnswer, site: Site): Finding {
  const { namespace, service, pod, ssh } = site.mail;
  const byHand =
    place === 'here'
      ? `kubectl -n ${namespace.value} exec deploy/${service.value} -c ${pod.container.value} -- postqueue -p`
      : `ssh ${ssh.secondMx.value ?? 'SECOND-MX'} postqueue -p`;
  const hint =
    place === 'second-mx' && verdict === 'SKIP' ? 'Set mail.ssh.secondMx to ask there too.' : next[0]?.command;
  return {
    id: `mail.queue.${place}`,
    title: PLACE_TITLES[place],
    verdict,
    detail,
    ...(reason === undefined ? {} : { reason }),
    command: byHand,
    ...(hint === undefined ? {} : { hint }),
  };
}
