import { type RefusalCode, refusalOf, type Whose } from '../log/refusal.ts';
import { QUEUES, type QueuedMessage, type QueueName, type QueueReading } from './read-queue.ts';

/** Recipients whose mail waits for the same reason. Times are ISO 8601 in UTC. */
export type QueueReason = {
  readonly code: RefusalCode;
  readonly whose: Whose;
  readonly means: string;
  /** The words, without what differs from mail to mail. */
  readonly pattern: string;
  /** One of them as it is. */
  readonly example: string;
  readonly messages: number;
  readonly recipients: number;
  readonly oldest: string;
  /** The queue id of the oldest one, for `infra mail trace`. */
  readonly id: string;
};

/** The oldest message of a kind. */
export type OldestMessage = { readonly id: string; readonly at: string };

/** A queue, folded. Plain JSON: it can be recorded and judged later. */
export type QueueSummary = {
  readonly total: number;
  readonly bytes: number;
  readonly queues: Readonly<Record<QueueName, number>>;
  /** The oldest of each queue that has any. */
  readonly oldest: Readonly<Partial<Record<QueueName, OldestMessage>>>;
  /** The most frequent first. */
  readonly reasons: readonly QueueReason[];
  /** Messages of reasons that are not listed. */
  readonly otherReasons: number;
  /** Domains of recipients, the most messages first. */
  readonly domains: readonly { readonly domain: string; readonly messages: number }[];
  readonly otherDomains: number;
  readonly malformed: number;
  readonly sample?: string;
  readonly isCut: boolean;
};

/** How many reasons and domains are listed. */
const LISTED = 8;
/** How many different reasons are told apart while counting. */
const KINDS = 1000;

/** Folds a listing: counts, ages, reasons by their words. */
export function summarise(reading: QueueReading): QueueSummary {
  const { messages, malformed, sample, isCut } = reading;
  const reasons = reasonsOf(messages);
  const domains = domainsOf(messages);
  const oldest = QUEUES.flatMap((queue) => {
    const first = oldestOf(messages.filter((each) => each.queue === queue));
    return first === undefined ? [] : [[queue, { id: first.id, at: isoOf(first) }] as const];
  });
  const count = (queue: QueueName): number => messages.filter((each) => each.queue === queue).length;
  return {
    total: messages.length,
    bytes: messages.reduce((sum, { size }) => sum + size, 0),
    queues: Object.fromEntries(QUEUES.map((queue) => [queue, count(queue)])) as Record<QueueName, number>,
    oldest: Object.fromEntries(oldest),
    reasons: reasons.slice(0, LISTED),
    otherReasons: reasons.slice(LISTED).reduce((sum, each) => sum + each.messages, 0),
    domains: domains.slice(0, LISTED),
    otherDomains: domains.slice(LISTED).reduce((sum, each) => sum + each.messages, 0),
    malformed,
    ...(sample === undefined ? {} : { sample }),
    isCut,
  };
}

type Cluster = { readonly messages: Map<string, QueuedMessage>; recipients: number; readonly example: string };

function reasonsOf(messages: readonly QueuedMessage[]): readonly QueueReason[] {
  const clusters = new Map<string, Cluster>();
  for (const message of messages) {
    for (const { reason } of message.recipients) {
      if (reason === undefined) continue;
      const pattern = patternOf(reason);
      const key = clusters.has(pattern) || clusters.size < KINDS ? pattern : refusalOf(reason).code;
      const found = clusters.get(key) ?? { messages: new Map(), recipients: 0, example: reason };
      found.messages.set(message.id, message);
      found.recipients += 1;
      clusters.set(key, found);
    }
  }
  return [...clusters]
    .map(([pattern, cluster]): QueueReason => {
      const own = [...cluster.messages.values()];
      const first = oldestOf(own);
      return {
        ...refusalOf(cluster.example),
        pattern,
        example: cluster.example,
        messages: own.length,
        recipients: cluster.recipients,
        oldest: first === undefined ? '' : isoOf(first),
        id: first?.id ?? '',
      };
    })
    .sort((a, b) => b.messages - a.messages || (a.pattern < b.pattern ? -1 : 1));
}

/** The words of a reason without addresses, hosts, numbers and ids; SMTP codes stay. */
export function patternOf(reason: string): string {
  return reason
    .slice(0, 500)
    .replace(/^delivery temporarily suspended: /, '')
    .replace(/https?:\/\/\S+/g, '…')
    .replace(/<[^<>\s]*>/g, '<…>')
    .replace(/[^\s<>()[\]@]+@[^\s<>()[\]]+/g, '…@…')
    .replace(/[^\s[(]+\[[^\]\s/]*\]/g, '…[…]')
    .replace(/\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{8,}\b/g, '…')
    .replace(/(?<![\d.])(?![245]\d\d[ -])\d+(?:\.\d+){3}(?![\d.])/g, '…')
    .replace(/\b\d{4,}\b/g, '…')
    .slice(0, 200);
}

function domainsOf(messages: readonly QueuedMessage[]) {
  const counts = new Map<string, number>();
  for (const { recipients } of messages) {
    const own = new Set(recipients.map(({ address }) => address.slice(address.lastIndexOf('@') + 1).toLowerCase()));
    for (const domain of own) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return [...counts]
    .map(([domain, count]) => ({ domain, messages: count }))
    .sort((a, b) => b.messages - a.messages || (a.domain < b.domain ? -1 : 1));
}

function oldestOf(messages: readonly QueuedMessage[]): QueuedMessage | undefined {
  return messages.reduce<QueuedMessage | undefined>(
    (first, each) => (first === undefined || each.arrivedMs < first.arrivedMs ? each : first),
    undefined,
  );
}

function isoOf({ arrivedMs }: QueuedMessage): string {
  // A time beyond what a date can hold is nonsense in the listing, and no reason to fail.
  return new Date(Math.min(arrivedMs, 8.64e15)).toISOString();
}
