import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts';
import { CANARIES } from '../../../src/sandbox/worlds/canaries.ts';
import { ask } from './asking.ts';

const MERGE = { 'content-type': 'application/merge-patch+json' };

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const root = { 'x-vault-token': CANARIES.vaultRootToken };
const vault = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  ask(`${sandbox.vault.url}/v1/${path}`, method, body, { ...root, ...headers });

describe('KV v2', () => {
  test('a write with the wrong cas is refused in the words that clients match', async () => {
    await vault('POST', 'secret/data/cas', { options: { cas: 0 }, data: { a: '1' } });
    const refused = await vault('POST', 'secret/data/cas', { options: { cas: 0 }, data: { a: '2' } });
    expect(refused.status).toBe(400);
    expect(refused.text).toBe('{"errors":["check-and-set parameter did not match the current version"]}\n');
  });

  test('a patch keeps every other key, and digits that no double can hold', async () => {
    await vault('POST', 'secret/data/digits', '{"data":{"big":12345678901234567890,"other":"x"}}');
    const patched = await vault('PATCH', 'secret/data/digits', { options: { cas: 1 }, data: { other: 'y' } }, MERGE);
    expect(patched.status).toBe(200);
    expect((await vault('GET', 'secret/data/digits')).text).toContain(
      '"data":{"big":12345678901234567890,"other":"y"}',
    );
  });

  test('a patch needs its content type', async () => {
    const refused = await vault('PATCH', 'secret/data/cas', { data: {} }, { 'content-type': 'application/json' });
    expect(refused.status).toBe(415);
    expect(refused.text).toContain(
      'PATCH requires Content-Type of application/merge-patch+json, provided application/json',
    );
  });

  test('missing, deleted and destroyed are told apart', async () => {
    expect(await vault('GET', 'secret/data/never')).toMatchObject({ status: 404, text: '{"errors":[]}\n' });
    await vault('POST', 'secret/data/gone', { data: { a: '1' } });
    await vault('DELETE', 'secret/data/gone');
    expect(await vault('GET', 'secret/data/gone')).toMatchObject({
      status: 404,
      json: { data: { data: null, metadata: { version: 1, destroyed: false } } },
    });
    await vault('PUT', 'secret/destroy/gone', { versions: [1] });
    await vault('POST', 'secret/undelete/gone', { versions: [1] });
    expect(await vault('GET', 'secret/data/gone')).toMatchObject({
      json: { data: { data: null, metadata: { destroyed: true } } },
    });
  });

  test('LIST is answered although no HTTP parser knows it', async () => {
    const listed = await vault('LIST', 'secret/metadata');
    expect(listed.json).toMatchObject({ data: { keys: expect.arrayContaining(['authentik', 'platform']) } });
    expect((await vault('LIST', 'secret/metadata/never')).status).toBe(404);
  });
});

describe('policies are evaluated', () => {
  const limited = { 'x-vault-token': 'limited' };
  beforeAll(async () => {
    const policy = `
      path "secret/data/*" { capabilities = ["read"] }
      path "secret/data/vault" { capabilities = ["deny"] }
      path "secret/data/mine" { capabilities = ["create", "update", "patch"] }
      path "secret/+/mine" { capabilities = ["deny"] }`;
    await vault('PUT', 'sys/policies/acl/limited', { policy });
    await vault('POST', 'auth/token/create', { id: 'limited', policies: ['limited'], ttl: '1h' });
  });

  test.each([
    ['GET', 'secret/data/platform', 200],
    ['GET', 'secret/data/vault', 403],
    ['POST', 'secret/data/platform', 403],
    ['POST', 'secret/data/mine', 200],
    ['GET', 'secret/data/mine', 403],
    ['PUT', 'sys/seal', 403],
    ['GET', 'auth/token/lookup-self', 200],
  ])('%s %s → %i', async (method, path, status) => {
    const body = method === 'GET' ? undefined : { data: {} };
    expect((await vault(method, path, body, limited)).status).toBe(status);
  });

  test('capabilities-self says the same beforehand', async () => {
    const paths = ['secret/data/platform', 'secret/data/vault', 'secret/data/mine', 'sys/seal'];
    expect((await vault('POST', 'sys/capabilities-self', { paths }, limited)).json).toMatchObject({
      data: {
        'secret/data/platform': ['read'],
        'secret/data/vault': ['deny'],
        'secret/data/mine': ['create', 'patch', 'update'],
        'sys/seal': ['deny'],
      },
    });
  });

  test('bad, missing and forbidden tokens have their own words', async () => {
    const bad = await vault('GET', 'secret/data/x', undefined, { 'x-vault-token': 'nonsense' });
    expect(bad.json).toEqual({ errors: ['2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n'] });
    const none = await ask(`${sandbox.vault.url}/v1/secret/data/x`);
    expect(none).toMatchObject({ status: 403, json: { errors: ['permission denied'] } });
    const denied = await vault('GET', 'secret/data/vault', undefined, limited);
    expect(denied.json).toEqual({ errors: ['1 error occurred:\n\t* permission denied\n\n'] });
  });

  test('a token expires', async () => {
    await vault('POST', 'auth/token/create', { id: 'short', policies: ['limited'], ttl: '1s' });
    expect((await vault('GET', 'secret/data/platform', undefined, { 'x-vault-token': 'short' })).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1050));
    expect((await vault('GET', 'secret/data/platform', undefined, { 'x-vault-token': 'short' })).status).toBe(403);
  });

  test('a capability that does not exist is refused', async () => {
    const refused = await vault('PUT', 'sys/policies/acl/p', { policy: 'path "secret/x" { capabilities=["reed"] }' });
    expect(refused).toMatchObject({
      status: 400,
      json: { errors: ['failed to parse policy: path "secret/x": invalid capability "reed"'] },
    });
  });
});

describe('the other engines', () => {
  test('transit encrypts, decrypts and guards deletion', async () => {
    await vault('POST', 'transit/keys/k', {});
    const sealed = (await vault('POST', 'transit/encrypt/k', { plaintext: 'aGk=' })).json as {
      data: { ciphertext: string };
    };
    expect(sealed.data.ciphertext).toMatch(/^vault:v1:/);
    expect((await vault('POST', 'transit/decrypt/k', sealed.data)).json).toMatchObject({ data: { plaintext: 'aGk=' } });
    expect(await vault('DELETE', 'transit/keys/k')).toMatchObject({
      status: 400,
      json: { errors: ['error deleting policy k: deletion is not allowed for this key'] },
    });
  });

  test('an alias leads to its entity', async () => {
    const auths = (await vault('GET', 'sys/auth')).json as { data: Record<string, { accessor: string }> };
    const asked = { alias_name: 'bob@sandbox.test', alias_mount_accessor: auths.data['oidc/']?.accessor };
    expect((await vault('POST', 'identity/lookup/entity', asked)).json).toMatchObject({
      data: { name: 'bob', policies: ['namespace-owner-bob', 'sops-user-bob'] },
    });
    expect((await vault('POST', 'identity/lookup/entity', { ...asked, alias_name: 'nobody' })).status).toBe(204);
  });

  test('a read cannot mint cluster credentials', async () => {
    expect((await vault('GET', 'kubernetes/creds/bob-deployer')).status).toBe(405);
    expect((await vault('POST', 'kubernetes/creds/bob-deployer', { kubernetes_namespace: 'bob' })).status).toBe(200);
    expect((await vault('POST', 'kubernetes/creds/bob-deployer', { kubernetes_namespace: 'dave' })).status).toBe(400);
  });

  test('a ServiceAccount logs in', async () => {
    const jwt = [...sandbox.kubernetes.state.tokens].find(([, user]) => user.name.endsWith(':woodpecker:default'))?.[0];
    const login = await ask(`${sandbox.vault.url}/v1/auth/kubernetes/login`, 'POST', { role: 'ci', jwt });
    expect(login.json).toMatchObject({ auth: { policies: ['default', 'ci', 'terraform-state'] } });
    const wrong = await ask(`${sandbox.vault.url}/v1/auth/kubernetes/login`, 'POST', { role: 'ci', jwt: 'x.y.z' });
    expect(wrong.status).toBe(403);
  });
});

describe('faults', () => {
  test('a path answers what a test puts there, and only as often', async () => {
    const remove = sandbox.vault.inject({ path: '/v1/secret/data/*', status: 503, body: { errors: ['no'] }, times: 1 });
    expect((await vault('GET', 'secret/data/platform')).status).toBe(503);
    expect((await vault('GET', 'secret/data/platform')).status).toBe(200);
    remove();
  });

  test('a connection is dropped, a page is sent, a redirect is answered', async () => {
    const drop = sandbox.vault.inject({ path: '/v1/drop', close: true });
    await expect(vault('GET', 'drop')).rejects.toThrow();
    drop();
    const page = sandbox.vault.inject({ path: '/v1/page', status: 200, body: '<html>log in</html>', html: true });
    expect(await vault('GET', 'page')).toMatchObject({ status: 200, text: '<html>log in</html>', json: undefined });
    page();
    const away = sandbox.vault.inject({ path: '/v1/away', redirect: 'http://127.0.0.1:9/' });
    expect((await vault('GET', 'away')).status).toBe(307);
    away();
  });

  test('requests are recorded without their token', () => {
    expect(sandbox.vault.requests).toContainEqual({ method: 'GET', path: '/v1/secret/data/platform' });
    expect(JSON.stringify(sandbox.vault.requests)).not.toContain(CANARIES.vaultRootToken);
  });

  test('sealed, everything but health is a 503', async () => {
    expect((await vault('PUT', 'sys/seal')).status).toBe(204);
    expect(await vault('GET', 'secret/data/platform')).toMatchObject({
      status: 503,
      json: { errors: ['Vault is sealed'] },
    });
    expect((await ask(`${sandbox.vault.url}/v1/sys/health`)).status).toBe(503);
    await vault('PUT', 'sys/unseal', { key: sandbox.vault.state.unsealKey });
    expect((await ask(`${sandbox.vault.url}/v1/sys/health`)).status).toBe(200);
  });
});
