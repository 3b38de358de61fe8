import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Http } from '../../../../src/lib/clients/http/client.ts';
import { makeHttp } from '../../../../src/lib/clients/http/live.ts';
import { isLoopbackHost } from '../../../../src/lib/clients/http/loopback.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { Secret } from '../../../../src/lib/secrets/secret.ts';
import { json, startServer } from './loopback-server.ts';

const http = makeHttp({ env: {}, loopbackOnly: true, timeoutMs: 20_000 });
const TOKEN = 'canary-token-of-an-api';

async function failureOf(work: ReturnType<Http['json']>): Promise<InfraError> {
  const outcome = await work.then(JSON.stringify, (error: unknown) => error);
  if (outcome instanceof InfraError) return outcome;
  throw new Error(`It was expected to fail with an InfraError: ${String(outcome)}`);
}

describe('answers', () => {
  test('JSON, statuses of every class, and an empty body are values', async () => {
    const server = await startServer((response, seen) => {
      const status = Number(seen.url.slice(1));
      if (status === 204) response.writeHead(204).end();
      else json(response, status, { status });
    });
    for (const status of [200, 201, 400, 404, 500]) {
      expect(await http.json({ method: 'GET', url: `${server.url}/${status}` })).toEqual({ status, body: { status } });
    }
    expect(await http.json({ method: 'DELETE', url: `${server.url}/204` })).toEqual({ status: 204, body: undefined });
  });

  test('token, scheme and body arrive', async () => {
    const server = await startServer((response) => json(response, 200, {}));
    const token = { scheme: 'token', value: new Secret(TOKEN) } as const;
    await http.json({ method: 'POST', url: `${server.url}/x?page=2`, token, body: { name: 'é' } });
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/x?page=2', body: '{"name":"é"}' });
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: `token ${TOKEN}`,
      'content-type': 'application/json',
    });
  });

  test('reads share a connection', async () => {
    const ports = new Set<number | undefined>();
    const server = await startServer((response) => {
      ports.add(response.socket?.remotePort);
      json(response, 200, {});
    });
    for (let i = 0; i < 3; i += 1) await http.json({ method: 'GET', url: server.url });
    expect(ports.size).toBe(1);
  });
});

describe('errors', () => {
  test('a redirect is not followed, and its query is not shown', async () => {
    const target = await startServer((response) => json(response, 200, {}));
    const server = await startServer((response) => {
      response.writeHead(302, { location: `${target.url}/login?state=abc` }).end();
    });
    const token = { scheme: 'Bearer', value: new Secret(TOKEN) } as const;
    const error = await failureOf(http.json({ method: 'GET', url: server.url, token }));
    expect(error).toMatchObject({ code: 'http.redirected', exitStatus: 69 });
    expect(error.message).toContain(`${target.url}/login`);
    expect(error.message).not.toContain('abc');
    expect(target.seen).toEqual([]);
  });

  test('a page of HTML is not JSON, and is not quoted', async () => {
    const server = await startServer((response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hunter2</html>');
    });
    const error = await failureOf(http.json({ method: 'GET', url: server.url }));
    expect(error.code).toBe('http.not-json');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  test('a slow server is a timeout, a missing one is unreachable', async () => {
    const server = await startServer(() => undefined);
    expect((await failureOf(http.json({ method: 'GET', url: server.url, timeoutMs: 60 }))).code).toBe('http.timeout');
    expect((await failureOf(http.json({ method: 'GET', url: 'http://127.0.0.1:1' }))).code).toBe('http.unreachable');
  });

  test('a change whose answer was lost says that the outcome is unknown', async () => {
    const server = await startServer((response) => response.destroy());
    const lost = await failureOf(http.json({ method: 'POST', url: server.url, body: {} }));
    expect(lost.message).toContain('is not known');
    expect(server.seen).toHaveLength(1);
    const read = await failureOf(http.json({ method: 'GET', url: server.url }));
    expect(read.message).not.toContain('is not known');
  });

  test('a token with a line break is refused without being shown', async () => {
    const token = { scheme: 'Bearer', value: new Secret('hunter2\n') } as const;
    const error = await failureOf(http.json({ method: 'GET', url: 'http://127.0.0.1:1', token }));
    expect(error.code).toBe('http.bad-token');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  test('no error shows the token or the body', async () => {
    const server = await startServer((response) => response.destroy());
    const token = { scheme: 'Bearer', value: new Secret(TOKEN) } as const;
    for (const url of [server.url, 'http://127.0.0.1:1', 'https://127.0.0.1:1']) {
      const error = await failureOf(http.json({ method: 'POST', url, token, body: { password: 'hunter2' } }));
      expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toMatch(/canary|hunter2/);
    }
  });

  test.each(['not a url', 'ftp://127.0.0.1/'])('%s is a bad address', async (url) => {
    expect((await failureOf(http.json({ method: 'GET', url }))).code).toBe('http.bad-address');
  });
});

describe('proxies', () => {
  test('plain http never goes through one', async () => {
    let connections = 0;
    const proxy = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      proxy.close();
    });
    const address = proxy.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const url = `http://127.0.0.1:${address.port}`;
    const env = { HTTP_PROXY: url, http_proxy: url, HTTPS_PROXY: url, https_proxy: url, ALL_PROXY: url };
    const server = await startServer((response) => json(response, 200, {}));
    await makeHttp({ env, loopbackOnly: true }).json({ method: 'GET', url: server.url });
    // A name that resolves nowhere: the request fails, and it must not have asked the proxy first.
    await makeHttp({ env, loopbackOnly: false, timeoutMs: 20_000 })
      .json({ method: 'GET', url: 'http://vault.invalid/' })
      .catch(() => undefined);
    expect(connections).toBe(0);
    await makeHttp({ env, loopbackOnly: false, timeoutMs: 20_000 })
      .json({ method: 'GET', url: 'https://vault.invalid/' })
      .catch(() => undefined);
    expect(connections).toBe(1);
  });
});

describe('loopback only', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['localhost', true],
    ['LOCALHOST.', true],
    ['vault.localhost', true],
    ['[::1]', true],
    ['[::ffff:7f00:1]', true],
    ['10.0.0.1', false],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['mylocalhost', false],
    ['[::]', false],
    ['0.0.0.0', false],
    ['[::ffff:a00:1]', false],
    ['', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });

  test('another address is refused before anything is sent', async () => {
    const error = await failureOf(http.json({ method: 'GET', url: 'http://user:hunter2@192.0.2.1/x' }));
    expect(error).toMatchObject({ code: 'network.not-loopback', exitStatus: 78 });
    expect(error.message).not.toContain('hunter2');
  });
});
