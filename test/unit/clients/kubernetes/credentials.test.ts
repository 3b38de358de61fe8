import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addProgram } from '../process/programs.ts';
import { ca, client, config, failure, NAMESPACES, pem, SERVER_TLS, serve, statusBody, TOKEN } from './rig.ts';

const ok = (_request: IncomingMessage, response: ServerResponse): void => {
  response.end(JSON.stringify({ kind: 'Namespace', metadata: { name: 'x' } }));
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plugin = (more: object = {}): object => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './login', interactiveMode: 'IfAvailable', ...more },
});

/** A client whose plugin `login` lies beside its kubeconfig. */
async function withPlugin(server: string, script: string, more: object = {}, pluginTimeoutMs = 20_000) {
  const made = await client([config(server, plugin(more))], { pluginTimeoutMs });
  await addProgram(made.folder, 'login', `#!/bin/sh\ncd ${made.folder}\n${script}`);
  return made;
}
const credential = (status: string): string =>
  `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}'`;

describe('static credentials', () => {
  it('sends the token, and who to be, with every group in a header of its own', async () => {
    const rig = await serve(ok);
    const user = {
      token: TOKEN,
      as: 'bob',
      'as-groups': ['a', 'b'],
      'as-uid': '7',
      'as-user-extra': { Scopes: ['v'] },
    };
    await (await client([config(rig.url, user)])).kubernetes.get(NAMESPACES, 'x');
    const headers = rig.seen[0]?.headersDistinct;
    expect(headers?.authorization).toEqual([`Bearer ${TOKEN}`]);
    expect(headers?.['impersonate-user']).toEqual(['bob']);
    expect(headers?.['impersonate-group']).toEqual(['a', 'b']);
    expect(headers?.['impersonate-uid']).toEqual(['7']);
    expect(headers?.['impersonate-extra-scopes']).toEqual(['v']);
  });

  it('reads the tokenFile beside its kubeconfig again for each request, without its line end, before any token', async () => {
    const rig = await serve(ok);
    const { kubernetes, folder } = await client([config(rig.url, { token: 'old', tokenFile: 'token' })]);
    await writeFile(join(folder, 'token'), 'first\n');
    await kubernetes.get(NAMESPACES, 'x');
    await writeFile(join(folder, 'token'), 'second\n');
    await kubernetes.get(NAMESPACES, 'x');
    expect(rig.seen.map((request) => request.headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });

  it('sends a name and a password, and nothing at all without a user', async () => {
    const rig = await serve(ok);
    await (await client([config(rig.url, { username: 'admin', password: 'p:w' })])).kubernetes.get(NAMESPACES, 'x');
    const anonymous = { ...config(rig.url), contexts: [{ name: 'ctx', context: { cluster: 'c' } }] };
    await (await client([anonymous])).kubernetes.get(NAMESPACES, 'x');
    expect(rig.seen.map((request) => request.headers.authorization)).toEqual([
      `Basic ${base64('admin:p:w')}`,
      undefined,
    ]);
  });

  it.each(['inline', 'in files'] as const)(
    'shows a client certificate that stands %s, and trusts the named authority',
    async (where) => {
      const subjects: unknown[] = [];
      const rig = await serve(
        (request, response) => {
          subjects.push((request.socket as import('node:tls').TLSSocket).getPeerCertificate().subject?.CN);
          ok(request, response);
        },
        { ...SERVER_TLS, requestCert: true },
      );
      const user =
        where === 'inline'
          ? { 'client-certificate-data': base64(pem('client.crt')), 'client-key-data': base64(pem('client.key')) }
          : { 'client-certificate': 'tls/crt', 'client-key': 'tls/key' };
      const { kubernetes, folder } = await client([
        config(rig.url, user, where === 'inline' ? ca() : { 'certificate-authority': 'tls/ca' }),
      ]);
      await mkdir(join(folder, 'tls'));
      for (const [name, from] of [
        ['ca', 'ca.crt'],
        ['crt', 'client.crt'],
        ['key', 'client.key'],
      ] as const)
        await writeFile(join(folder, 'tls', name), pem(from));
      await kubernetes.get(NAMESPACES, 'x');
      await kubernetes.get(NAMESPACES, 'x');
      expect(subjects).toEqual(['alice', 'alice']);
      expect(rig.connections()).toBe(1);
    },
  );
});

describe('a credential plugin', () => {
  it('runs once for many requests at the same time, from the folder of its kubeconfig, and knows what is asked of it', async () => {
    const rig = await serve(ok);
    const script = `echo run >> runs; printf %s "$KUBERNETES_EXEC_INFO" > info; printf %s "$EXTRA" > extra\n${credential(`{"token":"${TOKEN}"}`)}`;
    const { kubernetes, folder } = await withPlugin(rig.url, script, {
      env: [{ name: 'EXTRA', value: 'e' }],
      provideClusterInfo: true,
    });
    await Promise.all([1, 2, 3, 4].map(() => kubernetes.get(NAMESPACES, 'x')));
    await kubernetes.get(NAMESPACES, 'x');
    expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('run\n');
    expect(await readFile(join(folder, 'extra'), 'utf8')).toBe('e');
    const info = JSON.parse(await readFile(join(folder, 'info'), 'utf8'));
    expect(info).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: rig.url } },
    });
    expect(new Set(rig.seen.map((request) => request.headers.authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
  });

  it('is asked again when its credential has expired, and when the cluster refuses it', async () => {
    let refuse = false;
    const rig = await serve((request, response) => {
      if (refuse && request.headers.authorization === 'Bearer t1')
        response.writeHead(401).end(statusBody(401, 'Unauthorized', 'Unauthorized'));
      else ok(request, response);
    });
    const script = `n=$(cat n 2>/dev/null || echo 0); n=$((n+1)); echo $n > n\nif [ $n = 2 ]; then exp=2020-01-01T00:00:00Z; else exp=2100-01-01T00:00:00Z; fi\n${credential(`{"token":"t'$n'","expirationTimestamp":"'$exp'"}`)}`;
    const { kubernetes } = await withPlugin(rig.url, script);
    await kubernetes.get(NAMESPACES, 'x');
    refuse = true;
    await kubernetes.get(NAMESPACES, 'x');
    await kubernetes.get(NAMESPACES, 'x');
    expect(rig.seen.map((request) => request.headers.authorization)).toEqual([
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
      'Bearer t3',
    ]);
  });

  it('that gives a certificate is used for TLS', async () => {
    const rig = await serve(ok, { ...SERVER_TLS, requestCert: true, rejectUnauthorized: true });
    const status = JSON.stringify({ clientCertificateData: pem('client.crt'), clientKeyData: pem('client.key') });
    const made = await client([config(rig.url, plugin(), ca())]);
    await writeFile(
      join(made.folder, 'out'),
      JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: JSON.parse(status),
      }),
    );
    await addProgram(made.folder, 'login', `#!/bin/sh\ncat ${made.folder}/out`);
    expect(await made.kubernetes.get(NAMESPACES, 'x')).toBeDefined();
  });

  it('that hangs is stopped at its deadline with all that it started; its prompt was visible at once and is in the error', async () => {
    const { kubernetes, messages, folder } = await withPlugin(
      'http://127.0.0.1:1',
      'echo "open https://login.test and enter ABCD" >&2\nsleep 62 & echo $! > pid\nwait',
      {},
      2000,
    );
    const started = performance.now();
    const error = await failure(kubernetes.get(NAMESPACES, 'x'));
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(error).toMatchObject({ code: 'kubernetes.plugin', status: 'denied' });
    expect(error.message).toContain('2000 ms; it said: open https://login.test and enter ABCD');
    expect(messages).toEqual(['open https://login.test and enter ABCD']);
    const pid = (await readFile(join(folder, 'pid'), 'utf8')).trim();
    expect(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')).toContain(') Z');
    await failure(kubernetes.get(NAMESPACES, 'x'));
  });

  it('does not wait for what a finished plugin leaves behind', async () => {
    const rig = await serve(ok);
    const { kubernetes } = await withPlugin(rig.url, `sleep 63 &\n${credential(`{"token":"${TOKEN}"}`)}`);
    expect(await kubernetes.get(NAMESPACES, 'x')).toBeDefined();
  });

  it('gets no terminal and no stdin that it could wait for', async () => {
    const rig = await serve(ok);
    const { kubernetes } = await withPlugin(rig.url, `cat > input\n${credential(`{"token":"${TOKEN}"}`)}`);
    expect(await kubernetes.get(NAMESPACES, 'x')).toBeDefined();
    const always = await withPlugin(rig.url, 'exit 0', { interactiveMode: 'Always' });
    expect((await failure(always.kubernetes.get(NAMESPACES, 'x'))).message).toContain('wants a terminal');
  });

  it.each([
    [
      'fails',
      `echo "{\\"token\\":\\"${TOKEN}\\"}"; echo "no refresh token" >&2; exit 3`,
      'ended with 3: no refresh token',
    ],
    ['prints no JSON', `echo ${TOKEN}`, 'did not print JSON'],
    ['prints another document', `echo '{"token":"${TOKEN}"}'`, 'did not print an ExecCredential'],
    [
      'prints no status',
      'echo \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}\'',
      'printed no credential',
    ],
    ['prints half a certificate', credential('{"clientKeyData":"k"}'), 'without its key, or a key without'],
    ['prints a broken time', credential(`{"token":"${TOKEN}","expirationTimestamp":"soon"}`), 'not a time'],
    ['prints without end', 'yes | head -c 3000000', 'wrote more than'],
  ])('that %s is named, without what it printed', async (_case, script, message) => {
    const { kubernetes } = await withPlugin('http://127.0.0.1:1', script);
    const error = await failure(kubernetes.get(NAMESPACES, 'x'));
    expect(error.code).toBe('kubernetes.plugin');
    expect(error.message).toContain(message);
  });

  it('that is not installed shows the hint of the kubeconfig', async () => {
    const { kubernetes } = await client([
      config('http://127.0.0.1:1', plugin({ command: 'kubelogin-nope', installHint: 'brew install it\nor ask' })),
    ]);
    const error = await failure(kubernetes.get(NAMESPACES, 'x'));
    expect([error.message, error.hints]).toEqual([
      expect.stringContaining('kubelogin-nope was not found'),
      ['brew install it', 'or ask'],
    ]);
  });
});

describe('an oidc auth-provider', () => {
  const jwt = (seconds: number): string =>
    [{ alg: 'none' }, { exp: Math.floor(Date.now() / 1000) + seconds }, {}]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');

  it('gives its token while that is valid, and says so when it is not and cannot be renewed', async () => {
    const rig = await serve(ok);
    const valid = jwt(600);
    const oidc = (token: string): object => ({ 'auth-provider': { name: 'oidc', config: { 'id-token': token } } });
    await (await client([config(rig.url, oidc(valid))])).kubernetes.get(NAMESPACES, 'x');
    expect(rig.seen[0]?.headers.authorization).toBe(`Bearer ${valid}`);
    const expired = jwt(-600);
    const error = await failure((await client([config(rig.url, oidc(expired))])).kubernetes.get(NAMESPACES, 'x'));
    expect(error.code).toBe('kubernetes.plugin');
    expect(error.message).not.toContain(expired);
  });

  it('asks no identity provider that is not this machine where only loopback is allowed', async () => {
    const user = {
      'auth-provider': {
        name: 'oidc',
        config: {
          'id-token': jwt(-600),
          'refresh-token': TOKEN,
          'client-id': 'x',
          'idp-issuer-url': 'https://idp.example.com',
        },
      },
    };
    expect(
      (await failure((await client([config('http://127.0.0.1:1', user)])).kubernetes.get(NAMESPACES, 'x'))).code,
    ).toBe('network.not-loopback');
  });

  it('has a deadline of its own', async () => {
    const silent = await serve(() => undefined);
    const user = {
      'auth-provider': {
        name: 'oidc',
        config: { 'id-token': jwt(-600), 'refresh-token': TOKEN, 'client-id': 'x', 'idp-issuer-url': silent.url },
      },
    };
    const { kubernetes } = await client([config('http://127.0.0.1:1', user)], { pluginTimeoutMs: 300 });
    expect((await failure(kubernetes.get(NAMESPACES, 'x'))).code).toBe('kubernetes.plugin');
  });
});
