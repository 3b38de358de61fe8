import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../../src/lib/mail/log/refusal.ts';
import { queueEvidence } from '../../../src/lib/mail/queue/collect-queue.ts';
import { judgeQueue } from '../../../src/lib/mail/queue/judge-queue.ts';
import { readQueue } from '../../../src/lib/mail/queue/read-queue.ts';
import { patternOf, summarise } from '../../../src/lib/mail/queue/summary.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const REFUSED = 'connect to mail.example.org[192.0.2.7]:25: Connection refused';

type Given = {
  readonly queue?: string;
  readonly id?: string;
  readonly minutes?: number;
  readonly to?: readonly (readonly [address: string, reason?: string])[];
};

function entry({ queue = 'deferred', id = '4gBn5T1zHk', minutes = 10, to = [['a@example.com', REFUSED]] }: Given = {}) {
  return JSON.stringify({
    queue_name: queue,
    queue_id: id,
    arrival_time: NOW.getTime() / 1000 - minutes * 60,
    message_size: 1000,
    forced_expire: false,
    sender: 'me@example.org',
    recipients: to.map(([address, delay_reason]) => ({
      address,
      ...(delay_reason === undefined ? {} : { delay_reason }),
    })),
  });
}

const listing = (...entries: readonly Given[]): string => entries.map((each) => `${entry(each)}\n`).join('');
const many = (count: number, given: Given): readonly Given[] =>
  Array.from({ length: count }, (_, at) => ({ ...given, id: `4gBn5T${at}zHk` }));

const judged = (text: string, place: 'here' | 'second-mx' = 'here') =>
  judgeQueue(
    place,
    { state: 'answered', value: queueEvidence('mail-0', { exitCode: 0, stdout: text, stderr: '' }) },
    NOW,
  );

describe('a listing', () => {
  test('is one object a line; nothing at all is an empty queue', () => {
    expect(readQueue('')).toEqual({ messages: [], malformed: 0, isCut: false });
    const { messages } = readQueue(listing({}, { id: 'B313866FFB2', queue: 'hold' }));
    expect(messages.map(({ id, queue }) => `${queue} ${id}`)).toEqual(['deferred 4gBn5T1zHk', 'hold B313866FFB2']);
    expect(messages[0]?.recipients).toEqual([{ address: 'a@example.com', reason: REFUSED }]);
  });

  test('a message that moves while it is listed counts once', () => {
    const { queues, total } = summarise(readQueue(listing({ queue: 'incoming' }, { queue: 'active' })));
    expect([total, queues.incoming, queues.active]).toEqual([1, 0, 1]);
  });

  test.each([
    'Mail queue is empty',
    '[]',
    'null',
    '{"queue_name":"deferred"}',
    '{"queue_name":"elsewhere","queue_id":"A1B2C3","arrival_time":1,"recipients":[]}',
    '{"queue_name":"deferred","queue_id":"A1B2C3","arrival_time":"soon","recipients":[]}',
    '{"queue_name":"deferred","queue_id":"A1B2C3","arrival_time":1,"recipients":{}}',
    entry().slice(0, -5),
  ])('%s is malformed, not empty', (line) => {
    expect(readQueue(line)).toMatchObject({ messages: [], malformed: 1 });
    expect(judged(line)).toMatchObject({ verdict: 'UNKNOWN', reason: 'malformed' });
  });

  test('half a line at the end of what was kept is a cut, and the counts are lower bounds', () => {
    const reading = readQueue(`${listing({})}{"queue_name": "defer`, true);
    expect(reading).toMatchObject({ malformed: 0, isCut: true });
    const value = { where: 'mail-0', isRunning: true, summary: summarise(reading) };
    expect(judgeQueue('here', { state: 'answered', value }, NOW)).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'partial',
    });
  });

  test('never throws and never invents a message, whatever is printed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), fc.boolean(), (text, isCut) => {
        const reading = readQueue(text, isCut);
        const summary = summarise(reading);
        judgeQueue('here', { state: 'answered', value: { where: 'x', isRunning: true, summary } }, NOW);
        expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
        if (text.trim() !== '' && !isCut) expect(reading.messages.length + reading.malformed).toBeGreaterThan(0);
      }),
    );
  });

  test('cut anywhere it loses messages at the end only', () => {
    const text = listing(...many(20, {}));
    fc.assert(
      fc.property(fc.nat(text.length), (at) => {
        const { messages, malformed } = readQueue(text.slice(0, at), true);
        expect(malformed).toBe(0);
        expect(messages.map(({ id }) => id)).toEqual(many(messages.length, {}).map(({ id }) => id));
      }),
    );
  });
});

describe('reasons', () => {
  test('of the same words are one, whatever host, address and id they name', () => {
    const grey = (host: string) =>
      `host mx.${host}[192.0.2.${host.length}] said: 450 4.2.0 <a@${host}>: Recipient address rejected: Greylisted, see http://x/${host}.html (in reply to RCPT TO command)`;
    const reasons = summarise(
      readQueue(
        listing(
          { id: 'A1B2C31', to: [['a@one.example', grey('one.example')]] },
          { id: 'A1B2C32', minutes: 50, to: [['b@two.example.net', grey('two.example.net')]] },
          { id: 'A1B2C33', to: [['c@three.example', REFUSED]] },
        ),
      ),
    ).reasons;
    expect(reasons.map(({ code, messages, id }) => `${code} ${messages} ${id}`)).toEqual([
      'greylisted 2 A1B2C32',
      'unreachable 1 A1B2C33',
    ]);
    expect(reasons[0]?.pattern).toContain('450 4.2.0');
  });

  test.each([
    ['connect to mail.example.com[/var/run/dovecot/lmtp]: No such file or directory', 'local-delivery ours'],
    [
      'lost connection with mail.example.com[private/dovecot-lmtp] while receiving the initial server greeting',
      'local-delivery ours',
    ],
    [
      'host mail.example.com[/run/dovecot/lmtp] said: 451 4.2.0 <u@example.com> Internal error occurred. Refer to server log for more information. (in reply to end of DATA command)',
      'local-delivery ours',
    ],
    [
      "host mail.example.com[/run/dovecot/lmtp] said: 550 5.1.1 <u@example.com> User doesn't exist: u@example.com (in reply to RCPT TO command)",
      'no-such-user theirs',
    ],
    [
      'host mail.example.com[/run/dovecot/lmtp] said: 452 4.2.2 <u@example.com> Quota exceeded (mailbox for user is full) (in reply to end of DATA command)',
      'mailbox-full unclear',
    ],
    [
      'SASL authentication failed; server smtp-relay.example.net[192.0.2.9] said: 535 5.7.8 Authentication failed',
      'relay-credentials ours',
    ],
    [
      'delivery temporarily suspended: connect to alt4.mx.example.net[192.0.2.27]:25: Connection timed out',
      'unreachable unclear',
    ],
    ['connect to 127.0.0.1[127.0.0.1]:10024: Connection refused', 'filter ours'],
    ['mail transport unavailable', 'configuration ours'],
    [
      'Host or domain name not found. Name service error for name=exmaple.com type=MX: Host not found, try again',
      'name unclear',
    ],
    [
      'host mx.example.net[192.0.2.3] said: 421 4.7.0 Try again later, closing connection. (in reply to MAIL FROM command)',
      'rate-limited unclear',
    ],
    ['TLS is required, but was not offered by host mx.example.net[192.0.2.3]', 'tls unclear'],
    [
      'lost connection with mx.example.net[192.0.2.3] while sending end of data -- message may be sent more than once',
      'lost-connection unclear',
    ],
    [
      'host mx.example.net[192.0.2.3] said: 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
      'policy unclear',
    ],
    ['4.3.0 <u@example.com>: Recipient address rejected: Temporary lookup failure', 'lookup ours'],
    ['', 'other unclear'],
  ])('%s is %s', (reason, expected) => {
    const { code, whose } = refusalOf(reason);
    expect(`${code} ${whose}`).toBe(expected);
  });

  test('are read in bounded time, however they are made', () => {
    for (const nasty of [
      '<'.repeat(50_000),
      'a['.repeat(50_000),
      'connect to '.repeat(9000),
      '1'.repeat(90_000),
      '@'.repeat(90_000),
    ]) {
      expect(patternOf(nasty).length).toBeLessThanOrEqual(200);
      refusalOf(nasty);
    }
  });

  test('hold no password of a login', () => {
    const answer = Buffer.from('\0relay\0sesame-open-4711').toString('base64');
    const reason = `SASL authentication failed; said: 535 5.7.8 AUTH PLAIN ${answer} password=sesame-open-4711`;
    const told = JSON.stringify(summarise(readQueue(listing({ to: [['a@example.com', reason]] }))));
    expect(told).not.toContain('sesame-open-4711');
    expect(told).not.toContain(answer);
  });
});

describe('a verdict', () => {
  test.each<[string, 'here' | 'second-mx', readonly Given[], string]>([
    ['an empty queue', 'here', [], 'PASS undefined'],
    ['mail on its way', 'here', [{ queue: 'active', minutes: 2, to: [['a@example.com']] }], 'PASS undefined'],
    ['a receiver that is slow', 'here', [{ minutes: 59 }], 'PASS undefined'],
    ['one that has been for more than an hour', 'here', [{ minutes: 61 }], 'WARN waiting'],
    ['a hundred messages', 'here', many(100, {}), 'FAIL many'],
    [
      'Dovecot gone, a moment ago',
      'here',
      [{ minutes: 14, to: [['a@b.c', 'connect to m[/run/lmtp]: No such file or directory']] }],
      'PASS undefined',
    ],
    [
      'Dovecot gone',
      'here',
      [{ minutes: 16, to: [['a@b.c', 'connect to m[/run/lmtp]: No such file or directory']] }],
      'FAIL local-delivery',
    ],
    [
      'a login that the relay refuses',
      'here',
      [{ minutes: 16, to: [['a@b.c', 'SASL authentication failed; said: 535 no']] }],
      'FAIL relay-credentials',
    ],
    ['mail that qmgr does not take', 'here', [{ queue: 'incoming', minutes: 11 }], 'FAIL not-handed-on'],
    ['mail that pickup does not take', 'here', [{ queue: 'maildrop', minutes: 11 }], 'FAIL not-handed-on'],
    ['mail on hold', 'here', [{ queue: 'hold', minutes: 1 }], 'WARN held'],
    ['the second MX, for a while', 'second-mx', [{ minutes: 29 }], 'PASS undefined'],
    ['the second MX, for longer', 'second-mx', [{ minutes: 31 }], 'WARN waiting'],
    ['the second MX, for hours', 'second-mx', [{ minutes: 121 }], 'FAIL primary-refuses'],
  ])('%s (%s)', (_, place, given, expected) => {
    const { verdict, reason } = judged(listing(...given), place);
    expect(`${verdict} ${reason}`).toBe(expected);
  });

  test('of what could not be asked is UNKNOWN with its reason, of what is not configured SKIP', () => {
    const none = (reason: string) => judgeQueue('second-mx', { state: 'no-answer', reason, message: 'No.' }, NOW);
    expect(none('unreachable')).toMatchObject({ verdict: 'UNKNOWN', reason: 'unreachable', detail: 'No' });
    expect(none('forbidden')).toMatchObject({ verdict: 'UNKNOWN' });
    expect(none('not-configured')).toMatchObject({ verdict: 'SKIP' });
  });

  test('a clock that is behind makes no negative age', () => {
    expect(judged(listing({ minutes: -30 })).verdict).toBe('PASS');
  });
});

describe('the end of postqueue', () => {
  const ended = (exitCode: number, stderr: string, stdout = '') =>
    queueEvidence('mail-0', { exitCode, stdout, stderr });
  const down = 'postqueue: fatal: Queue report unavailable - mail system is down';

  test('Postfix that does not run is a failure of Postfix, with or without its queue', () => {
    for (const value of [
      ended(69, down),
      ended(0, 'postqueue: warning: Mail system is down -- accessing queue directly', listing({})),
    ]) {
      expect(judgeQueue('here', { state: 'answered', value }, NOW)).toMatchObject({
        verdict: 'FAIL',
        reason: 'postfix-down',
      });
    }
  });

  test('every other failure is no answer', () => {
    expect(() => ended(77, 'postqueue: fatal: User nobody(65534) is not allowed to view the mail queue')).toThrow(
      /does not show its queue/,
    );
    expect(() => ended(64, 'usage: postqueue -f | postqueue -p')).toThrow(/ended with 64: usage/);
    expect(() => ended(127, 'env: postqueue: No such file or directory')).toThrow(/ended with 127/);
  });
});

test('a queue that real Postfix listed is read whole', () => {
  const listed = readFileSync(join(import.meta.dirname, '../../fixtures/mail-log/postqueue.jsonl'), 'utf8');
  const summary = summarise(readQueue(listed));
  expect(summary).toMatchObject({
    total: 3,
    malformed: 0,
    queues: { deferred: 3 },
    domains: [{ domain: 'elsewhere.example.org', messages: 3 }],
  });
  expect(summary.reasons.map(({ code, messages }) => `${code} ${messages}`)).toEqual(['unreachable 3']);
  expect(
    readQueue(readFileSync(join(import.meta.dirname, '../../fixtures/mail-log/postqueue.txt'), 'utf8')),
  ).toMatchObject({ messages: [], malformed: 11 });
});
