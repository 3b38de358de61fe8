import type { Json } from '../../../diagnosis/json.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import {
  collectQueue,
  collectSecondMxQueue,
  POSTQUEUE,
  type QueueEvidence,
  type QueuePlace,
} from '../../../mail/queue/collect-queue.ts';
import { judgeQueue, QUEUE_TROUBLES, type QueueTrouble } from '../../../mail/queue/judge-queue.ts';
import { mayExec } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { asJson } from '../evidence/hop.ts';
import { POD_ID, ROUNDTRIP_ID, SETTINGS_ID } from '../names.ts';
import { runningIn } from './pod-state.ts';

/** Troubles that are a fault by themselves, and its name; the others are looked at. */
const CAUSES: Readonly<Partial<Record<QueueTrouble, string>>> = {
  'relay-credentials': 'mail.relay.credentials',
  'postfix-down': 'mail.queue.stuck',
  'not-handed-on': 'mail.queue.stuck',
  'local-delivery': 'mail.queue.stuck',
  'own-trouble': 'mail.queue.stuck',
  many: 'mail.queue.stuck',
  'primary-refuses': 'mail.queue.stuck',
};

const MEANINGS: Readonly<Record<QueueTrouble, string>> = {
  'postfix-down': 'Postfix does not run; what is there waits.',
  'not-handed-on': 'New mail lies there and nobody takes it.',
  'relay-credentials': 'The relay refuses our login.',
  'local-delivery': 'Mail cannot be put into mailboxes.',
  'own-trouble': 'Mail waits for a reason that lies with us.',
  many: 'So much waits that it is no single receiver’s doing.',
  'primary-refuses': 'The second MX holds mail that the first one does not take.',
  corrupt: 'There are messages that Postfix cannot read.',
  waiting: 'Something has been waiting for longer than receivers usually ask for.',
  held: 'Mail is on hold until somebody releases it.',
};

function failures(prefix: string): Probe['failures'] {
  return [
    ...QUEUE_TROUBLES.map((trouble) => ({ code: `${prefix}.${trouble}`, meaning: MEANINGS[trouble] })),
    { code: 'mail.queue.stuck', meaning: 'Mail waits and does not get on.' },
    { code: 'mail.relay.credentials', meaning: 'Mail waits because the relay refuses our login.' },
  ];
}

function judged(place: QueuePlace, prefix: string, evidence: Json, at: Date, isBlamed: boolean): Judgement {
  const value = evidence as unknown as QueueEvidence;
  const { verdict, reason, detail, troubles } = judgeQueue(place, { state: 'answered', value }, at);
  const bad = verdict === 'FAIL' || verdict === 'WARN' ? troubles.filter((each) => each.verdict === verdict) : [];
  const codes = bad.flatMap(({ trouble }) => (isBlamed ? (CAUSES[trouble] ?? []) : []));
  // What waits because of the relay is not stuck by itself.
  const causes = codes.includes('mail.relay.credentials') ? ['mail.relay.credentials'] : [...new Set(codes)];
  return {
    verdict,
    detail,
    ...(reason === undefined ? {} : { reason }),
    observations: bad.map(({ trouble }) => ({ code: `${prefix}.${trouble}`, subject: value.where })),
    causes: causes.map((code) => ({ code })),
    ...(value.summary === undefined ? {} : { data: asJson(value.summary) }),
  };
}

/** What waits here. */
export const queueHere: Probe<Json> = {
  id: 'mail.queue.here',
  title: 'queue',
  layer: 'outbound',
  dependsOn: [SETTINGS_ID, POD_ID],
  needs: (site) => mayExec(site.mail.namespace.value),
  kind: 'exec',
  cost: '1 list of pods, 1 postqueue -j in the pod',
  timeoutMs: 25_000,
  question: 'Does mail wait here, for how long, and why?',
  why: 'Accepted mail that cannot be delivered waits in silence: neither sender nor receiver sees an error for days. The reasons of the receivers tell ours from theirs.',
  byHand: (site) =>
    `kubectl -n ${site.mail.namespace.value} exec deploy/${site.mail.service.value} -c ${site.mail.pod.container.value} -- ${POSTQUEUE.join(' ')}`,
  healthy: 'Empty, or a few that a receiver has asked to come later.',
  failures: failures('queue'),

  async collect(ask) {
    if (runningIn(ask.given.answer<readonly PodFact[]>(POD_ID)).length === 0) return null;
    return asJson(await collectQueue({ kubernetes: await ask.client('kubernetes') }, ask.site));
  },

  judge: (evidence, given) =>
    evidence === null
      ? { verdict: 'SKIP', reason: 'not-applicable', detail: 'no pod runs, so nobody can be asked' }
      : judged('here', 'queue', evidence, given.at, true),
};

/** What waits at the second MX. */
export const queueSecond: Probe<Json> = {
  id: 'mail.queue.second-mx',
  title: 'queue of the second MX',
  layer: 'outbound',
  dependsOn: [SETTINGS_ID],
  considers: [ROUNDTRIP_ID],
  kind: 'exec',
  cost: '1 postqueue -j, over ssh',
  timeoutMs: 25_000,
  question: 'Does the second MX hold mail for us?',
  why: 'It keeps what we did not take. A queue there is mail that is not lost, and the measure of an outage.',
  byHand: (site) => `ssh ${site.mail.ssh.secondMx.value ?? '<second MX>'} 'sudo ${POSTQUEUE.join(' ')}'`,
  healthy: 'Empty.',
  failures: failures('second-queue'),

  collect: async ({ client, site }) => asJson(await collectSecondMxQueue({ ssh: await client('ssh') }, site)),

  judge(evidence, given) {
    const roundtrip = given.evidence(ROUNDTRIP_ID);
    const last =
      roundtrip.state === 'answered' ? (roundtrip.value as { readonly lastSuccess?: string }).lastSuccess : undefined;
    // While nothing arrives here anyway, mail waits there because of that.
    const arrives = last !== undefined && given.at.getTime() - Date.parse(last) < 40 * 60_000;
    return judged('second-mx', 'second-queue', evidence, given.at, arrives);
  },
};
