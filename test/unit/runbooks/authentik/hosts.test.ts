import { describe, expect, test } from 'vitest';
import { rememberedHosts, rememberHosts } from '../../../../src/lib/runbooks/authentik/evidence/remembered-hosts.ts';
import { edgeHosts, type HostsEvidence } from '../../../../src/lib/runbooks/authentik/probes/edge-hosts.ts';
import { given } from './support.ts';

const MISSING = { reason: 'timeout', message: 'no answer within 5 s' };
const FOUND: HostsEvidence = {
  ...{
    source: 'ingresses' as const,
    hosts: ['a.example.com', 'b.example.com'],
    found: 9,
    authentik: 'auth.example.com',
  },
  by: { 'a.example.com': 'one', 'b.example.com': 'two' },
};
const AT = '2026-04-17T08:00:00Z';

describe('hosts of the last run', () => {
  test('are asked with their outposts, and called what they are', () => {
    const hosts = rememberedHosts(MISSING, rememberHosts(FOUND, AT)) ?? expect.fail('nothing is remembered');
    expect(hosts).toMatchObject({ hosts: FOUND.hosts, by: FOUND.by, authentik: 'auth.example.com' });
    expect(edgeHosts.judge(hosts, given())).toEqual({
      verdict: 'UNKNOWN',
      reason: 'timeout',
      detail: 'no answer within 5 s; asked are those of the run of 17 Apr 08:00 UTC: a.example.com, b.example.com',
    });
  });

  test('are never more than four, and only what Ingresses said is kept', () => {
    const six = { hosts: ['a', 'b', 'c', 'd', 'e', 'f'], at: AT };
    expect(rememberedHosts(MISSING, six)?.hosts).toEqual(['a', 'b', 'c', 'd']);
    expect(rememberHosts({ source: 'option', hosts: ['a'] }, AT)).toBeUndefined();
    expect(rememberHosts({ source: 'ingresses', hosts: [] }, AT)).toBeUndefined();
    expect(rememberHosts(undefined, AT)).toBeUndefined();
  });

  test.each([[undefined], [{}], [{ hosts: 'a', at: AT }], [{ hosts: ['a'] }], [{ hosts: ['a'], at: 'yesterday' }]])(
    'are none where %j is what was kept',
    (kept) => {
      expect(rememberedHosts(MISSING, kept)).toBeUndefined();
    },
  );
});
