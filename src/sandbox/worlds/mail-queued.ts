import type { QueuedMail } from '../mail/queue.ts';
import type { MailWorld } from '../mail/world.ts';
import type { World } from '../world.ts';
import type { Setting } from './authentik/build.ts';
import { CANARIES } from './canaries.ts';
import { healthyWorld } from './healthy.ts';

const NO_LMTP = 'connect to mail.sandbox.test[/var/run/dovecot/lmtp]: No such file or directory';
const NO_LOGIN = `SASL authentication failed; server smtp-relay.test[198.51.100.25] said: 535 5.7.8 Authentication failed (AUTH PLAIN ${Buffer.from(`\0relay\0${CANARIES.relayPassword}`).toString('base64')})`;
const GREY = (host: string) =>
  `host ${host}[203.0.113.9] said: 450 4.2.0 <ann@${host}>: Recipient address rejected: Greylisted, see https://greylist.test/${host} (in reply to RCPT TO command)`;
const NO_ANSWER = 'connect to mail.sandbox.test[127.0.31.1]:25: Connection timed out';

const ALPHABET = '0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy';

/** Ids as Postfix makes them with long queue ids: time in 52 letters without vowels, `z`, the inode. */
function id(number: number): string {
  const letters = [3, 11, 17, 29].map((step) => ALPHABET[(number * step + step) % ALPHABET.length]);
  return `4gBn5T${letters.join('')}z${ALPHABET[number % 51]}Hk`;
}

function many(count: number, one: (number: number) => Omit<QueuedMail, 'id'>): readonly QueuedMail[] {
  return Array.from({ length: count }, (_, number) => ({ id: id(number), ...one(number) }));
}

/** What waits in each of these worlds, and why; everything else is healthy. */
const QUEUED = {
  /** Dovecot's socket is gone: Postfix accepts and cannot put the mail into mailboxes. */
  'mail-queue-local': {
    queue: [
      ...many(13, (number) => ({
        queue: 'deferred',
        minutesAgo: 31 + number * 13,
        from: `sender${number}@example.net`,
        to: { [`${['bob', 'carol', 'dave'][number % 3]}@sandbox.test`]: NO_LMTP },
      })),
      { id: id(90), queue: 'active', minutesAgo: 1, from: 'news@example.org', to: { 'bob@sandbox.test': undefined } },
    ],
  },
  /** The key of the relay was changed there and not here. */
  'mail-queue-relay': {
    queue: many(5, (number) => ({
      queue: 'deferred',
      minutesAgo: 20 + number * 17,
      from: 'carol@sandbox.test',
      to: { [`friend${number}@example.${['com', 'net'][number % 2]}`]: NO_LOGIN },
    })),
  },
  /** Two receivers are slow, as receivers are. */
  'mail-queue-slow-receivers': {
    queue: [
      {
        id: id(1),
        queue: 'deferred',
        minutesAgo: 95,
        from: 'bob@sandbox.test',
        to: { 'ann@example.com': GREY('example.com') },
      },
      {
        id: id(2),
        queue: 'deferred',
        minutesAgo: 12,
        from: 'bob@sandbox.test',
        to: { 'ann@example.net': GREY('example.net') },
      },
    ],
  },
  /** The first server was not reachable from outside during the night; the second one kept what came. */
  'mail-queue-second-mx': {
    secondMxQueue: many(7, (number) => ({
      queue: 'deferred',
      minutesAgo: 40 + number * 25,
      from: `sender${number}@example.net`,
      to: { 'bob@sandbox.test': NO_ANSWER },
    })),
  },
  /** Somebody put two messages on hold and went on holiday. */
  'mail-queue-held': {
    queue: many(2, (number) => ({
      queue: 'hold',
      minutesAgo: 3000 + number,
      from: 'info@example.org',
      to: { 'dave@sandbox.test': undefined },
    })),
  },
  /** What lists the queue is no postqueue: a wrapper that tells of itself. */
  'mail-queue-garbled': { queue: { printed: 'Mail queue is empty\n{"queue_name": "deferred", "queue_id": "4gB\n' } },
  /** Postfix died and its supervisor gave up. */
  'mail-queue-postfix-down': { queue: 'down' },
  /** The second MX lets nobody in. */
  'mail-queue-second-mx-shut': { secondMxRefused: true },
} as const satisfies Readonly<Record<string, MailWorld>>;

/** A healthy platform on which mail waits, or in which nobody can see whether it does. */
export function mailQueueWorld(name: keyof typeof QUEUED, setting?: Setting): World {
  return { ...healthyWorld(setting), mail: QUEUED[name] };
}
