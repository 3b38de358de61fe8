import { describe, expect, test } from 'vitest';
import type { Row } from '../../../../src/lib/mail/hops.ts';
import { judgeHops, type Look } from '../../../../src/lib/runbooks/mail/judge/judge-hop.ts';

const row = (more: Partial<Row>): Row => ({
  ...{
    protocol: 'smtp',
    port: 25,
    hop: 'haproxy',
    endpoint: '10.0.20.1:25',
    proxy: 'none',
    expected: '',
    got: '220 ok',
  },
  ...{ verdict: 'OK', ms: 5 },
  ...more,
});
const refused = row({ verdict: 'FAIL', reason: 'refused', phase: 'connect', got: 'connection refused' });
const look: Look = (_, inner) => ({
  observation: 'haproxy.unreachable',
  ...(inner('node-health', 'node-proxy') ? { cause: 'mail.haproxy.down' } : {}),
});
const health = row({ hop: 'node-health' });
const proxied = row({ hop: 'node-proxy' });

describe('a hop proves its own cause', () => {
  test('where everything inside it is known to be well', () => {
    const judged = judgeHops([health, proxied, refused], ['haproxy'], look);
    expect(judged).toMatchObject({
      verdict: 'FAIL',
      detail: 'smtp: connection refused',
      observations: [{ code: 'haproxy.unreachable', subject: 'smtp' }],
      causes: [{ code: 'mail.haproxy.down', detail: 'smtp' }],
    });
  });

  test.each<[string, readonly Row[]]>([
    ['nobody asked', [proxied]],
    ['is broken', [row({ hop: 'node-health', verdict: 'FAIL', reason: 'refused' }), proxied]],
    ['could not be told', [row({ hop: 'node-health', verdict: 'INCONCLUSIVE', reason: 'rate-limited' }), proxied]],
    ['is not configured', [health, row({ hop: 'node-proxy', verdict: 'SKIPPED', reason: 'not-configured' })]],
    ['is well for another port only', [row({ hop: 'node-health', protocol: 'imaps' }), proxied]],
  ])('and not where a hop inside it %s', (_, inner) => {
    const judged = judgeHops([...inner, refused], ['haproxy'], look);
    expect(judged).toMatchObject({ verdict: 'FAIL', causes: [] });
  });

  test('although IMAPS has no health port', () => {
    const imaps = { protocol: 'imaps' } as const;
    const rows = [
      row({ ...imaps, hop: 'node-health', verdict: 'SKIPPED', reason: 'not-configured' }),
      { ...proxied, ...imaps },
      { ...refused, ...imaps },
    ];
    expect(judgeHops(rows, ['haproxy'], look).causes).toEqual([{ code: 'mail.haproxy.down', detail: 'imaps' }]);
  });
});

describe('without a failure', () => {
  test('one cell that could not be told makes the whole hop unknown', () => {
    const judged = judgeHops(
      [row({}), row({ protocol: 'imaps', verdict: 'INCONCLUSIVE', reason: 'outside' })],
      ['haproxy'],
      look,
    );
    expect(judged).toMatchObject({ verdict: 'UNKNOWN', reason: 'outside' });
  });

  test('a cell that a roundtrip covers is known, and it says so', () => {
    const covered = row({ verdict: 'INCONCLUSIVE', reason: 'local-egress', got: 'timeout.', coveredBy: 'roundtrip' });
    const judged = judgeHops([covered], ['haproxy'], look);
    expect(judged).toMatchObject({ verdict: 'PASS', detail: 'smtp: timeout; the last roundtrip covers it' });
  });

  test('what is not configured is skipped', () => {
    const skipped = row({ verdict: 'SKIPPED', reason: 'not-configured', got: 'mail.haproxy is not set' });
    expect(judgeHops([skipped], ['haproxy'], look)).toMatchObject({ verdict: 'SKIP', reason: 'not-configured' });
    expect(judgeHops([], ['haproxy'], look)).toMatchObject({ verdict: 'SKIP', reason: 'not-configured' });
  });
});
