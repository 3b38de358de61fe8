import { redactLine } from '../../diagnosis/logs/redact-line.ts';

/** Postfix's queues: postqueue(1), qmgr(8). `maildrop` and `incoming` are on the way in, `corrupt` cannot be read. */
export const QUEUES = ['active', 'incoming', 'deferred', 'hold', 'maildrop', 'corrupt'] as const;
export type QueueName = (typeof QUEUES)[number];

/** Where one recipient's mail waits, and why its last delivery failed, if it was tried. */
export type QueuedRecipient = { readonly address: string; readonly reason?: string };

/** One message. `arrivedMs` counts from 1970; `size` is in bytes. */
export type QueuedMessage = {
  readonly queue: QueueName;
  readonly id: string;
  readonly arrivedMs: number;
  readonly size: number;
  readonly sender: string;
  readonly recipients: readonly QueuedRecipient[];
};

/** What a listing says. */
export type QueueReading = {
  readonly messages: readonly QueuedMessage[];
  /** Lines that are no entry of a queue. */
  readonly malformed: number;
  /** The first of them, redacted and short. */
  readonly sample?: string;
  /** The listing was longer than what is kept of one: there are more messages. */
  readonly isCut: boolean;
};

/**
 * Reads what `postqueue -j` prints: one JSON object a line, nothing at all for an empty queue (postqueue(1), "JSON object
 * format"). The same message may be listed twice while it moves between queues: the later entry counts. With `isCut`
 * the last line is half a line, which is not malformed.
 */
export function readQueue(listing: string, isCut = false): QueueReading {
  const lines = listing.split('\n').filter((line) => line.trim() !== '');
  const whole = isCut && !listing.endsWith('\n') ? lines.slice(0, -1) : lines;
  const messages = new Map<string, QueuedMessage>();
  const broken: string[] = [];
  for (const line of whole) {
    const message = readEntry(line);
    if (message === undefined) broken.push(line);
    else messages.set(message.id, message);
  }
  const [first] = broken;
  return {
    messages: [...messages.values()],
    malformed: broken.length,
    ...(first === undefined ? {} : { sample: redactLine(first, 120) }),
    isCut,
  };
}

function readEntry(line: string): QueuedMessage | undefined {
  const entry = parsed(line);
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { queue_name, queue_id, arrival_time, message_size, sender, recipients } = entry as Record<string, unknown>;
  const queue = QUEUES.find((name) => name === queue_name);
  const seconds = Number(arrival_time);
  if (queue === undefined || typeof queue_id !== 'string' || queue_id === '') return undefined;
  if (!Number.isSafeInteger(seconds) || seconds <= 0 || !Array.isArray(recipients)) return undefined;
  return {
    queue,
    id: queue_id.slice(0, 64),
    arrivedMs: seconds * 1000,
    size: typeof message_size === 'number' && message_size >= 0 ? message_size : 0,
    sender: typeof sender === 'string' ? sender.slice(0, 320) : '',
    recipients: recipients.flatMap(readRecipient),
  };
}

function readRecipient(value: unknown): readonly QueuedRecipient[] {
  if (typeof value !== 'object' || value === null) return [];
  const { address, delay_reason } = value as Record<string, unknown>;
  if (typeof address !== 'string') return [];
  const reason = typeof delay_reason === 'string' && delay_reason !== '' ? redactLine(delay_reason, 500) : undefined;
  return [{ address: address.slice(0, 320), ...(reason === undefined ? {} : { reason }) }];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // Counted as malformed by the caller.
  }
}
