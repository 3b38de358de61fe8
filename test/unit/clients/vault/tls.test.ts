import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { failureOf, TOKEN, testVault } from './make-test-vault.ts';

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'infra-tls-'));
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  for (const name of ['ca', 'other']) {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  }
  const issue = async (name: string, san: string): Promise<void> => {
    await openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    await writeFile(at(`${name}.ext`), `subjectAltName=${san}\n`);
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  };
  await issue('server', 'IP:127.0.0.1');
  await issue('named', 'DNS:vault.example.com');
  await issue('client', 'DNS:client');
  await mkdir(at('authorities'));
  await writeFile(at('authorities/a.pem'), await readFile(at('other.pem')));
  await writeFile(at('authorities/b.pem'), await readFile(at('ca.pem')));
});

/** An https Vault that is up and well; `clients` collects the names of client certificates. */
async function startTls(name: string): Promise<{ url: string; clients: string[]; tokens: unknown[] }> {
  const clients: string[] = [];
  const tokens: unknown[] = [];
  const options = {
    cert: await readFile(at(`${name}.pem`)),
    key: await readFile(at(`${name}.key`)),
    ca: await readFile(at('ca.pem')),
  };
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    tokens.push(request.headers['x-vault-token']);
    const subject = (request.socket as TLSSocket).getPeerCertificate().subject as { CN?: string } | undefined;
    if (subject?.CN !== undefined) clients.push(subject.CN);
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"data":{},"metadata":{"version":1}}}');
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `https://127.0.0.1:${address.port}`, clients, tokens };
}

const env = (more: Record<string, string>): { env: Record<string, string> } => ({
  env: { VAULT_TOKEN: TOKEN, ...more },
});

describe('authorities', () => {
  test('an unknown authority is refused, with the variable that helps, and the token stays here', async () => {
    const server = await startTls('server');
    for (const more of [{}, { VAULT_CACERT: at('other.pem') }]) {
      const error = await failureOf(testVault(server.url, env(more)).vault.kvRead('secret/p'));
      expect(error.code).toBe('vault.unreachable');
      expect(error.message).toContain('authority that is not trusted');
      expect(error.hints?.join(' ')).toContain('VAULT_CACERT');
    }
    expect(server.tokens).toEqual([]);
  });

  test.each([{ VAULT_CACERT: 'ca.pem' }, { VAULT_CAPATH: 'authorities' }])('%o is honoured', async (more) => {
    const server = await startTls('server');
    const [[name, file] = ['', '']] = Object.entries(more);
    expect((await testVault(server.url, env({ [name]: at(file) })).vault.kvRead('secret/p')).state).toBe('present');
  });

  test('VAULT_TLS_SERVER_NAME is the name that is checked', async () => {
    const server = await startTls('named');
    const ca = { VAULT_CACERT: at('ca.pem') };
    expect((await failureOf(testVault(server.url, env(ca)).vault.kvRead('secret/p'))).message).toContain(
      'for another name',
    );
    const named = env({ ...ca, VAULT_TLS_SERVER_NAME: 'vault.example.com' });
    expect((await testVault(server.url, named).vault.kvRead('secret/p')).state).toBe('present');
  });

  test('a client certificate is shown to the server', async () => {
    const server = await startTls('server');
    const more = {
      VAULT_CACERT: at('ca.pem'),
      VAULT_CLIENT_CERT: at('client.pem'),
      VAULT_CLIENT_KEY: at('client.key'),
    };
    await testVault(server.url, env(more)).vault.kvRead('secret/p');
    expect(server.clients).toEqual(['client']);
  });
});

describe('VAULT_SKIP_VERIFY is read as Go reads it', () => {
  test.each(['1', 't', 'TRUE', 'true'])('%s turns the check off', async (value) => {
    const server = await startTls('server');
    expect((await testVault(server.url, env({ VAULT_SKIP_VERIFY: value })).vault.kvRead('secret/p')).state).toBe(
      'present',
    );
  });

  test.each(['0', 'f', 'false', ''])('%j leaves it on', async (value) => {
    const server = await startTls('server');
    const error = await failureOf(testVault(server.url, env({ VAULT_SKIP_VERIFY: value })).vault.kvRead('secret/p'));
    expect(error.code).toBe('vault.unreachable');
  });

  test('anything else is an error', async () => {
    const error = await failureOf(
      testVault('https://127.0.0.1:1', env({ VAULT_SKIP_VERIFY: 'yes' })).vault.kvRead('secret/p'),
    );
    expect(error).toMatchObject({ code: 'vault.bad-environment', exitStatus: 78 });
  });
});

test.each([
  [{ VAULT_CACERT: 'missing.pem' }, 'does not exist'],
  [{ VAULT_CACERT: 'server.ext' }, 'not a PEM file'],
  [{ VAULT_CAPATH: 'missing' }, 'does not exist'],
  [{ VAULT_CLIENT_CERT: 'client.pem' }, 'belong together'],
])('%o says what is wrong', async (more, reason) => {
  const [[name, file] = ['', '']] = Object.entries(more);
  const error = await failureOf(testVault('https://127.0.0.1:1', env({ [name]: at(file) })).vault.kvRead('secret/p'));
  expect(error.code).toBe('vault.bad-environment');
  expect(error.message).toContain(name);
  expect(error.message).toContain(reason);
});
