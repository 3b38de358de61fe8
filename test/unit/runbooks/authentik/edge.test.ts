import { describe, expect, test } from 'vitest';
import { directDial } from '../../../../src/lib/runbooks/authentik/evidence/edge.ts';
import { decode } from '../../../../src/lib/runbooks/authentik/judge/first-hop.ts';
import { edgeBalancer } from '../../../../src/lib/runbooks/authentik/probes/edge-balancer.ts';
import { edgeCloudflare } from '../../../../src/lib/runbooks/authentik/probes/edge-cloudflare.ts';
import { edgeCompare } from '../../../../src/lib/runbooks/authentik/probes/edge-compare.ts';
import { edgeDirect } from '../../../../src/lib/runbooks/authentik/probes/edge-direct.ts';
import { edgeLogin } from '../../../../src/lib/runbooks/authentik/probes/edge-login.ts';
import { serverReady } from '../../../../src/lib/runbooks/authentik/probes/server-ready.ts';
import { given, hop, leg, silent } from './support.ts';

const HOSTS = { 'authentik.edge.hosts': { source: 'ingresses', hosts: [] } };
const NAMED = { 'authentik.edge.hosts': { source: 'option', hosts: [] } };

describe('the first answer without a cookie', () => {
  test.each([
    [{}, 'login'],
    [{ status: 302, location: { host: 'a.example.com', path: '/outpost.goauthentik.io/start' } }, 'login'],
    [{ status: 301, location: { host: 'www.example.com', path: '/' } }, 'elsewhere'],
    [{ status: 200, body: '404 Not Found' }, 'open'],
    [{ status: 400 }, 'http-400'],
    [{ status: 400, body: '{"Message": "no app for hostname", "Host": "a"}' }, 'no-app'],
    [{ status: 400, body: '{"message":"No app for hostname"}' }, 'no-app'],
    [{ status: 401, isFallback: true }, 'fallback'],
    [{ status: 401 }, 'http-401'],
    [{ status: 403, isAuthentik: true }, 'denied'],
    [{ status: 403 }, 'blocked'],
    [{ status: 429 }, 'blocked'],
    [{ status: 404 }, 'http-404'],
    [{ status: 431 }, 'http-431'],
    [{ status: 500 }, 'http-500'],
    [{ status: 502 }, 'http-502'],
    [{ status: 504 }, 'http-502'],
    [{ status: 522 }, 'cloudflare-error'],
  ] as const)('%j is %s', (answer, kind) => {
    expect(decode(hop('a.example.com', answer))).toBe(kind);
  });

  test('no answer is no answer', () => {
    expect(decode(silent('a.example.com'))).toBe('unreachable');
  });
});

describe('one way to the hosts', () => {
  const cloudflare = (...hops: readonly ReturnType<typeof hop>[]) => edgeCloudflare.judge(leg(...hops), given(HOSTS));

  test('logins everywhere are well; a host that refuses by policy, or refuses only us, is no outage', () => {
    expect(cloudflare(hop('a'), hop('b')).verdict).toBe('PASS');
    expect(cloudflare(hop('a'), hop('b', { status: 403, isAuthentik: true })).verdict).toBe('PASS');
    expect(cloudflare(hop('a'), hop('b', { status: 403 })).verdict).toBe('PASS');
  });

  test('refused everywhere is not known, and not healthy', () => {
    expect(cloudflare(hop('a', { status: 403 }), hop('b', { status: 429 }))).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'blocked',
    });
  });

  test('refused by several hosts is a ban of us, even where another lets us in', () => {
    const refused = { status: 403 } as const;
    expect(cloudflare(hop('a'), hop('b', refused), hop('c', refused))).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'blocked',
    });
  });

  test('every failing host is an observation of its way', () => {
    const judged = cloudflare(hop('a', { status: 400 }), hop('b', { status: 400 }));
    expect(judged).toMatchObject({ verdict: 'FAIL', detail: '2 of 2 hosts give 400 instead of 302', causes: [] });
    expect(judged.observations).toEqual([
      { code: 'cloudflare.http-400', subject: 'a' },
      { code: 'cloudflare.http-400', subject: 'b' },
    ]);
  });

  test('a host without an application is a cause that the answer itself proves', () => {
    const judged = cloudflare(hop('a'), hop('b', { status: 400, body: 'no app for hostname' }));
    expect(judged.causes).toEqual([{ code: 'authentik.outpost.unknown-host', detail: 'b' }]);
  });

  test('a protected host that lets everybody in is a warning; one that was only named is none', () => {
    expect(cloudflare(hop('a'), hop('b', { status: 200 })).verdict).toBe('WARN');
    expect(edgeCloudflare.judge(leg(hop('a'), hop('b', { status: 200 })), given(NAMED)).verdict).toBe('PASS');
  });

  test('an untrusted certificate is a warning on the public way only', () => {
    expect(
      cloudflare(
        hop('a', { status: 302, location: { host: 'x', path: '/application/o/authorize/' }, tls: 'CERT_HAS_EXPIRED' }),
      ).verdict,
    ).toBe('WARN');
  });

  test('hosts that do not exist fail on the public way; what is out of reach from here is not known', () => {
    expect(cloudflare(silent('a', 'empty'), silent('b', 'empty')).verdict).toBe('FAIL');
    expect(cloudflare(silent('a', 'empty'), silent('b', 'timeout'))).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'timeout',
      detail: 'no host answers from here: refused',
    });
    expect(cloudflare(silent('a'), hop('b')).verdict).toBe('FAIL');
    expect(edgeDirect.judge(leg(silent('a', 'timeout'), silent('b', 'timeout')), given(HOSTS))).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'timeout',
    });
  });

  test('straight to Traefik by its pod: what is found there, and that the address does not answer', () => {
    const quiet = { address: '10.0.20.203', reason: 'timeout', message: 'no answer' };
    const inside = { ...leg(hop('a'), hop('b', { status: 400 })), by: 'port-forward to traefik-1', silent: quiet };
    expect(edgeDirect.judge(inside, given(HOSTS))).toMatchObject({
      verdict: 'FAIL',
      detail: expect.stringContaining('by port-forward to traefik-1: 10.0.20.203 does not answer from here'),
    });
    const why = 'may not create pods/portforward in traefik';
    const nowhere = { ...leg(silent('a', 'timeout'), silent('b', 'timeout')), silent: { ...quiet, why } };
    expect(edgeDirect.judge(nowhere, given(HOSTS))).toMatchObject({
      ...{ verdict: 'UNKNOWN', reason: 'timeout' },
      detail: expect.stringContaining(`no port-forward: ${why}`),
    });
  });

  test('without any host there is no answer', () => {
    expect(cloudflare()).toMatchObject({ verdict: 'UNKNOWN', reason: 'empty' });
  });
});

describe('both ways together', () => {
  const compare = (publicWay: ReturnType<typeof leg>, direct: ReturnType<typeof leg>, balancer?: unknown) =>
    edgeCompare.judge(
      null,
      given({
        'authentik.edge.cloudflare': publicWay,
        'authentik.edge.direct': direct,
        ...(balancer === undefined ? {} : { 'authentik.edge.balancer': balancer }),
      }),
    );
  const bad = { status: 400 } as const;

  test('the same failure by both clears what stands between', () => {
    expect(compare(leg(hop('a', bad)), leg(hop('a', bad)))).toMatchObject({ verdict: 'PASS' });
  });

  test.each([400, 500, 502, 522])('%d in public and the login without Cloudflare convicts Cloudflare', (status) => {
    expect(compare(leg(hop('a', { status })), leg(hop('a')))).toMatchObject({
      verdict: 'FAIL',
      causes: [{ code: 'edge.cloudflare' }],
      observations: [{ code: 'edge.only-public-fails', subject: 'a' }],
    });
  });

  test('another answer at Traefik’s address convicts the address', () => {
    expect(compare(leg(hop('a')), leg(hop('a', { status: 404 })))).toMatchObject({
      causes: [{ code: 'edge.load-balancer' }],
    });
  });

  test('no answer there convicts it only when the load balancer says that it is elsewhere', () => {
    const ways = [leg(hop('a')), leg(silent('a'))] as const;
    expect(compare(...ways)).toMatchObject({ verdict: 'UNKNOWN', reason: 'unreachable' });
    const same = { addresses: ['10.0.20.203'], configured: '10.0.20.203:443' };
    expect(compare(...ways, same).verdict).toBe('UNKNOWN');
    const moved = { addresses: ['10.0.20.203'], configured: '10.0.20.200' };
    expect(compare(...ways, moved)).toMatchObject({ verdict: 'FAIL', causes: [{ code: 'edge.load-balancer' }] });
  });

  test('silence of the public way convicts nobody: it may be our name server, or our way out', () => {
    expect(compare(leg(hop('a'), silent('b', 'forbidden')), leg(hop('a'), hop('b')))).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'forbidden',
    });
    const beside = compare(leg(hop('a', { status: 500 }), silent('b')), leg(hop('a'), hop('b')));
    expect(beside).toMatchObject({ verdict: 'FAIL', observations: [{ subject: 'a' }] });
  });

  test('hosts that refuse us by one way convict nobody', () => {
    expect(compare(leg(hop('a', { status: 403 })), leg(hop('a'))).verdict).toBe('PASS');
  });
});

describe('where the login leads', () => {
  const follow = (...hops: ReturnType<typeof hop>[]) =>
    edgeLogin.judge(null, given({ 'authentik.edge.cloudflare': { by: 'x', hosts: [{ first: hop('a'), hops }] } }));
  const page = { host: 'auth', path: '/if/flow/login/' };

  test('to a page of Authentik', () => {
    expect(
      follow(hop('auth', { status: 302, location: page }), hop('auth', { status: 200, path: page.path })).verdict,
    ).toBe('PASS');
  });

  test('to a server that fails', () => {
    expect(follow(hop('auth', { status: 503 })).observations).toEqual([
      { code: 'login.server-error', subject: 'auth' },
    ]);
  });

  test('to a refusal', () => {
    expect(follow(hop('auth', { status: 400 })).observations).toEqual([{ code: 'login.refused', subject: 'auth' }]);
  });

  test('in a circle', () => {
    expect(follow(hop('auth', { status: 302, location: { host: 'a', path: '/' } })).observations?.[0]?.code).toBe(
      'login.loop',
    );
  });

  test('nowhere that could be seen', () => {
    expect(follow(silent('auth', 'timeout'))).toMatchObject({ verdict: 'UNKNOWN', reason: 'timeout' });
    expect(follow(hop('auth', { status: 403 }))).toMatchObject({ verdict: 'UNKNOWN', reason: 'blocked' });
    expect(edgeLogin.judge(null, given({ 'authentik.edge.cloudflare': leg(hop('a', { status: 400 })) })).verdict).toBe(
      'SKIP',
    );
  });
});

describe('the server’s own word', () => {
  const ready = (direct: number | undefined, publicWay: number | undefined) =>
    serverReady.judge(
      null,
      given({
        'authentik.edge.direct': {
          ...leg(),
          ready: direct === undefined ? silent('auth') : hop('auth', { status: direct }),
        },
        'authentik.edge.cloudflare': {
          ...leg(),
          ready: publicWay === undefined ? silent('auth') : hop('auth', { status: publicWay }),
        },
      }),
    );

  test.each([
    [200, 200, 'PASS', []],
    [204, undefined, 'PASS', []],
    [undefined, 200, 'PASS', []],
    [503, 503, 'FAIL', ['authentik.server.unready']],
    [503, undefined, 'FAIL', ['authentik.server.unready']],
    [200, 500, 'FAIL', []],
    [502, 200, 'FAIL', []],
    [undefined, 503, 'FAIL', []],
    [404, 404, 'UNKNOWN', []],
    [undefined, undefined, 'UNKNOWN', []],
    [undefined, 403, 'UNKNOWN', []],
  ] as const)('%s direct and %s in public: %s', (direct, publicWay, verdict, causes) => {
    const judged = ready(direct, publicWay);
    expect(judged.verdict).toBe(verdict);
    expect((judged.causes ?? []).map(({ code }) => code)).toEqual(causes);
  });

  test('one way is enough; without any answer, or any host, it is not known', () => {
    const publicWay = { 'authentik.edge.cloudflare': { ...leg(), ready: hop('auth', { status: 200 }) } };
    expect(serverReady.judge(null, given(publicWay)).verdict).toBe('PASS');
    expect(serverReady.judge(null, given())).toMatchObject({ verdict: 'UNKNOWN', reason: 'forbidden' });
    const legs = { 'authentik.edge.direct': leg(), 'authentik.edge.cloudflare': leg() };
    expect(serverReady.judge(null, given(legs))).toMatchObject({ verdict: 'UNKNOWN', reason: 'empty' });
  });
});

describe('Traefik’s address', () => {
  test.each([
    ['10.0.20.203', '10.0.20.203:443'],
    ['127.0.0.1:8443', '127.0.0.1:8443'],
    ['traefik.lan', 'traefik.lan:443'],
  ])('%s is dialled as %s', async (address, dialled) => {
    expect(await directDial(address, 443)('any.example.com')).toEqual({ connectTo: dialled });
  });

  test('a Service without an address lets nobody in, unless somebody said where', () => {
    expect(edgeBalancer.judge({ addresses: [] }, given()).verdict).toBe('FAIL');
    expect(edgeBalancer.judge({ addresses: [], configured: '10.0.0.1' }, given()).verdict).toBe('SKIP');
    expect(edgeBalancer.judge({ addresses: ['10.0.0.1'] }, given()).verdict).toBe('PASS');
  });
});
