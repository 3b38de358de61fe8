import { describe, expect, test } from 'vitest';
import type { Cell } from '../../../src/lib/mail/cells.ts';
import type { Asked, Gathered } from '../../../src/lib/mail/gather.ts';
import type { Hop } from '../../../src/lib/mail/hops.ts';
import { HOPS } from '../../../src/lib/mail/hops.ts';
import { PROTOCOLS } from '../../../src/lib/mail/ports.ts';
import type { ProbeReport } from '../../../src/lib/mail/probe/report.ts';
import { conclude } from '../../../src/lib/mail/verdict/conclusion.ts';
import { findingsOf, statusOf } from '../../../src/lib/mail/verdict/findings.ts';
import { rowsOf } from '../../../src/lib/mail/verdict/rows.ts';
import type { MailProtocol } from '../../../src/lib/site/site.ts';
import { fakeSite } from '../../fakes/site.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const SITE = fakeSite('/repository', { mail: { hostname: 'mail.example.com', haproxy: '10.0.20.1' } });
const PORTS: Readonly<Record<MailProtocol, number>> = { smtp: 25, smtps: 465, submission: 587, imaps: 993 };

const NO_PROBLEM: ProbeReport = {
  problems: [],
  phases: [],
  transcript: [],
  banner: 'mail.example.com ESMTP',
  extensions: undefined,
  tls: undefined,
  connected: true,
  localAddress: undefined,
  sentBytes: 0,
  receivedBytes: 0,
  ms: 5,
};

/** `ok`, or why no connection came to be. */
function asked(hop: Hop, protocol: MailProtocol, how: string, more: Partial<Cell> = {}): Asked {
  const cell: Cell = {
    hop,
    protocol,
    port: PORTS[protocol],
    host: '10.0.20.1',
    dial: PORTS[protocol],
    proxy: 'none',
    serverName: 'mail.example.com',
    judgesCertificate: true,
    ...more,
  };
  const problems = [{ phase: 'connect' as const, reason: how, detail: how }];
  return { cell, report: how === 'ok' ? NO_PROBLEM : { ...NO_PROBLEM, connected: false, banner: undefined, problems } };
}

function rows(all: readonly Asked[], more: Partial<Gathered> = {}) {
  const selection = { hops: HOPS, protocols: PROTOCOLS, deep: false };
  const vantage = { name: 'this machine', inCluster: false };
  return rowsOf({ asked: all, unasked: [], ...more }, { site: SITE, selection, vantage, now: NOW });
}

const verdictsOf = (all: readonly Asked[], hop: Hop): readonly string[] =>
  rows(all)
    .filter((row) => row.hop === hop)
    .map(({ protocol, verdict, reason }) => `${protocol} ${verdict}${reason === undefined ? '' : ` ${reason}`}`);

describe('what cannot be told from here is not a failure of there', () => {
  test('port 25 alone does not answer, here and nowhere: the way out is blocked', () => {
    const all = [
      asked('public-ipv4', 'smtp', 'timeout'),
      asked('public-ipv4', 'submission', 'ok'),
      asked('second-mx', 'smtp', 'timeout'),
    ];
    expect(verdictsOf(all, 'public-ipv4')).toEqual(['smtp INCONCLUSIVE local-egress', 'submission OK']);
    expect(verdictsOf(all, 'second-mx')).toEqual(['smtp INCONCLUSIVE local-egress']);
  });

  test('port 25 does not answer, and the second MX does on the same port: it is broken', () => {
    const all = [
      asked('public-ipv4', 'smtp', 'timeout'),
      asked('public-ipv4', 'submission', 'ok'),
      asked('second-mx', 'smtp', 'ok'),
    ];
    expect(verdictsOf(all, 'public-ipv4')).toEqual(['smtp FAIL timeout', 'submission OK']);
  });

  test('from inside, a public address that leads nowhere at all proves nothing', () => {
    const all = [
      asked('haproxy', 'smtps', 'ok'),
      asked('public-ipv4', 'smtps', 'timeout'),
      asked('public-ipv4', 'imaps', 'timeout'),
      asked('second-mx', 'smtp', 'ok'),
    ];
    expect(verdictsOf(all, 'public-ipv4')).toEqual(['smtps INCONCLUSIVE no-hairpin', 'imaps INCONCLUSIVE no-hairpin']);
  });

  test('one port of several that is refused is broken, from inside too', () => {
    const all = [
      asked('haproxy', 'smtps', 'refused'),
      asked('public-ipv4', 'smtps', 'refused'),
      asked('public-ipv4', 'imaps', 'ok'),
    ];
    expect(verdictsOf(all, 'public-ipv4')).toEqual(['smtps FAIL refused', 'imaps OK']);
  });

  test('from outside all ports are dead while the second MX answers: it is broken', () => {
    const all = [
      ...PROTOCOLS.map((protocol) => asked('public-ipv4', protocol, 'timeout')),
      asked('second-mx', 'smtp', 'ok'),
    ];
    expect(verdictsOf(all, 'public-ipv4')).toEqual(PROTOCOLS.map((protocol) => `${protocol} FAIL timeout`));
  });

  test('without anything else outside that answers, silence proves nothing', () => {
    const all = [asked('public-ipv4', 'smtps', 'timeout'), asked('public-ipv4', 'imaps', 'timeout')];
    expect(verdictsOf(all, 'public-ipv4')).toEqual(['smtps INCONCLUSIVE no-control', 'imaps INCONCLUSIVE no-control']);
  });

  test('a machine without IPv6 has not asked; a refusal there is one', () => {
    expect(verdictsOf([asked('public-ipv6', 'smtps', 'no-network')], 'public-ipv6')).toEqual(['smtps SKIPPED no-ipv6']);
    expect(verdictsOf([asked('public-ipv6', 'smtps', 'refused')], 'public-ipv6')).toEqual(['smtps FAIL refused']);
  });

  test('a laptop outside knows nothing of the nodes', () => {
    const all = [
      asked('node-health', 'smtp', 'timeout'),
      asked('node-proxy', 'smtp', 'timeout'),
      asked('haproxy', 'smtp', 'unreachable'),
      asked('public-ipv4', 'submission', 'ok'),
    ];
    expect(verdictsOf(all, 'node-proxy')).toEqual(['smtp INCONCLUSIVE outside']);
    expect(verdictsOf(all, 'haproxy')).toEqual(['smtp INCONCLUSIVE outside']);
  });

  test('a node that is dead beside a balancer that answers is broken', () => {
    const all = [asked('node-proxy', 'smtp', 'timeout'), asked('haproxy', 'smtp', 'ok')];
    expect(verdictsOf(all, 'node-proxy')).toEqual(['smtp FAIL timeout']);
  });

  test('421 is not an answer', () => {
    const problems = [{ phase: 'banner' as const, reason: 'rate-limited', detail: '421' }];
    const one = asked('haproxy', 'smtp', 'ok');
    const all = [{ ...one, report: { ...one.report, problems } }];
    expect(verdictsOf(all, 'haproxy')).toEqual(['smtp INCONCLUSIVE rate-limited']);
  });
});

describe('a PROXY listener that is asked without a header', () => {
  const withheld = (report: Partial<ProbeReport>) =>
    rows([
      {
        ...asked('node-proxy', 'smtp', 'ok', { proxy: 'withheld' }),
        report: { ...NO_PROBLEM, banner: undefined, ...report },
      },
    ]).map(({ verdict, reason }) => reason ?? verdict);
  const problem = (reason: string) => ({ problems: [{ phase: 'banner' as const, reason, detail: reason }] });

  test.each(['timeout', 'closed'])('%s is what it should do', (reason) => {
    expect(withheld(problem(reason))).toEqual(['EXPECTED-DROP']);
  });

  test('421 too', () => {
    expect(withheld({ ...problem('rate-limited'), banner: '4.3.0 No system resources' })).toEqual(['EXPECTED-DROP']);
  });

  test('so is what Postfix says when it has waited for one', () => {
    expect(withheld({ ...problem('proxy-expected'), banner: '4.3.2 No system resources' })).toEqual(['EXPECTED-DROP']);
  });

  test('a greeting is not', () => {
    expect(withheld({ banner: 'mail.example.com ESMTP' })).toEqual(['proxy-not-required']);
  });
});

describe('the last roundtrip', () => {
  const all = [
    asked('public-ipv4', 'smtp', 'timeout'),
    asked('public-ipv4', 'submission', 'ok'),
    asked('second-mx', 'smtp', 'timeout'),
  ];
  const minutesAgo = (minutes: number, more = {}): Partial<Gathered> => ({
    roundtrip: {
      state: 'answered',
      value: {
        source: 'Prometheus',
        lastSuccess: new Date(NOW.getTime() - minutes * 60_000).toISOString(),
        lastCameBack: true,
        suspended: false,
        ...more,
      },
    },
  });

  test.each([
    [12, {}, 'ok'],
    [39, {}, 'ok'],
    [41, {}, 'fail'],
    [12, { lastCameBack: false }, 'fail'],
    [12, { suspended: true }, 'unknown'],
    [0, { lastSuccess: undefined }, 'fail'],
    [0, { lastSuccess: 'yesterday' }, 'unknown'],
  ])('%i minutes ago, %o: %s', (minutes, more, status) => {
    expect(statusOf(rows(all, minutesAgo(minutes, more)), [])).toBe(status);
  });

  test('without one, a blocked port 25 stays unknown', () => {
    expect(statusOf(rows(all), [])).toBe('unknown');
    const forbidden = { state: 'no-answer', reason: 'forbidden', message: 'may not' } as const;
    expect(statusOf(rows(all, { roundtrip: forbidden }), [])).toBe('unknown');
  });

  test('it never covers what was refused, only what could not be asked', () => {
    const broken = [...all.slice(0, 2), asked('second-mx', 'smtp', 'ok')];
    expect(statusOf(rows(broken, minutesAgo(12)), [])).toBe('fail');
  });
});

describe('one conclusion', () => {
  test('the first broken hop from inside is named, ports with the same break share it', () => {
    const all = [
      ...PROTOCOLS.map((protocol) => asked('node-proxy', protocol, 'ok')),
      asked('haproxy', 'smtp', 'ok'),
      asked('haproxy', 'smtps', 'refused'),
      asked('haproxy', 'imaps', 'refused'),
      asked('public-ipv4', 'smtps', 'refused'),
      asked('public-ipv4', 'submission', 'ok'),
    ];
    const { breaks, summary, state } = conclude(rows(all), SITE);
    expect(state).toBe('broken');
    expect(breaks).toMatchObject([{ code: 'mail.haproxy.down', hop: 'haproxy', protocols: ['smtps', 'imaps'] }]);
    expect(summary).toBe(
      'smtps 465 and imaps 993 break at HAProxy (10.0.20.1:465): refused; every hop inside it that was asked works.',
    );
  });

  test('hops that could not be told are not praised', () => {
    const haproxy = { state: 'no-answer', reason: 'unreachable', message: 'ssh says no' } as const;
    const { summary } = conclude(rows([asked('haproxy', 'smtp', 'refused')], { haproxy }), SITE);
    expect(summary).toContain('inside it, not known: HAProxy state');
  });

  test('a restart of the balancer comes last and says what it costs', () => {
    const [first] = conclude(rows([asked('haproxy', 'smtp', 'refused')]), SITE).breaks;
    expect(first?.next.at(-1)).toMatchObject({ risk: 'write', costs: expect.stringContaining(':443') });
    expect(first?.next[0]).toMatchObject({ risk: 'read' });
  });

  test.each([
    ['node-health', 'banner', 'proxy-expected', 'mail.listener.broken'],
    ['node-health', 'starttls', 'starttls-missing', 'mail.listener.broken'],
    ['node-health', 'connect', 'refused', 'mail.node.port'],
    ['node-proxy', 'connect', 'refused', 'mail.node.port'],
    ['node-proxy', 'proxy', 'proxy-refused', 'mail.proxy.not-accepted'],
    ['haproxy', 'banner', 'proxy-expected', 'mail.proxy.not-sent'],
    ['haproxy', 'connect', 'refused', 'mail.haproxy.down'],
  ] as const)('%s, %s, %s: %s', (hop, phase, reason, code) => {
    const one = asked(hop, 'submission', reason === 'refused' ? reason : 'ok');
    const problems = [{ phase, reason, detail: reason }];
    const [found] = conclude(rows([{ ...one, report: { ...one.report, problems } }]), SITE).breaks;
    expect(found).toMatchObject({ code, hop, reason });
  });

  test('nothing asked is not healthy', () => {
    expect(conclude(rows([]), SITE).state).toBe('undetermined');
  });
});

test('a pool that has lost a server works, and is a warning', () => {
  const site = fakeSite('/repository', {
    mail: { hostname: 'mail.example.com', ports: { smtp: { port: 25, nodePort: 30_125 } } },
  });
  const server = (name: string, isUp: boolean) => ({ backend: 'b', server: name, address: name, port: 30_125, isUp });
  const found = (...servers: ReturnType<typeof server>[]) => {
    const gathered = { asked: [], unasked: [], haproxy: { state: 'answered', value: servers } } as const;
    const selection = { hops: HOPS, protocols: PROTOCOLS, deep: false };
    const vantage = { name: 'this machine', inCluster: false };
    const all = rowsOf(gathered, { site, selection, vantage, now: NOW });
    return {
      rows: all.map(({ verdict, got }) => `${verdict} ${got}`),
      status: statusOf(all, findingsOf(all, 'x', NOW)),
    };
  };
  expect(found(server('node1', true), server('node2', true))).toEqual({ rows: ['OK 2 of 2 up'], status: 'ok' });
  expect(found(server('node1', true), server('node2', false))).toEqual({ rows: ['OK 1 of 2 up'], status: 'warn' });
  expect(found(server('node1', false))).toEqual({ rows: ['FAIL every server is down: node1'], status: 'fail' });
  expect(found()).toEqual({ rows: ['FAIL no backend forwards to port 30125'], status: 'fail' });
});

describe('certificates', () => {
  const shown = (hop: Hop, fingerprint: string, notAfter: string): Asked => {
    const one = asked(hop, 'smtps', 'ok');
    const certificate = {
      subject: 'mail.example.com',
      issuer: 'R11',
      names: ['mail.example.com'],
      notBefore: undefined,
      notAfter,
      fingerprint,
      chainLength: 3,
    };
    const tls = { protocol: 'TLSv1.3', cipher: 'x', trusted: true, nameMatches: true, certificate };
    return { ...one, report: { ...one.report, tls } };
  };
  const LATER = '2027-01-20T00:00:00.000Z';

  test.each([
    ['2026-11-20T00:00:00.000Z', 'FAIL'],
    ['2026-11-30T00:00:00.000Z', 'WARN'],
    [LATER, 'PASS'],
  ])('one that ends on %s: %s', (notAfter, verdict) => {
    const found = findingsOf(rows([shown('haproxy', 'a', notAfter)]), 'mail.example.com', NOW);
    expect(found.find(({ id }) => id === 'mail.certificate.expiry')?.verdict).toBe(verdict);
  });

  test('one listener with another one than the rest is told', () => {
    const all = [shown('node-health', 'a', LATER), shown('haproxy', 'b', LATER), shown('public-ipv4', 'a', LATER)];
    const found = findingsOf(rows(all), 'mail.example.com', NOW).find(({ id }) => id === 'mail.certificate.equal');
    expect(found).toMatchObject({ verdict: 'WARN', detail: expect.stringContaining('smtps at HAProxy') });
  });

  test('without any certificate nothing is said about them', () => {
    expect(findingsOf(rows([asked('haproxy', 'smtp', 'ok')]), 'mail.example.com', NOW)).toEqual([]);
  });
});
