/** Lines as the programs' own sources word them, in every way they can reach us; then lines that nobody wrote. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMailLine } from '../../../src/lib/mail/log/mail-line.ts';
import { readFact } from '../../../src/lib/mail/log/read-fact.ts';
import { assemble } from '../../../src/lib/mail/trace/assemble.ts';
import { foldLogs } from '../../../src/lib/mail/trace/fold-logs.ts';
import type { TraceKey } from '../../../src/lib/mail/trace/key.ts';
import { STORE_LIMITS } from '../../../src/lib/mail/trace/store.ts';
import { DOVECOT_LINES, HAPROXY_LINES, RSPAMD_LINES } from './lines/others.ts';
import { POSTFIX_LINES } from './lines/postfix.ts';
import type { Written } from './lines/written.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const AT = Date.parse('2026-11-20T10:15:42Z');

const captured = (name: string): readonly string[] =>
  readFileSync(join(import.meta.dirname, `../../fixtures/mail-log/${name}.log`), 'utf8').split('\n');

describe.each<[string, readonly Written[], readonly string[]]>([
  ['postfix', POSTFIX_LINES, captured('postfix')],
  ['dovecot', DOVECOT_LINES, captured('dovecot')],
  ['rspamd', RSPAMD_LINES, []],
  ['haproxy', HAPROXY_LINES, captured('haproxy')],
])('%s', (component, written, real) => {
  test('is known by 200 different lines, captured or worded by its source, and each says what it says', () => {
    expect(new Set([...written.map(({ line }) => line), ...real]).size).toBeGreaterThanOrEqual(200);
    for (const { line, fact } of written) {
      const read = readFact(line, NOW);
      if (fact === undefined) expect([line, read?.fact]).toEqual([line, undefined]);
      else expect({ line, ...read?.fact }).toMatchObject({ line, ...fact });
    }
  });

  test('has its program and a time near the one that is written', () => {
    for (const { line } of written) {
      const read = readMailLine(line, NOW);
      if (read === undefined) continue;
      expect([line, read.component]).toEqual([line, component]);
      if (read.atMs !== undefined) expect([line, Math.abs(read.atMs - AT) < 3 * 86_400_000]).toEqual([line, true]);
    }
    expect(written.filter(({ line }) => readMailLine(line, NOW) === undefined)).toEqual([]);
  });
});

const CAPTURED = ['postfix', 'dovecot', 'haproxy'].flatMap(captured);
const ALL = [
  ...CAPTURED,
  ...[POSTFIX_LINES, DOVECOT_LINES, RSPAMD_LINES, HAPROXY_LINES].flatMap((each) => each.map(({ line }) => line)),
];
const KEYS: readonly TraceKey[] = [
  { kind: 'last' },
  { kind: 'queue-id', id: '4gBn5T3PVKz8Hk' },
  { kind: 'message-id', id: 'a-1@example.org' },
  { kind: 'addresses', from: 'ann@example.org' },
  { kind: 'addresses', to: '@example.com' },
];

describe('lines that nobody wrote', () => {
  test('are read without a crash', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (text) => {
        readFact(text, NOW);
      }),
      { numRuns: 500 },
    );
  });

  test('nor are lines that are cut, joined or damaged somewhere', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...ALL),
        fc.constantFrom(...ALL),
        fc.nat(400),
        fc.nat(400),
        fc.string({ unit: 'binary', maxLength: 5 }),
      )
      .map(([a, b, cut, from, noise]) => `${a.slice(0, cut)}${noise}${b.slice(from)}`);
    fc.assert(
      fc.property(damaged, (line) => {
        const read = readFact(line, NOW);
        if (read !== undefined) expect(JSON.parse(JSON.stringify(read.fact))).toEqual(read.fact);
      }),
      { numRuns: 2000 },
    );
  });

  test('make a story out of any order of lines, for every key', async () => {
    const some = fc.tuple(fc.array(fc.constantFrom(...ALL), { maxLength: 80 }), fc.constantFrom(...KEYS));
    await fc.assert(
      fc.asyncProperty(some, async ([lines, key]) => {
        const { gathered } = await foldLogs(key, [{ name: 'log', isMain: true, open: () => lines }], NOW);
        const mails = assemble(gathered);
        for (const mail of mails) {
          expect(mail.recipients.length).toBeGreaterThan(0);
          expect(mail.steps.every(({ at }) => !Number.isNaN(Date.parse(at)))).toBe(true);
        }
        expect(JSON.parse(JSON.stringify(mails))).toEqual(mails);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['brackets', 'connect from '.concat('['.repeat(200_000))],
    ['addresses', `4gBn5T3PVKz8Hk: to=<${'a@'.repeat(100_000)}`],
    ['spaces', `Nov 20 10:15:42 mail postfix/smtpd[1]:${' '.repeat(200_000)}`],
    [
      'replies',
      `4gBn5T3PVKz8Hk: to=<a@b>, relay=none, delay=1, dsn=4.0.0, status=deferred (${'queued as '.repeat(50_000)}`,
    ],
    [
      'symbols',
      `rspamd[1]: <a>; task; rspamd_task_write_log: id: <x>, (default: F (no action): [1.00/1.00] [${'A_B(1.00){},'.repeat(50_000)}`,
    ],
    ['refusals', `Nov 20 10:15:42 mail postfix/smtpd[1]: NOQUEUE: reject: RCPT from ${'x; from=<'.repeat(50_000)}`],
    ['colons', ':'.repeat(300_000)],
    ['dates', '20/Nov/2026:10:15:42.100 ['.repeat(20_000)],
    ['zeroes', '\0'.repeat(300_000)],
  ])('of very many %s end', (_, line) => {
    readFact(line, NOW);
    readFact(`Nov 20 10:15:42 mail postfix/smtpd[1]: ${line}`, NOW);
    readFact(`Nov 20 10:15:42 mail dovecot: lmtp(a)<1><2>: ${line}`, NOW);
  });
});

/** One mail in five lines, `nth` of many; long ids of that time. */
function* mailNr(nth: number): Generator<string> {
  const id = `4gBn${[...nth.toString(8).padStart(7, '0')].map((digit) => 'BCDFGHJK'[Number(digit)]).join('')}zHk`;
  const stamp = `${new Date(AT + nth * 100).toISOString().replace('Z', '000000Z')} mail`;
  yield `${stamp} postfix/smtpd[${nth % 90}]: connect from mx.example.net[203.0.113.${nth % 250}]`;
  yield `${stamp} postfix/smtpd[${nth % 90}]: ${id}: client=mx.example.net[203.0.113.${nth % 250}]`;
  yield `${stamp} postfix/cleanup[7]: ${id}: message-id=<nr-${nth}@example.net>`;
  yield `${stamp} postfix/qmgr[8]: ${id}: from=<from-${nth}@example.net>, size=4711, nrcpt=1 (queue active)`;
  yield `${stamp} postfix/lmtp[9]: ${id}: to=<to-${nth % 1000}@example.com>, relay=mail[/run/dovecot/lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <to-${nth % 1000}@example.com> Session${nth} Saved)`;
  yield `${stamp} postfix/qmgr[8]: ${id}: removed`;
}

describe('a log of many megabytes', () => {
  const MAILS = 40_000;
  const open = function* (): Generator<string> {
    for (let nth = 0; nth < MAILS; nth += 1) yield* mailNr(nth);
  };
  const find = async (key: TraceKey) => {
    const { gathered, read } = await foldLogs(key, [{ name: 'log', isMain: true, open }], NOW);
    return { mails: assemble(gathered), gathered, bytes: read[0]?.bytes ?? 0 };
  };

  test.each([0, 1, 17_000, MAILS - 1])('holds mail %i, found by its message id among all', async (nth) => {
    const { mails, bytes } = await find({ kind: 'message-id', id: `nr-${nth}@example.net` });
    expect(bytes).toBeGreaterThan(25_000_000);
    expect(mails.map(({ messageId, state, isBegun }) => [messageId, state, isBegun])).toEqual([
      [`nr-${nth}@example.net`, 'delivered', true],
    ]);
  });

  test('keeps no more than it may, and says what it forgot', async () => {
    const { gathered, mails } = await find({ kind: 'addresses', to: '@example.com' });
    expect(gathered.sessions.length).toBeLessThanOrEqual(STORE_LIMITS.matches);
    expect(gathered.forgotten).toBeGreaterThan(0);
    expect(mails[0]?.messageId).toBe(`nr-${MAILS - 1}@example.net`);
  });

  test('tells the last one', async () => {
    const { mails } = await find({ kind: 'last' });
    expect(mails.map(({ messageId }) => messageId)).toEqual([`nr-${MAILS - 1}@example.net`]);
  });
});

describe('a log that was rotated', () => {
  const lines = [...mailNr(5)];
  const parts = [lines.slice(0, 3), lines.slice(3)].map((part, at) => ({
    name: `log.${at}`,
    isMain: true,
    open: () => part,
  }));
  const key: TraceKey = { kind: 'message-id', id: 'nr-5@example.net' };

  test('in the middle of a mail is one story, from both its parts', async () => {
    const [mail] = assemble((await foldLogs(key, parts, NOW)).gathered);
    expect([mail?.state, mail?.isBegun, mail?.steps.length]).toEqual(['delivered', true, lines.length]);
  });

  test('without its older part the mail is found by its queue id, and its beginning is missed', async () => {
    const id = /: (\w+): from=/.exec(lines[3] ?? '')?.[1] ?? '';
    const [mail] = assemble((await foldLogs({ kind: 'queue-id', id }, parts.slice(1), NOW)).gathered);
    expect([mail?.state, mail?.isBegun, mail?.messageId]).toEqual(['delivered', false, undefined]);
    expect(assemble((await foldLogs(key, parts.slice(1), NOW)).gathered)).toEqual([]);
  });

  test('without its newer part nobody says that it was delivered', async () => {
    const [mail] = assemble((await foldLogs(key, parts.slice(0, 1), NOW)).gathered);
    expect([mail?.state, mail?.verdict]).toEqual(['unknown', 'UNKNOWN']);
  });

  test('short ids that are used again are two mails', async () => {
    const again = [...mailNr(5)].map((line) => line.replaceAll('nr-5@', 'nr-6@').replaceAll('10:15:42', '11:15:42'));
    const all = [{ name: 'log', isMain: true, open: () => [...lines, ...again] }];
    const id = /: (\w+): from=/.exec(lines[3] ?? '')?.[1] ?? '';
    const mails = assemble((await foldLogs({ kind: 'queue-id', id }, all, NOW)).gathered);
    expect(mails.map(({ messageId }) => messageId)).toEqual(['nr-6@example.net', 'nr-5@example.net']);
  });
});
