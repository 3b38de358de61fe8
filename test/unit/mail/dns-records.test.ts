import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { DnsAnswer } from '../../../src/lib/clients/dns/client.ts';
import { differencesOf } from '../../../src/lib/mail/dns/differences.ts';
import type { DnsRow } from '../../../src/lib/mail/dns/dns-rows.ts';
import { judgeListed, listedName } from '../../../src/lib/mail/dns/records/block-list.ts';
import { judgeDkim } from '../../../src/lib/mail/dns/records/dkim.ts';
import { judgePolicy } from '../../../src/lib/mail/dns/records/mta-sts-policy.ts';
import { judgeDmarc, judgeMtaSts, judgeTlsReports } from '../../../src/lib/mail/dns/records/policies.ts';
import { type Included, judgeSpf } from '../../../src/lib/mail/dns/records/spf.ts';

const word = ({ verdict, reason }: { readonly verdict: string; readonly reason?: string }): string =>
  [verdict, reason].filter((each) => each !== undefined).join(' ');

describe('SPF', () => {
  const known: Readonly<Record<string, Included>> = {
    'relay.test': { state: 'record', text: 'v=spf1 ip4:192.0.2.0/24 -all' },
    'eight.test': { state: 'record', text: `v=spf1 ${'a:x.test '.repeat(8)}-all` },
    'circle.test': { state: 'record', text: 'v=spf1 include:circle.test -all' },
    'silent.test': { state: 'no-answer', reason: 'timeout' },
  };
  const included = (name: string): Included => known[name] ?? { state: 'missing' };

  test.each([
    [['v=spf1 include:relay.test ~all', 'other=1'], 'PASS'],
    [['V=SPF1 mx a:mail.test -ALL'], 'PASS'],
    [['v=spf1 redirect=relay.test'], 'PASS'],
    [['v=spf1'], 'WARN no-end'],
    [['v=spf1 mx ?all'], 'WARN neutral'],
    [['v=spf1 mx +all'], 'FAIL open'],
    [['v=spf1 mx all'], 'FAIL open'],
    [[], 'FAIL missing'],
    [['v=spf10 -all', 'spf1 -all'], 'FAIL missing'],
    [['v=spf1 -all', 'v=spf1 mx -all'], 'FAIL several'],
    [['v=spf1 inclued:relay.test -all'], 'FAIL malformed'],
    [['v=spf1 include:gone.test -all'], 'FAIL include-missing'],
    [['v=spf1 include:eight.test mx -all'], 'PASS'],
    [['v=spf1 include:eight.test mx a -all'], 'FAIL lookups'],
    [['v=spf1 include:circle.test -all'], 'FAIL lookups'],
    [['v=spf1 include:silent.test -all'], 'UNKNOWN timeout'],
    [['v=spf1 exists:%{i}.x.test include:%{d}.y.test -all'], 'PASS'],
  ] as const)('%j is %s', (records, expected) => {
    expect(word(judgeSpf(records, included))).toBe(expected);
  });
});

describe('DKIM', () => {
  const rsa = (bits: number): string =>
    generateKeyPairSync('rsa', { modulusLength: bits })
      .publicKey.export({ format: 'der', type: 'spki' })
      .toString('base64');
  const strong = rsa(2048);

  test.each([
    [[`v=DKIM1; k=rsa; p=${strong}`], 'PASS'],
    [[`p=${strong}`], 'PASS'],
    [[`v=DKIM1; p=${rsa(1024)}`], 'WARN weak'],
    [[`v=DKIM1; p=${rsa(512)}`], 'FAIL weak'],
    [[`v=DKIM1; k=ed25519; p=${Buffer.alloc(32, 7).toString('base64')}`], 'PASS'],
    [[`v=DKIM1; k=ed25519; p=${Buffer.alloc(31, 7).toString('base64')}`], 'FAIL malformed'],
    [[`v=DKIM1; t=y; p=${strong}`], 'WARN testing'],
    [['v=DKIM1; p='], 'FAIL revoked'],
    [[`v=DKIM1; p=${strong.slice(0, 200)}`], 'FAIL malformed'],
    [[`v=DKIM2; p=${strong}`], 'FAIL malformed'],
    [[`p=${strong}`, `v=DKIM1; p=${strong}`], 'FAIL several'],
    [['unrelated'], 'FAIL missing'],
  ])('record %# is judged', (records, expected) => {
    expect(word(judgeDkim(records))).toBe(expected);
  });
});

test.each([
  [['v=DMARC1; p=reject; rua=mailto:a@b.test'], 'PASS'],
  [['v=DMARC1;p=quarantine;pct=100'], 'PASS'],
  [['v=DMARC1; p=none'], 'WARN policy-none'],
  [['v=DMARC1; p=reject; pct=20'], 'WARN partial'],
  [['v=DMARC1; p=refuse'], 'FAIL malformed'],
  [['v=DMARC1; p'], 'FAIL malformed'],
  [['v=DMARC1; p=none', 'v=DMARC1; p=reject'], 'FAIL several'],
  [['something else'], 'FAIL missing'],
])('DMARC %j is %s', (records, expected) => {
  expect(word(judgeDmarc(records))).toBe(expected);
});

test.each([
  [judgeMtaSts, ['v=STSv1; id=20260412'], 'PASS'],
  [judgeMtaSts, ['v=STSv1; id=a b'], 'FAIL malformed'],
  [judgeMtaSts, [], 'SKIP not-published'],
  [judgeTlsReports, ['v=TLSRPTv1; rua=mailto:a@b.test'], 'PASS'],
  [judgeTlsReports, ['v=TLSRPTv1'], 'WARN malformed'],
  [judgeTlsReports, [], 'SKIP not-published'],
] as const)('%o %j is %s', (judge, records, expected) => {
  expect(word(judge(records))).toBe(expected);
});

describe('the policy of MTA-STS', () => {
  const policy = (mode: string, ...mx: readonly string[]): string =>
    ['version: STSv1', `mode: ${mode}`, ...mx.map((name) => `mx: ${name}`), 'max_age: 86400', ''].join('\r\n');

  test.each([
    [200, policy('enforce', 'mail.b.test', '*.c.test'), 'PASS'],
    [200, policy('none'), 'PASS'],
    [200, policy('enforce', 'mail.b.test'), 'FAIL mx-not-covered'],
    [200, policy('testing', 'mail.b.test'), 'WARN mx-not-covered'],
    [200, '<html>404 Not Found</html>', 'WARN inert'],
    [200, '', 'WARN inert'],
    [404, policy('enforce', 'mail.b.test', '*.c.test'), 'WARN inert'],
    [302, '', 'WARN inert'],
  ])('%i %j is %s', (status, body, expected) => {
    expect(word(judgePolicy({ status, body }, ['mail.b.test', 'mx2.c.test']))).toBe(expected);
  });

  test('behind a certificate that is not valid it counts for nothing', () => {
    const answer = { status: 200, body: policy('none'), tls: { authorized: false, reason: 'CERT_HAS_EXPIRED' } };
    expect(word(judgePolicy(answer, ['mail.b.test']))).toBe('WARN certificate');
  });
});

describe('block lists', () => {
  const answer = (...records: readonly string[]): DnsAnswer => ({ state: 'answer', records });

  test.each<[DnsAnswer, string]>([
    [{ state: 'nxdomain' }, 'PASS'],
    [{ state: 'no-data' }, 'PASS'],
    [answer('127.0.0.2'), 'FAIL listed'],
    [answer('127.0.0.4', '127.0.0.11'), 'FAIL listed'],
    [answer('127.0.0.10'), 'WARN policy-list'],
    [answer('127.255.255.252'), 'UNKNOWN refused'],
    [answer('127.255.255.254'), 'UNKNOWN refused'],
    [answer('127.255.255.255'), 'UNKNOWN refused'],
    [answer('127.255.255.1'), 'UNKNOWN refused'],
    [answer('203.0.113.7'), 'UNKNOWN malformed'],
  ])('%j is %s', (given, expected) => {
    expect(word(judgeListed(given, '192.0.2.5', 'zen.test'))).toBe(expected);
  });

  test('the address is asked for from its end', () => {
    expect(listedName('192.0.2.5', 'zen.test')).toBe('5.2.0.192.zen.test');
  });
});

describe('differences', () => {
  const row = (view: DnsRow['view'], got: readonly string[], more: Partial<DnsRow> = {}): DnsRow => ({
    record: 'dmarc',
    name: '_dmarc.b.test',
    type: 'TXT',
    view,
    server: view,
    got,
    verdict: 'PASS',
    detail: '',
    ...more,
  });

  test.each<[string, readonly DnsRow[], number]>([
    ['the same in another order', [row('public', ['a', 'b']), row('authoritative', ['b', 'a'])], 0],
    ['an older record outside', [row('public', ['a']), row('authoritative', ['b'])], 1],
    ['two servers of the zone', [row('authoritative', ['a']), row('authoritative', ['b'], { server: 'ns2' })], 1],
    ['no answer', [row('public', [], { verdict: 'UNKNOWN' }), row('authoritative', ['b'])], 0],
    ['missing, which its row says', [row('internal', [], { verdict: 'FAIL' }), row('public', ['b'])], 0],
    ['another address inside', [row('internal', ['1'], { record: 'a' }), row('public', ['2'], { record: 'a' })], 0],
    [
      'upper case in a name',
      [row('public', ['1 A.test'], { record: 'mx' }), row('authoritative', ['1 a.test'], { record: 'mx' })],
      0,
    ],
  ])('%s', (_, rows, count) => {
    expect(differencesOf(rows)).toHaveLength(count);
  });

  test('what differs is shown without the TXT records beside it', () => {
    const spf = (view: DnsRow['view'], text: string): DnsRow => row(view, ['other=1', text], { record: 'spf' });
    const [found] = differencesOf([spf('public', 'v=spf1 a ~all'), spf('authoritative', 'v=spf1 -all')]);
    expect(found?.detail).toContain('says v=spf1 a ~all, the authoritative one authoritative v=spf1 -all');
  });
});
