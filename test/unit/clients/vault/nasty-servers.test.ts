import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { json, startServer } from '../http/loopback-server.ts';
import { failureOf, TOKEN, testVault } from './make-test-vault.ts';

const SECRET = { data: { data: { key: 'value' }, metadata: { version: 7, destroyed: false, deletion_time: '' } } };

/** A server below HTTP: it does what it likes with the connection. */
async function startRaw(behave: (socket: Socket) => void): Promise<{ url: string; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, connections: () => connections };
}

describe('reads', () => {
  test('a 5xx is asked again and the second answer counts', async () => {
    const server = await startServer((response, _seen, index) =>
      index === 0 ? json(response, 502, { errors: ['upstream'] }) : json(response, 200, SECRET),
    );
    const { vault, pauses } = testVault(server.url);
    expect(await vault.kvRead('secret/platform')).toMatchObject({ state: 'present', version: 7 });
    expect(server.seen).toHaveLength(2);
    expect(pauses).toHaveLength(1);
  });

  test.each([412, 429, 500, 503])('status %i is asked four times at most', async (status) => {
    const server = await startServer((response) => json(response, status, { errors: ['not now'] }));
    const { vault, pauses } = testVault(server.url);
    await failureOf(vault.kvRead('secret/platform'));
    expect(server.seen).toHaveLength(4);
    expect(pauses[0]).toBeGreaterThanOrEqual(75);
    expect(pauses[2]).toBeLessThanOrEqual(600);
  });

  test('Retry-After is waited for', async () => {
    const server = await startServer((response, _seen, index) =>
      index === 0 ? json(response, 429, { errors: [] }, { 'retry-after': '3' }) : json(response, 200, SECRET),
    );
    const { vault, pauses } = testVault(server.url);
    await vault.kvRead('secret/platform');
    expect(pauses[0]).toBeGreaterThanOrEqual(3000);
    expect(pauses[0]).toBeLessThan(4000);
  });

  test('a Retry-After of minutes is told instead of waited for', async () => {
    const server = await startServer((response) => json(response, 429, { errors: [] }, { 'retry-after': '120' }));
    const error = await failureOf(testVault(server.url).vault.kvRead('secret/platform'));
    expect(error.code).toBe('vault.rate-limited');
    expect(error.hints).toEqual(['Try again after 120 (Retry-After).']);
    expect(server.seen).toHaveLength(1);
  });

  test('a lost connection is asked again', async () => {
    const server = await startServer((response, _seen, index) =>
      index === 0 ? response.destroy() : json(response, 200, SECRET),
    );
    expect((await testVault(server.url).vault.kvRead('secret/platform')).state).toBe('present');
  });

  test('sealed is told at once', async () => {
    const server = await startServer((response, seen) =>
      seen.url === '/v1/sys/health'
        ? json(response, 503, { initialized: true, sealed: true })
        : json(response, 503, { errors: ['Vault is sealed'] }),
    );
    const { vault, pauses } = testVault(server.url);
    expect((await failureOf(vault.kvRead('secret/platform'))).code).toBe('vault.sealed');
    expect(pauses).toEqual([]);
  });

  test('a POST that only asks is a read', async () => {
    const server = await startServer((response, _seen, index) =>
      index === 0 ? json(response, 500, { errors: ['x'] }) : json(response, 200, { data: { 'sys/mounts': ['read'] } }),
    );
    expect(await testVault(server.url).vault.capabilities(['sys/mounts'])).toEqual({ 'sys/mounts': ['read'] });
  });
});

describe('writes', () => {
  test.each([429, 500, 503])('status %i is never asked again', async (status) => {
    const server = await startServer((response) => json(response, status, { errors: ['not now'] }));
    await failureOf(testVault(server.url).vault.kvPut('secret/lock', {}, 0));
    expect(server.seen).toHaveLength(1);
  });

  test('a lost connection is not asked again, and the error says that the outcome is unknown', async () => {
    const server = await startRaw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const error = await failureOf(testVault(server.url).vault.kvPatch('secret/platform', { a: 1 }, 3));
    expect(error.code).toBe('vault.unreachable');
    expect(error.message).toContain('Whether it was carried out is not known');
    expect(server.connections()).toBe(1);
  });

  test('a write does not travel on a connection that an earlier read left open', async () => {
    const ports: (number | undefined)[] = [];
    const server = await startServer((response) => {
      ports.push(response.socket?.remotePort);
      json(response, 200, { data: { version: 1, data: {}, metadata: { version: 1 } } });
    });
    const { vault } = testVault(server.url);
    await vault.kvRead('secret/a');
    await vault.kvRead('secret/a');
    await vault.kvPut('secret/a', {}, 1);
    expect(ports[1]).toBe(ports[0]);
    expect(ports[2]).not.toBe(ports[0]);
  });
});

describe('no usable answer', () => {
  test('a slow server ends in a timeout, without another try', async () => {
    const server = await startServer(() => undefined);
    const error = await failureOf(testVault(server.url, { timeoutMs: 80 }).vault.kvRead('secret/platform'));
    expect(error.code).toBe('vault.timeout');
    expect(error.exitStatus).toBe(69);
    expect(server.seen).toHaveLength(1);
  });

  test('a body that stops half-way and stays open is a timeout too', async () => {
    const server = await startRaw((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"data":')),
    );
    expect((await failureOf(testVault(server.url, { timeoutMs: 80 }).vault.kvRead('secret/p'))).code).toBe(
      'vault.timeout',
    );
  });

  test('half a body is not an empty secret', async () => {
    const server = await startRaw((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"data":{"data":{}')),
    );
    expect((await failureOf(testVault(server.url).vault.kvRead('secret/platform'))).code).toBe('vault.unreachable');
  });

  test('a JSON text cut off by a proxy is not JSON', async () => {
    const server = await startServer((response) => json(response, 200, '{"data":{"data":{"a":"b"'));
    expect((await failureOf(testVault(server.url).vault.kvRead('secret/platform'))).code).toBe('vault.not-json');
  });

  test('a login page with status 200 is not an empty secret', async () => {
    const server = await startServer((response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Sign in</html>');
    });
    const error = await failureOf(testVault(server.url).vault.kvRead('secret/platform'));
    expect(error.code).toBe('vault.not-json');
    expect(error.message).toContain('text/html');
  });

  test.each([403, 404])('a %i page of a proxy is neither a denial nor an absence', async (status) => {
    const server = await startServer((response) => {
      response.writeHead(status, { 'content-type': 'text/html' });
      response.end('<html>no</html>');
    });
    expect((await failureOf(testVault(server.url).vault.read('sys/policies/acl/x'))).code).toBe('vault.not-json');
  });

  test('a body beyond the limit is refused instead of read', async () => {
    const server = await startServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('error', () => undefined);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const error = await failureOf(testVault(server.url, { maxBytes: 200_000 }).vault.kvRead('secret/platform'));
    expect(error.message).toContain('larger than 200000 bytes');
  });

  test('bytes that are not UTF-8 are not silently replaced', async () => {
    const server = await startServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    });
    expect((await failureOf(testVault(server.url).vault.kvRead('secret/platform'))).code).toBe('vault.not-json');
  });

  test('something that is not HTTP is told apart from a refused connection', async () => {
    const raw = await startRaw((socket) => socket.once('data', () => socket.end('220 mail.example.com ESMTP\r\n')));
    expect((await failureOf(testVault(raw.url).vault.kvRead('secret/p'))).code).toBe('vault.not-json');
    const error = await failureOf(testVault('http://127.0.0.1:1').vault.kvRead('secret/p'));
    expect(error.code).toBe('vault.unreachable');
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('JSON that is not an answer of Vault is not an empty secret', async () => {
    const server = await startServer((response) => json(response, 200, { ok: true }));
    const { vault } = testVault(server.url);
    expect((await failureOf(vault.kvRead('secret/platform'))).code).toBe('vault.failed');
    expect((await failureOf(vault.health())).code).toBe('vault.failed');
    expect((await failureOf(vault.tokenSelf())).code).toBe('vault.failed');
    expect((await failureOf(vault.kvList('secret/x'))).code).toBe('vault.failed');
  });
});

describe('redirects', () => {
  test('are not followed, and the token does not arrive at the target', async () => {
    const target = await startServer((response) => json(response, 200, SECRET));
    const server = await startServer((response) => {
      response.writeHead(307, { location: `${target.url}/v1/secret/data/platform?state=abc` });
      response.end();
    });
    const error = await failureOf(testVault(server.url).vault.kvRead('secret/platform'));
    expect(error.code).toBe('vault.redirected');
    expect(error.message).toContain(target.url);
    expect(error.message).not.toContain('state=abc');
    expect(target.seen).toEqual([]);
    expect(server.seen).toHaveLength(1);
  });
});

describe('what is sent', () => {
  test('replace sends the JSON text as it is', async () => {
    const server = await startServer((response) => json(response, 200, { data: { version: 8 } }));
    const text = '{ "big": 12345678901234567890, "__proto__": 1, "10": 1.50, "9": "\\u003c" }';
    expect(await testVault(server.url).vault.kvReplace('secret/platform', text, 7)).toBe(8);
    expect(server.seen[0]?.body).toBe(`{"options":{"cas":7},"data":${text}}`);
    expect(server.seen[0]?.headers['content-type']).toBe('application/json');
  });

  test('the text of a read is the text that Vault sent', async () => {
    const data = '{"big":12345678901234567890,"__proto__":{"a":1},"10":1.50,"9":"\\u003c }"}';
    const server = await startServer((response) =>
      json(response, 200, `{"lease_id":"","data":{"data":${data},"metadata":{"version":3}},"auth":null}`),
    );
    expect(await testVault(server.url).vault.kvRead('secret/platform')).toMatchObject({ version: 3, text: data });
  });

  test('text that is no JSON object is refused before anything is sent, and is not quoted', async () => {
    const server = await startServer((response) => json(response, 200, { data: { version: 8 } }));
    const { vault } = testVault(server.url);
    for (const text of ['[]', '{"a":1}, "options": {}', 'hunter2']) {
      expect((await failureOf(vault.kvReplace('secret/x', text, 1))).message).not.toContain('hunter2');
    }
    expect(server.seen).toEqual([]);
  });

  test('a patch is a merge-patch', async () => {
    const server = await startServer((response) => json(response, 200, { data: { version: 4 } }));
    await testVault(server.url).vault.kvPatch('secret/platform', { k8s_users: '{}' }, 3);
    expect(server.seen[0]).toMatchObject({ method: 'PATCH', url: '/v1/secret/data/platform' });
    expect(server.seen[0]?.headers['content-type']).toBe('application/merge-patch+json');
  });

  test('health carries neither token nor namespace, everything else both', async () => {
    const health = { initialized: true, sealed: false, standby: false, version: '1.18.1', cluster_id: 'c' };
    const server = await startServer((response, seen) =>
      json(response, 200, seen.url === '/v1/sys/health' ? health : SECRET),
    );
    const { vault } = testVault(server.url, { namespace: 'team' });
    await vault.health();
    await vault.kvRead('secret/platform');
    expect(server.seen[0]?.headers['x-vault-token']).toBeUndefined();
    expect(server.seen[0]?.headers['x-vault-namespace']).toBeUndefined();
    expect(server.seen[1]?.headers['x-vault-token']).toBe(TOKEN);
    expect(server.seen[1]?.headers['x-vault-namespace']).toBe('team');
  });

  test.each([
    [429, { initialized: true, sealed: false, standby: true }, { standby: true, sealed: false }],
    [501, { initialized: false, sealed: true, standby: true }, { initialized: false }],
    [503, { initialized: true, sealed: true, standby: true }, { sealed: true }],
  ])('health with status %i is an answer, asked once', async (status, body, expected) => {
    const server = await startServer((response) => json(response, status, body));
    const { vault, pauses } = testVault(server.url);
    expect(await vault.health()).toMatchObject(expected);
    expect(pauses).toEqual([]);
  });

  test('a path prefix of the address is kept', async () => {
    const server = await startServer((response) => json(response, 200, SECRET));
    await testVault(`${server.url}/vault/`).vault.kvRead('secret/platform');
    expect(server.seen[0]?.url).toBe('/vault/v1/secret/data/platform');
  });
});

describe('secrets', () => {
  test('the token is in no error, however it is turned into text', async () => {
    const answers = [
      await startServer((response) => json(response, 403, { errors: ['permission denied'] })),
      await startServer((response) => json(response, 400, { errors: ['bad'] })),
      await startServer((response) => response.destroy()),
      await startServer((response) => json(response, 200, 'oops')),
    ];
    for (const server of [...answers, { url: 'http://127.0.0.1:1' }]) {
      const { vault } = testVault(server.url);
      for (const work of [() => vault.kvRead('secret/p'), () => vault.write('identity/x', { password: 'hunter2' })]) {
        const error = await failureOf(work());
        const texts = [
          String(error),
          error.stack ?? '',
          JSON.stringify(error),
          inspect(error, { depth: 10, showHidden: true }),
        ];
        for (const text of texts) {
          expect(text).not.toContain(TOKEN);
          expect(text).not.toContain('hunter2');
        }
      }
      expect(inspect(vault, { depth: 10, showHidden: true })).not.toContain(TOKEN);
      expect(JSON.stringify(vault)).not.toContain(TOKEN);
    }
  });
});

describe('loopback only', () => {
  test.each([
    'http://10.0.0.1:8200',
    'https://vault.example.com',
    'http://[2001:db8::1]:8200',
    'http://127.0.0.1.example.com',
  ])('%s is refused before a byte is sent', async (address) => {
    const { vault } = testVault(address);
    for (const work of [() => vault.health(), () => vault.kvRead('secret/p'), () => vault.tokenSelf()]) {
      expect(await failureOf(work())).toMatchObject({ code: 'network.not-loopback', exitStatus: 78 });
    }
  });
});
