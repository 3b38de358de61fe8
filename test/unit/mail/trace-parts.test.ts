import { describe, expect, test } from 'vitest';
import { readQueue } from '../../../src/lib/mail/queue/read-queue.ts';
import { summarise } from '../../../src/lib/mail/queue/summary.ts';
import { assemble } from '../../../src/lib/mail/trace/assemble.ts';
import { foldLogs } from '../../../src/lib/mail/trace/fold-logs.ts';
import type { TraceKey } from '../../../src/lib/mail/trace/key.ts';
import { withQueue } from '../../../src/lib/mail/trace/queue-now.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const [A, B] = ['4gBn5TFLTz6Hk', '4gBn5TGBZz7Hk'];

/** `10:15:42 smtpd[1]: text` as syslog has it. */
const lines = (...texts: readonly string[]): readonly string[] =>
  texts.map((text) => text.replace(/^(\S+) /, 'Nov 20 $1 mail postfix/'));

async function traced(key: TraceKey, log: readonly string[]) {
  return assemble((await foldLogs(key, [{ name: 'log', isMain: true, open: () => log }], NOW.getTime())).gathered);
}

test('a log is cut by its bytes, whatever its letters are', async () => {
  const line = 'ä'.repeat(50);
  const source = { name: 'log', isMain: true, open: () => [line, line] };
  const isCut = async (limitBytes: number): Promise<boolean | undefined> =>
    (await foldLogs({ kind: 'last' }, [{ ...source, limitBytes }], NOW.getTime())).read[0]?.isCut;
  expect([await isCut(202), await isCut(203)]).toEqual([true, false]);
});

describe('parts of one mail', () => {
  // The log of the second part was cut: its message id is missing.
  const handedOn = lines(
    `10:15:42 smtpd[1]: ${A}: client=unknown[203.0.113.20]`,
    `10:15:42 cleanup[2]: ${A}: message-id=<a@example.com>`,
    `10:15:43 smtp[3]: ${A}: to=<bob@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ${B})`,
    `10:15:43 qmgr[4]: ${A}: removed`,
    `10:15:44 lmtp[5]: ${B}: to=<bob@example.com>, relay=mail[/run/lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Saved)`,
    `10:15:44 qmgr[4]: ${B}: removed`,
  );

  test.each<[string, TraceKey]>([
    ['the first id', { kind: 'queue-id', id: A }],
    ['the second id', { kind: 'queue-id', id: B }],
    ['the message id', { kind: 'message-id', id: 'a@example.com' }],
  ])('are found together by %s', async (_, key) => {
    const mails = await traced(key, handedOn);
    expect(mails.map(({ queueIds, state }) => [queueIds, state])).toEqual([[[A, B], 'delivered']]);
  });

  const visit = (passed: string, begun: string) =>
    lines(
      '10:15:30 postscreen[9]: CONNECT from [203.0.113.20]:41000 to [10.0.20.1]:25',
      `${passed} postscreen[9]: PASS NEW [203.0.113.20]:41000`,
      `${begun} smtpd[1]: connect from unknown[203.0.113.20]`,
      `${begun} smtpd[1]: ${A}: client=unknown[203.0.113.20]`,
    );
  const stages = async (log: readonly string[]) =>
    (await traced({ kind: 'queue-id', id: A }, log))[0]?.steps.map(({ stage }) => stage);

  test('are what postscreen wrote of the same connection, just before; not of an earlier one', async () => {
    expect(await stages(visit('10:15:36', '10:15:36'))).toEqual(['postscreen', 'postscreen', 'smtpd', 'smtpd']);
    expect(await stages(visit('10:15:36', '10:25:36'))).toEqual(['smtpd', 'smtpd']);
  });
});

describe('what the queue says', () => {
  const waits = lines(
    `10:15:42 smtpd[1]: ${A}: client=unknown[203.0.113.20]`,
    `10:15:42 qmgr[4]: ${A}: from=<ann@example.com>, size=1, nrcpt=1 (queue active)`,
    `10:15:43 smtp[3]: ${A}: to=<bob@example.net>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to mx[198.51.100.7]:25: Connection timed out)`,
  );
  const key: TraceKey = { kind: 'addresses', to: 'bob@example.net' };
  const listed = (id: string, queue = 'deferred') =>
    `${JSON.stringify({ queue_name: queue, queue_id: id, arrival_time: 1_795_169_742, message_size: 1, sender: 'ann@example.com', recipients: [{ address: 'bob@example.net', delay_reason: 'connect to mx[198.51.100.7]:25: Connection timed out' }] })}\n`;
  const told = async (listing: string, isCut = false) => {
    const mails = withQueue(await traced(key, waits), key, readQueue(listing, isCut), NOW);
    return mails.map(({ queueIds, state, now }) => `${queueIds.join()} ${state} ${now?.queue}`);
  };

  test('that it is there: it waits', async () => {
    expect(await told(listed(A))).toEqual([`${A} deferred deferred`]);
  });

  test('that it is not there any more: nobody knows where it is', async () => {
    expect(await told('')).toEqual([`${A} unknown none`]);
  });

  test('proves no absence where only a part of it could be read', async () => {
    expect(await told('garbage')).toEqual([`${A} deferred undefined`]);
    expect(await told(listed(B).slice(0, 30), true)).toEqual([`${A} deferred undefined`]);
  });

  test('adds what is older than the log', async () => {
    const both = await told(listed(A) + listed(B, 'hold'));
    expect(new Set(both)).toEqual(new Set([`${B} held hold`, `${A} deferred deferred`]));
  });

  test('with and without “temporarily suspended” is one reason', () => {
    const reason = 'connect to mx[198.51.100.7]:25: Connection timed out';
    const suspended = listed(B).replace(reason, `delivery temporarily suspended: ${reason}`);
    expect(summarise(readQueue(listed(A) + suspended)).reasons.map(({ messages }) => messages)).toEqual([2]);
  });
});
