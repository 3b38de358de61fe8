/** The parsers and the trace on lines that real Postfix, Dovecot and HAProxy wrote (test/fixtures/mail-log). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMailLine } from '../../../src/lib/mail/log/mail-line.ts';
import { isQueueId } from '../../../src/lib/mail/log/postfix.ts';
import { readFact } from '../../../src/lib/mail/log/read-fact.ts';
import { assemble } from '../../../src/lib/mail/trace/assemble.ts';
import { foldLogs } from '../../../src/lib/mail/trace/fold-logs.ts';
import type { TraceKey } from '../../../src/lib/mail/trace/key.ts';
import type { TracedMail } from '../../../src/lib/mail/trace/traced.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const FOLDER = join(import.meta.dirname, '../../fixtures/mail-log');
const linesOf = (name: string): readonly string[] =>
  readFileSync(join(FOLDER, `${name}.log`), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const POSTFIX = linesOf('postfix');
const DOVECOT = linesOf('dovecot');
const HAPROXY = linesOf('haproxy');

const factsIn = (lines: readonly string[]) => lines.map((line) => readFact(line, NOW)?.fact);
const count = (lines: readonly string[], pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
const kinds = (lines: readonly string[], kind: string): number =>
  factsIn(lines).filter((fact) => fact?.kind === kind).length;

async function traced(key: TraceKey, ...names: readonly string[]): Promise<readonly TracedMail[]> {
  const all = names.length === 0 ? ['postfix', 'dovecot', 'haproxy'] : names;
  const sources = all.map((name) => ({ name, isMain: name === 'postfix', open: () => linesOf(name) }));
  return assemble((await foldLogs(key, sources, NOW)).gathered);
}

describe('lines of real servers', () => {
  test('are enough, and each has its program and its time', () => {
    expect([POSTFIX.length, DOVECOT.length, HAPROXY.length].every((length) => length >= 100)).toBe(true);
    for (const line of POSTFIX) {
      const read = readMailLine(line, NOW);
      expect(read).toMatchObject({ component: 'postfix', atMs: Date.parse(`${line.slice(0, 15)} 2026 UTC`) });
      const [, program = '', pid] = / mail (\S+)\[(\d+)\]: /.exec(line) ?? [];
      expect(`${read?.daemon} ${read?.pid}`).toBe(`${program.split('/').at(-1)} ${pid}`);
      expect(read?.listener).toBe(program.split('/').length > 2 ? program.split('/')[1] : undefined);
    }
    for (const line of DOVECOT) expect(readMailLine(line, NOW)).toMatchObject({ component: 'dovecot' });
    const known = HAPROXY.map((line) => readMailLine(line, NOW)?.component);
    expect(known.filter((each) => each === 'haproxy').length).toBeGreaterThanOrEqual(100);
  });

  test('tell every delivery, arrival, connection and refusal that they contain', () => {
    expect(kinds(POSTFIX, 'delivery')).toBe(count(POSTFIX, / status=(?:sent|deferred|bounced)/));
    expect(kinds(POSTFIX, 'client')).toBe(count(POSTFIX, /: client=/));
    expect(kinds(POSTFIX, 'pickup')).toBe(count(POSTFIX, /pickup\[/));
    expect(kinds(POSTFIX, 'message-id')).toBe(count(POSTFIX, /: message-id=/));
    expect(kinds(POSTFIX, 'queued')).toBe(count(POSTFIX, /\(queue active\)$/));
    expect(kinds(POSTFIX, 'removed')).toBe(count(POSTFIX, /: removed$/));
    expect(kinds(POSTFIX, 'notice')).toBe(count(POSTFIX, /notification: /));
    expect(kinds(POSTFIX, 'action')).toBe(count(POSTFIX, /NOQUEUE: reject: /));
    expect(kinds(POSTFIX, 'connect')).toBe(count(POSTFIX, /\]: (?:connect|CONNECT) from /));
    expect(kinds(POSTFIX, 'tls')).toBe(count(POSTFIX, /TLS connection established from/));
    expect(kinds(DOVECOT, 'mailbox')).toBe(count(DOVECOT, /: saved mail to /));
    expect(kinds(HAPROXY, 'balanced')).toBe(count(HAPROXY, /^[\da-f.:]+:\d+ \[[^\]]+\] \S+ \S+\/\S+ -?\d+\//));
  });

  test('tell who it was, as they are written', () => {
    const submitted = factsIn(POSTFIX).filter((fact) => fact?.kind === 'client' && fact.login !== undefined);
    expect(submitted.length).toBe(
      count(POSTFIX, /sasl_username=alice@example\.test$/) -
        count(POSTFIX, /authentication failed.*sasl_username=alice@example\.test$/),
    );
    const addresses = factsIn(POSTFIX).flatMap((fact) => (fact?.kind === 'connect' ? [fact.client.address] : []));
    expect(new Set(addresses).has('2001:db8:7::25')).toBe(true);
    expect(addresses.every((address) => /^[\da-f.:]+$/.test(address))).toBe(true);
  });
});

describe('a mail of real servers', () => {
  const ids = [...new Set(POSTFIX.flatMap((line) => /: (\w+): (?:client|uid)=/.exec(line)?.[1] ?? []))];

  test.each(ids)('%s is found by its queue id, with all its lines', async (id) => {
    const mails = await traced({ kind: 'queue-id', id });
    expect(mails.length).toBe(1);
    expect(mails[0]?.queueIds).toContain(id);
    expect(mails[0]?.isBegun).toBe(true);
    const own = POSTFIX.filter((line) => new RegExp(`\\]: (?:warning: )?${id}: `).test(line)).length;
    expect(mails[0]?.steps.filter(({ queueId }) => queueId === id).length).toBe(own);
  });

  const messageIds = [...new Set(POSTFIX.flatMap((line) => /: message-id=<(.*)>$/.exec(line)?.[1] ?? []))];

  test.each(messageIds)('<%s> is found by its message id', async (id) => {
    const [mail, ...others] = await traced({ kind: 'message-id', id });
    expect([mail?.messageId, others]).toEqual([id, []]);
  });

  test('is found by its sender and recipient, in any case; others are not', async () => {
    const mails = await traced({ kind: 'addresses', from: 'Alice@Example.test', to: 'gone@elsewhere.example.org' });
    expect(mails.map(({ state, messageId }) => [state, messageId])).toEqual([['bounced', 'out-2@example.test']]);
    const domain = await traced({ kind: 'addresses', to: '@elsewhere.example.org' });
    expect(new Set(domain.flatMap(({ recipients }) => recipients.map(({ address }) => address.split('@')[1])))).toEqual(
      new Set(['elsewhere.example.org']),
    );
    expect((await traced({ kind: 'addresses', from: '<>' })).every(({ from }) => from === '')).toBe(true);
  });

  test('is found when it was the last one', async () => {
    const [mail] = await traced({ kind: 'last' });
    const last = POSTFIX.findLast((line) => /: client=/.test(line));
    expect(mail?.queueIds).toEqual([/\]: (\w+): client=/.exec(last ?? '')?.[1]]);
  });

  test('ends in a mailbox, and Dovecot says in which', async () => {
    const [mail] = await traced({ kind: 'message-id', id: 'several-1@sender.example.org' });
    expect(mail?.recipients.map(({ address, state, where }) => `${address} ${state} ${where}`)).toEqual([
      'alice@example.test delivered mailbox INBOX',
      'spam@example.test delivered mailbox INBOX',
    ]);
    const [without] = await traced({ kind: 'message-id', id: 'several-1@sender.example.org' }, 'postfix');
    expect(without?.recipients[0]?.where).toBe('mail.example.test[/run/dovecot/lmtp]');
  });

  test('came over the balancer, through postscreen, in this order', async () => {
    const [mail] = await traced({ kind: 'message-id', id: 'balanced-1@sender.example.org' });
    const stages = mail?.steps.map(({ stage }) => stage) ?? [];
    expect(stages.filter((stage, at) => stage !== stages[at - 1])).toEqual([
      'balancer',
      'postscreen',
      'smtpd',
      'cleanup',
      'queue',
      'mailbox',
      'delivery',
      'queue',
    ]);
    expect(mail?.steps[0]?.text).toContain('k8s-node1');
  });

  test('that was put into the queue again has both ids, the new one last', async () => {
    const [old, now] =
      /: (\w+): uid=.*orig_id=(\w+)/
        .exec(POSTFIX.find((line) => /orig_id=/.test(line)) ?? '')
        ?.slice(1)
        .toReversed() ?? [];
    for (const id of [old, now]) {
      const [mail] = await traced({ kind: 'queue-id', id: id ?? '' });
      expect(mail?.queueIds).toEqual([old, now]);
      expect(mail?.state).toBe('deferred');
    }
  });

  test('that a table of ours could not be asked about was not taken', async () => {
    const id = /warning: (\w+): .* message not accepted/.exec(POSTFIX.join('\n'))?.[1] ?? '';
    const [mail] = await traced({ kind: 'queue-id', id });
    expect(mail?.recipients[0]).toMatchObject({ state: 'rejected', code: 'lookup', whose: 'ours' });
  });

  test('that was refused before it had an id is found by its addresses', async () => {
    const mails = await traced({ kind: 'addresses', to: 'nobody@example.test' });
    expect(mails.map(({ queueIds, state }) => [queueIds, state])).toEqual([[[], 'rejected']]);
    expect(mails[0]?.recipients[0]).toMatchObject({
      code: 'no-such-user',
      reason: expect.stringContaining('User unknown'),
    });
  });

  test('has the state that its last delivery tells', async () => {
    const all = await traced({ kind: 'addresses', to: '@example.test' });
    for (const mail of all) {
      for (const { address, state } of mail.recipients) {
        const last = POSTFIX.findLast((line) => mail.queueIds.some((id) => line.includes(`]: ${id}: to=<${address}>`)));
        const status = /status=(\w+)/.exec(last ?? '')?.[1];
        if (status !== undefined) expect([status, state]).toEqual([status, status === 'sent' ? 'delivered' : status]);
      }
    }
  });
});

test('every word in the place of a queue id is one, and no other', () => {
  for (const line of POSTFIX) {
    const word = /\]: (\w+): (?:client|uid|message-id|from|to)=/.exec(line)?.[1];
    if (word !== undefined) expect([word, isQueueId(word)]).toEqual([word, true]);
  }
  for (const word of [
    'warning',
    'connect',
    'NOQUEUE',
    'statistics',
    'fatal',
    'disconnect',
    'PASS',
    'CONNECT',
    'lost',
  ]) {
    expect([word, isQueueId(word)]).toEqual([word, false]);
  }
});
