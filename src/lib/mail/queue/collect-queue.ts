import type { Clients } from '../../clients/clients.ts';
import { redactLine } from '../../diagnosis/logs/redact-line.ts';
import { notConfigured } from '../../diagnosis/no-answer.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import type { ClusterReads } from '../evidence/answer.ts';
import { mailPod } from '../evidence/mail-pod.ts';
import { type QueueReading, readQueue } from './read-queue.ts';
import { type QueueSummary, summarise } from './summary.ts';

/** The two servers that can have mail waiting. */
export const QUEUE_PLACES = ['here', 'second-mx'] as const;
export type QueuePlace = (typeof QUEUE_PLACES)[number];

/** What a server's queue holds. Plain JSON. */
export type QueueEvidence = {
  /** The pod, or the host as ssh knows it. */
  readonly where: string;
  /** Whether Postfix runs: root can list the queue of one that does not. */
  readonly isRunning: boolean;
  /** Undefined when Postfix does not run and the queue could not be listed without it. */
  readonly summary?: QueueSummary;
};

/** The program that lists the queue (Postfix 3.1 and later). */
export const POSTQUEUE = ['postqueue', '-j'] as const;
/** A login by ssh need not have the system's programs on its PATH. */
const WITH_PATH = ['env', 'PATH=/usr/sbin:/usr/local/sbin:/usr/bin:/bin', ...POSTQUEUE] as const;
const TIMEOUT_MS = 20_000;

/** A queue as it was listed, message by message. */
export type ListedQueue = { readonly where: string; readonly isRunning: boolean; readonly reading?: QueueReading };

/** Lists the queue in the mail server's pod. Errors: those of the cluster, `mail.empty`, `mail.denied`, `mail.no-postqueue`. */
export async function listQueue(clients: Pick<ClusterReads, 'kubernetes'>, site: Site): Promise<ListedQueue> {
  const { namespace, pod } = site.mail;
  const { name } = (await mailPod(clients, site)).metadata;
  const container = pod.container.value;
  const ended = await clients.kubernetes.exec(namespace.value, name, container, POSTQUEUE, { timeoutMs: TIMEOUT_MS });
  return listedQueue(name, ended);
}

/** The same, folded to counts and reasons. */
export async function collectQueue(clients: ClusterReads, site: Site): Promise<QueueEvidence> {
  return folded(await listQueue(clients, site));
}

/** Lists the queue of the second MX over ssh. Errors: those of ssh, `diagnosis.not-configured`, and as above. */
export async function collectSecondMxQueue(clients: Pick<Clients, 'ssh'>, site: Site): Promise<QueueEvidence> {
  const host = site.mail.ssh.secondMx.value;
  if (host === undefined) throw notConfigured('mail.ssh.secondMx');
  return queueEvidence(host, await clients.ssh.run({ host, command: WITH_PATH, timeoutMs: TIMEOUT_MS }));
}

type Ended = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated?: boolean;
};

/** What an ended `postqueue -j` means; its words are those of postqueue.c. Errors: `mail.denied`, `mail.no-postqueue`. */
export function queueEvidence(where: string, ended: Ended): QueueEvidence {
  return folded(listedQueue(where, ended));
}

function folded({ reading, ...rest }: ListedQueue): QueueEvidence {
  return { ...rest, ...(reading === undefined ? {} : { summary: summarise(reading) }) };
}

function listedQueue(where: string, { exitCode, stdout, stderr, truncated }: Ended): ListedQueue {
  const isDown = /mail system is down/i.test(stderr);
  if (exitCode === 0) return { where, isRunning: !isDown, reading: readQueue(stdout, truncated === true) };
  if (isDown) return { where, isRunning: false };
  const tried = `${POSTQUEUE.join(' ')} on ${where}`;
  if (/not allowed to view|permission denied/i.test(stderr)) {
    throw new InfraError('mail.denied', 'denied', `${tried}: Postfix does not show its queue to this login.`, {
      hints: ['postconf authorized_mailq_users'],
    });
  }
  const said = redactLine(stderr.trim().split('\n').at(-1) ?? '', 160);
  const because = said === '' ? '' : `: ${said}`;
  throw new InfraError('mail.no-postqueue', 'unavailable', `${tried} ended with ${exitCode}${because}.`, {
    hints: ['It needs Postfix 3.1 or later.'],
  });
}
