import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json, startServer } from '../http/loopback-server.ts';
import { failureOf, TOKEN, tempFolder, testVault } from './make-test-vault.ts';

const LOOKUP = {
  data: { display_name: 'x', ttl: 60, renewable: true, policies: ['ci'], identity_policies: ['more'], entity_id: '' },
};

/** A server that takes Kubernetes logins and remembers everything. */
function startLogin(): ReturnType<typeof startServer> {
  return startServer((response, seen) =>
    seen.url.endsWith('/login')
      ? json(response, 200, { auth: { client_token: 'hvs.from-login' } })
      : json(response, 200, LOOKUP),
  );
}

test('VAULT_TOKEN comes before ~/.vault-token', async () => {
  const server = await startLogin();
  const home = await tempFolder();
  await writeFile(join(home, '.vault-token'), 'hvs.from-file\n');
  const both = testVault(server.url, { home }).vault;
  expect(await both.tokenSource()).toBe('VAULT_TOKEN');
  await both.tokenSelf();
  const file = testVault(server.url, { home, env: { VAULT_TOKEN: '' } }).vault;
  expect(await file.tokenSource()).toBe('~/.vault-token');
  expect(await file.tokenSelf()).toEqual({
    displayName: 'x',
    ttlSeconds: 60,
    renewable: true,
    policies: ['ci', 'more'],
    entityId: undefined,
  });
  expect(server.seen.map((seen) => seen.headers['x-vault-token'])).toEqual([TOKEN, 'hvs.from-file']);
});

test.each([
  ['', 'is empty'],
  ['\n', 'is empty'],
  ['null\n', 'holds "null"'],
  ['hvs.a\nhvs.b', 'holds characters that no token has'],
  ['hvs.ä', 'holds characters that no token has'],
])('a token file with %j is refused and not shown', async (content, reason) => {
  const home = await tempFolder();
  await writeFile(join(home, '.vault-token'), content);
  const error = await failureOf(testVault('http://127.0.0.1:1', { home, env: {} }).vault.kvRead('secret/p'));
  expect(error).toMatchObject({ code: 'vault.no-token', exitStatus: 77 });
  expect(error.message).toContain(reason);
  expect(error.message).not.toContain('hvs.');
});

test('no token anywhere is told with every place that was looked at', async () => {
  const home = await tempFolder();
  const { vault } = testVault('http://127.0.0.1:1', { home, env: {} });
  expect(await vault.tokenSource()).toBe('none');
  const error = await failureOf(vault.kvRead('secret/p'));
  expect(error.code).toBe('vault.no-token');
  expect(error.message).toMatch(/VAULT_TOKEN.*\.vault-token.*Kubernetes/);
});

test('a service account logs in once, however many calls wait for it, and only when needed', async () => {
  const server = await startLogin();
  const folder = await tempFolder();
  const serviceAccountTokenFile = join(folder, 'token');
  await writeFile(serviceAccountTokenFile, 'eyJ.jwt.text\n');
  const { vault } = testVault(server.url, { env: {}, home: folder, serviceAccountTokenFile, namespace: 'team' });
  expect(await vault.tokenSource()).toBe('kubernetes login');
  expect(server.seen).toEqual([]);
  await Promise.all([vault.tokenSelf(), vault.tokenSelf(), vault.tokenSelf()]);
  const logins = server.seen.filter((seen) => seen.url.endsWith('/login'));
  expect(logins).toHaveLength(1);
  expect(logins[0]).toMatchObject({ method: 'POST', url: '/v1/auth/kubernetes/login' });
  expect(JSON.parse(logins[0]?.body ?? '')).toEqual({ role: 'ci', jwt: 'eyJ.jwt.text' });
  expect(logins[0]?.headers['x-vault-token']).toBeUndefined();
  expect(logins[0]?.headers['x-vault-namespace']).toBe('team');
  expect(server.seen.at(-1)?.headers['x-vault-token']).toBe('hvs.from-login');
});

test('mount and role of the login can be set; a mount may have several segments', async () => {
  const server = await startLogin();
  const folder = await tempFolder();
  const serviceAccountTokenFile = join(folder, 'token');
  await writeFile(serviceAccountTokenFile, 'eyJ.jwt.text');
  const kubernetesLogin = { mount: 'k8s/prod-a', role: 'admin' };
  await testVault(server.url, { env: {}, home: folder, serviceAccountTokenFile, kubernetesLogin }).vault.tokenSelf();
  expect(server.seen[0]?.url).toBe('/v1/auth/k8s/prod-a/login');
  expect(server.seen[0]?.body).toContain('"role":"admin"');
});

test('a login that failed is tried again by the next call', async () => {
  const server = await startServer((response, seen, index) => {
    if (index === 0) return json(response, 403, { errors: ['permission denied'] });
    return json(response, 200, seen.url.endsWith('/login') ? { auth: { client_token: 'hvs.from-login' } } : LOOKUP);
  });
  const folder = await tempFolder();
  const serviceAccountTokenFile = join(folder, 'token');
  await writeFile(serviceAccountTokenFile, 'eyJ.jwt.text');
  const { vault } = testVault(server.url, { env: {}, home: folder, serviceAccountTokenFile });
  const error = await failureOf(vault.tokenSelf());
  expect(error.code).toBe('vault.denied');
  expect(error.message).toContain('auth/kubernetes/login');
  expect((await vault.tokenSelf()).displayName).toBe('x');
});

test('no credential of any kind goes to an address that nobody has accepted', async () => {
  const server = await startLogin();
  const home = await tempFolder();
  const serviceAccountTokenFile = join(home, 'token');
  await writeFile(serviceAccountTokenFile, 'eyJ.jwt.text');
  await writeFile(join(home, '.vault-token'), 'hvs.from-file\n');
  for (const env of [{ VAULT_TOKEN: TOKEN }, {}]) {
    const { vault } = testVault(server.url, { env, home, serviceAccountTokenFile, trustedAddress: false });
    const error = await failureOf(vault.kvRead('secret/platform'));
    expect(error).toMatchObject({ code: 'vault.address-not-trusted', exitStatus: 78 });
    expect(error.hints).toContain('infra config trust');
  }
  expect(server.seen).toEqual([]);
});

test('what node-vault would read from the environment of the process has no effect', async () => {
  const server = await startLogin();
  const before = { ...process.env };
  Object.assign(process.env, {
    VAULT_TOKEN: 'hvs.ambient',
    VAULT_NAMESPACE: 'ambient',
    VAULT_PREFIX: '/ambient',
    VAULT_ADDR: 'http://127.0.0.1:1',
  });
  try {
    const { vault } = testVault(server.url);
    await vault.tokenSelf();
    await failureOf(vault.health());
  } finally {
    process.env = before;
  }
  for (const seen of server.seen) {
    expect(seen.url).not.toContain('ambient');
    expect(seen.headers['x-vault-namespace']).toBeUndefined();
    expect(seen.headers['x-vault-token']).not.toBe('hvs.ambient');
  }
  expect(server.seen.length).toBeGreaterThan(1);
});
