import { expect, onTestFinished, test } from 'vitest';
import { makeDns } from '../../../src/lib/clients/dns/live.ts';
import { makeHttp } from '../../../src/lib/clients/http/live.ts';
import type { WebAnswer } from '../../../src/lib/clients/web/client.ts';
import { makeWeb } from '../../../src/lib/clients/web/live.ts';
import { EDGE_AUTHORITY } from '../../../src/sandbox/edge/certificate.ts';
import { workerThrows } from '../../../src/sandbox/edge/cloudflare.ts';
import { startServers, stopServers } from '../../../src/sandbox/servers.ts';
import { authentikWorld } from '../../../src/sandbox/worlds/authentik/build.ts';
import type { Edit, Shape } from '../../../src/sandbox/worlds/authentik/scene.ts';

const web = makeWeb({ version: '0.0.0', env: {}, loopbackOnly: true });

/** The stand-ins of a shape with a change, and a visitor: which leg, which host, which path. */
async function visit(shape: Shape, edit?: Edit) {
  const world = authentikWorld(shape, edit);
  const servers = await startServers(world, []);
  onTestFinished(() => stopServers(servers));
  const gated = world.kubernetes.objects
    .filter(
      ({ kind, metadata }) =>
        kind === 'Ingress' && JSON.stringify(metadata.annotations ?? {}).includes('traefik-authentik-forward-auth'),
    )
    .map(({ metadata }) => `${metadata.name}.sandbox.test`);
  const get = (leg: 'cloudflare' | 'traefik', host = gated[0] ?? '', path = '/'): Promise<WebAnswer> =>
    web.get({ url: `https://${host}${path}`, connectTo: servers.edge[leg], timeoutMs: 20_000, ca: EDGE_AUTHORITY });
  return { servers, gated, get };
}

test.each(['april', 'august', 'embedded'] as const)(
  'in the shape of %s a visitor is sent to log in, by both ways',
  async (shape) => {
    const { gated, get } = await visit(shape);
    expect(gated.length).toBeGreaterThanOrEqual(5);
    for (const leg of ['cloudflare', 'traefik'] as const) {
      const answer = await get(leg);
      expect(answer).toMatchObject({
        status: 302,
        tls: { authorized: true },
        setCookie: [expect.stringMatching(/^authentik_proxy_/)],
      });
      expect(answer.headers.location).toMatch(
        /^https:\/\/authentik\.sandbox\.test\/application\/o\/authorize\/\?client_id=/,
      );
      expect(answer.headers.server).toBe(leg === 'cloudflare' ? 'cloudflare' : undefined);
    }
    expect((await get('traefik', 'authentik.sandbox.test', '/-/health/ready/')).status).toBe(200);
  },
);

test('the way to the login form ends at a page', async () => {
  const { get } = await visit('august');
  let next = (await get('traefik')).headers.location ?? '';
  const statuses: number[] = [];
  for (let hop = 0; hop < 3; hop += 1) {
    const url = new URL(next, 'https://authentik.sandbox.test');
    const answer = await get('traefik', url.host, `${url.pathname}${url.search}`);
    statuses.push(answer.status);
    next = answer.headers.location ?? '';
  }
  expect(statuses).toEqual([302, 302, 200]);
});

test('a name without a route is answered with 200 by the catch-all', async () => {
  const { get } = await visit('august');
  expect(await get('traefik', 'nothing.sandbox.test')).toMatchObject({ status: 200, body: '404 Not Found' });
});

test('without endpoints of the outpost the auth nginx asks for a password', async () => {
  const { get } = await visit('august', (scene) => {
    for (const pod of scene.outposts[0]?.pods ?? []) pod.ready = false;
  });
  expect(await get('traefik')).toMatchObject({
    status: 401,
    headers: { 'x-auth-fallback': 'true', 'www-authenticate': 'Basic realm="Emergency Access"' },
  });
});

test('without the auth nginx Traefik answers 500, and an unready server is 503', async () => {
  const { get } = await visit('august', (scene) => {
    for (const pod of [...scene.authProxy.pods, ...scene.server.pods]) pod.ready = false;
  });
  expect((await get('traefik')).status).toBe(500);
  expect((await get('traefik', 'authentik.sandbox.test', '/-/health/ready/')).status).toBe(503);
});

test('a Worker that throws is seen by Cloudflare only, and a closed way gives no answer', async () => {
  const broken = await visit('august', (scene) => {
    scene.edge.cloudflare = workerThrows();
  });
  expect((await broken.get('cloudflare')).status).toBe(500);
  expect((await broken.get('traefik')).status).toBe(302);
  const closed = await visit('august', (scene) => {
    scene.edge.traefik = 'closed';
  });
  await expect(closed.get('traefik')).rejects.toMatchObject({
    code: expect.stringMatching(/^web\.(unreachable|tls)$/),
  });
  expect((await closed.get('cloudflare')).status).toBe(302);
});

test('the resolver knows the domain, Prometheus and authentik answer', async () => {
  const { servers } = await visit('august');
  const dns = makeDns({ loopbackOnly: true });
  const question = {
    name: 'terminal.sandbox.test',
    type: 'A',
    server: servers.dns.address,
    timeoutMs: 20_000,
  } as const;
  expect(await dns.resolve(question)).toEqual({ state: 'answer', records: ['127.0.0.1'] });
  const http = makeHttp({ env: {}, loopbackOnly: true });
  const read = (url: string): Promise<unknown> => http.json({ method: 'GET', url });
  expect(await read(`${servers.prometheus.url}/api/v1/query?query=up`)).toMatchObject({
    status: 200,
    body: { status: 'success', data: { result: [{ value: [expect.any(Number), '1'] }] } },
  });
  expect(await read(`${servers.prometheus.url}/api/v1/query?query=sum(`)).toMatchObject({
    status: 400,
    body: { errorType: 'bad_data' },
  });
  expect(await read(`${servers.authentik.url}/api/v3/outposts/instances/`)).toMatchObject({ status: 403 });
});
