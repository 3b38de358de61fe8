import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  ca,
  client,
  clientOf,
  config,
  failure,
  NAMESPACES,
  PODS,
  SERVER_TLS,
  serve,
  statusBody,
  TOKEN,
} from './rig.ts';

const GONE = { url: 'http://127.0.0.1:1' };
const answer =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
  };

describe('an answer', () => {
  it.each([
    [
      '401',
      answer(401, statusBody(401, 'Unauthorized', 'Unauthorized')),
      'kubernetes.unauthorized',
      'denied',
      'HTTP 401 Unauthorized',
    ],
    [
      '403',
      answer(403, statusBody(403, 'Forbidden', `pods is forbidden for eyJhbGciOiJub25l.eyJzdWIiOiJ4In0.sig`)),
      'kubernetes.denied',
      'denied',
      'pods is forbidden for [secret]',
    ],
    [
      '409',
      answer(409, statusBody(409, 'Conflict', 'the object has been modified')),
      'kubernetes.conflict',
      'busy',
      'the object has been modified',
    ],
    [
      '422',
      answer(422, statusBody(422, 'Invalid', 'invalid', { causes: [{ message: 'must be no more than 63' }] })),
      'kubernetes.failed',
      'unavailable',
      'invalid; must be no more than 63',
    ],
    [
      '429',
      answer(429, statusBody(429, 'TooManyRequests', 'slow down')),
      'kubernetes.failed',
      'unavailable',
      'slow down',
    ],
    ['500 without a body', answer(500, ''), 'kubernetes.failed', 'unavailable', 'HTTP 500.'],
    ['503 as a web page', answer(503, '<html>down</html>'), 'kubernetes.not-json', 'unavailable', 'a web page'],
    ['403 as a web page', answer(403, '\n<!doctype html>'), 'kubernetes.not-json', 'unavailable', 'a web page'],
    ['302', answer(302, '', { location: 'https://login.test/' }), 'kubernetes.not-json', 'unavailable', 'a redirect'],
    ['200 as a web page', answer(200, '<html>log in</html>'), 'kubernetes.not-json', 'unavailable', 'a web page'],
    ['200 without a body', answer(200, ''), 'kubernetes.not-json', 'unavailable', 'an empty answer'],
    [
      '200 with other JSON',
      answer(200, '{"ok":true}'),
      'kubernetes.not-json',
      'unavailable',
      'not a Kubernetes object',
    ],
    [
      '404 for a kind that is not served',
      answer(404, '404 page not found\n'),
      'kubernetes.failed',
      'unavailable',
      'page not found',
    ],
    [
      '404 for a resource that is not served',
      answer(404, statusBody(404, 'NotFound', 'the server could not find the requested resource')),
      'kubernetes.failed',
      'unavailable',
      'could not find',
    ],
    ['404 as a web page', answer(404, '<html>nothing</html>'), 'kubernetes.not-json', 'unavailable', 'a web page'],
  ] as const)('%s is its own error, naming what was tried and where', async (_case, handle, code, status, message) => {
    const rig = await serve(handle);
    const error = await failure((await clientOf(rig)).get(PODS, 'web', 'team'));
    expect(error).toMatchObject({ code, status });
    expect(error.message).toContain(message);
    expect(error.message).toContain(`get pods/web in team on ${rig.url}`);
  });

  it('404 that names the object is: it does not exist', async () => {
    const rig = await serve(
      answer(404, statusBody(404, 'NotFound', 'pods "web" not found', { name: 'web', kind: 'pods' })),
    );
    expect(await (await clientOf(rig)).get(PODS, 'web', 'team')).toBeUndefined();
  });
});

describe('no answer', () => {
  it('from a server that refuses is unreachable', async () => {
    expect(await failure((await clientOf(GONE)).get(NAMESPACES, 'x'))).toMatchObject({
      code: 'kubernetes.unreachable',
      status: 'unavailable',
    });
  });

  it('from a server that is silent is a timeout, before the head and in the body', async () => {
    const silent = await serve(() => undefined);
    expect((await failure((await clientOf(silent, { timeoutMs: 200 })).get(NAMESPACES, 'x'))).code).toBe(
      'kubernetes.timeout',
    );
    const stuck = await serve((_request, response) => void response.write('{"metadata":'));
    expect((await failure((await clientOf(stuck, { timeoutMs: 200 })).get(NAMESPACES, 'x'))).code).toBe(
      'kubernetes.timeout',
    );
  });

  it('that breaks off in the body is never half an object', async () => {
    const rig = await serve((_request, response) => {
      response.write('{"metadata":{"name":"x"}}');
      setImmediate(() => response.destroy());
    });
    expect((await failure((await clientOf(rig)).get(NAMESPACES, 'x'))).code).toBe('kubernetes.unreachable');
  });

  it('in HTTP at all is unreachable', async () => {
    const rig = await serve(() => undefined);
    rig.server.removeAllListeners('connection');
    rig.server.on('connection', (socket: Socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    expect((await failure((await clientOf(rig)).get(NAMESPACES, 'x'))).code).toBe('kubernetes.unreachable');
  });
});

describe('TLS', () => {
  const ok = answer(200, '{"metadata":{"name":"x"}}');

  it('from an authority that the kubeconfig does not name is refused, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    const rig = await serve(ok, SERVER_TLS);
    for (const cluster of [ca('other-ca.crt'), {}]) {
      const { kubernetes } = await client([config(rig.url, { token: TOKEN }, cluster)], {
        env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      });
      const error = await failure(kubernetes.get(NAMESPACES, 'x'));
      expect(error.code).toBe('kubernetes.unreachable');
      expect(error.message).toMatch(/certificate|TLS/);
    }
    expect(rig.seen).toHaveLength(0);
  });

  it('is not verified only where the kubeconfig says so', async () => {
    const rig = await serve(ok, SERVER_TLS);
    const { kubernetes } = await client([config(rig.url, {}, { 'insecure-skip-tls-verify': true })]);
    expect(await kubernetes.get(NAMESPACES, 'x')).toBeDefined();
  });

  it('is verified against tls-server-name where that is set', async () => {
    const rig = await serve(ok, SERVER_TLS);
    const good = await client([config(rig.url, {}, { ...ca(), 'tls-server-name': 'kubernetes.test' })]);
    expect(await good.kubernetes.get(NAMESPACES, 'x')).toBeDefined();
    const bad = await client([config(rig.url, {}, { ...ca(), 'tls-server-name': 'other.test' })]);
    expect((await failure(bad.kubernetes.get(NAMESPACES, 'x'))).message).toContain('another name');
  });

  it('goes through proxy-url, to which the token stays unknown', async () => {
    const rig = await serve(ok, SERVER_TLS);
    const asked: string[] = [];
    const proxy = await serve(() => undefined);
    proxy.server.on('connect', (request, socket: Socket) => {
      asked.push(`${request.url} ${JSON.stringify(request.headers)}`);
      const [host, port] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      upstream.pipe(socket).pipe(upstream);
    });
    const { kubernetes } = await client([config(rig.url, { token: TOKEN }, { ...ca(), 'proxy-url': proxy.url })]);
    expect(await kubernetes.get(NAMESPACES, 'x')).toBeDefined();
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toContain(TOKEN);
    expect(rig.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('refuses a SOCKS proxy by name', async () => {
    const { kubernetes } = await client([config('https://127.0.0.1:1', {}, { 'proxy-url': 'socks5://127.0.0.1:2' })]);
    expect((await failure(kubernetes.get(NAMESPACES, 'x'))).message).toContain('SOCKS');
  });
});

describe('paths', () => {
  it('start below the path of the server, encode each part, and refuse names that would be another path', async () => {
    const rig = await serve(answer(200, '{"metadata":{"name":"x"}}'));
    const kubernetes = await clientOf({ url: `${rig.url}/k8s/clusters/c-1/` });
    await kubernetes.get({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles' }, 'system:a/b');
    expect(rig.seen[0]?.url).toBe('/k8s/clusters/c-1/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Aa%2Fb');
    await kubernetes.get({ group: 'a/b', version: 'v1#', plural: '%73ecrets/x?' }, 'y', 'team');
    expect(rig.seen[1]?.url).toBe('/k8s/clusters/c-1/apis/a%2Fb/v1%23/namespaces/team/%2573ecrets%2Fx%3F/y');
    await expect(kubernetes.get({ ...PODS, plural: '..' }, 'x', 'team')).rejects.toThrow(TypeError);
    await expect(kubernetes.get({ ...PODS, group: '..' }, 'x', 'team')).rejects.toThrow(TypeError);
    await expect(kubernetes.get(PODS, '..', 'team')).rejects.toThrow(TypeError);
    await expect(kubernetes.get(PODS, 'x', '')).rejects.toThrow(TypeError);
  });
});

describe('a list', () => {
  const page = (names: readonly string[], next?: string): string =>
    JSON.stringify({
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { continue: next ?? '' },
      items: names.map((name) => ({ metadata: { name } })),
    });

  it('follows its pages with the same selectors and gives items their kind', async () => {
    const rig = await serve((request, response) =>
      response.end(request.url?.includes('continue=t%2B1') ? page(['c']) : page(['a', 'b'], 't+1')),
    );
    const pods = await (await clientOf(rig)).list(PODS, {
      namespace: 'team',
      labelSelector: 'app=web,tier!=x',
      fieldSelector: 'status.phase=Running',
    });
    expect(pods.map((pod) => [pod.kind, pod.apiVersion, pod.metadata.name])).toEqual(
      ['a', 'b', 'c'].map((name) => ['Pod', 'v1', name]),
    );
    for (const request of rig.seen)
      expect(request.url).toContain(
        'labelSelector=app%3Dweb%2Ctier%21%3Dx&fieldSelector=status.phase%3DRunning&limit=500',
      );
  });

  it('whose pages have expired is read again in one piece', async () => {
    const rig = await serve((request, response) => {
      if (request.url?.includes('continue=')) response.writeHead(410).end(statusBody(410, 'Expired', 'too old'));
      else response.end(request.url?.includes('limit=') ? page(['a'], 't') : page(['a', 'b']));
    });
    expect((await (await clientOf(rig)).list(PODS)).map((pod) => pod.metadata.name)).toEqual(['a', 'b']);
  });

  it.each([
    ['the same page for ever', answer(200, page(['a'], 't')), 'the same page twice'],
    ['JSON that is no list', answer(200, '{"kind":"PodList"}'), 'not a list'],
    ['an item without a name', answer(200, '{"items":[{}]}'), 'has no name'],
  ])('refuses %s', async (_case, handle, message) => {
    const error = await failure((await clientOf(await serve(handle))).list(PODS));
    expect([error.code, error.message]).toEqual(['kubernetes.not-json', expect.stringContaining(message)]);
  });
});

describe('an access review', () => {
  it('that is not one is neither yes nor no', async () => {
    const rig = await serve(answer(201, '{"kind":"SelfSubjectAccessReview","status":{}}'));
    expect((await failure((await clientOf(rig)).allowed({ verb: 'get', group: '', resource: 'pods' }))).code).toBe(
      'kubernetes.not-json',
    );
  });
});

it('is sent over one kept connection when requests follow each other', async () => {
  const rig = await serve(answer(200, '{"metadata":{"name":"x"}}'));
  const kubernetes = await clientOf(rig);
  for (let i = 0; i < 5; i++) await kubernetes.get(NAMESPACES, 'x');
  expect(rig.connections()).toBe(1);
});
