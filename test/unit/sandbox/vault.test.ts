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

  test('a patch keeps every other key, `__proto__` too', async () => {
    await vault('POST', 'secret/data/keys', '{"data":{"__proto__":{"a":1},"other":"x"}}');
    const change = '{"options":{"cas":1},"data":{"__proto__":{"b":2},"other":null}}';
    expect((await vault('PATCH', 'secret/data/keys', change, MERGE)).status).toBe(200);
    expect((await vault('GET', 'secret/data/keys')).text).toContain('"data":{"__proto__":{"a":1,"b":2}}');
  });

  test.each([
    ['12345678901234567890', '12345678901234567000'],
    ['9007199254740993', '9007199254740992'],
    ['1.50', '1.5'],
    ['1e3', '1000'],
    ['1e21', '1e+21'],
    ['123e-20', '1.23e-18'],
    ['-0', '-0'],
    ['-0.0', '-0'],
    ['[1e3,{"z":2.0}]', '[1000,{"z":2}]'],
    ['"12345678901234567890"', '"12345678901234567890"'],
  ])('what is written as %s is read as %s, also after a patch', async (written, shown) => {
    await vault('DELETE', 'secret/metadata/digits');
    await vault('POST', 'secret/data/digits', `{"data":{"n":${written}}}`);
    expect((await vault('GET', 'secret/data/digits')).text).toContain(`"data":{"n":${shown}}`);
    expect((await vault('PATCH', 'secret/data/digits', `{"data":{"p":${written}}}`, MERGE)).status).toBe(200);
    expect((await vault('GET', 'secret/data/digits')).text).toContain(`"data":{"n":${shown},"p":${shown}}`);
  });

  test('a number that no double can hold is taken and then never read, nor patched', async () => {
    expect((await vault('POST', 'secret/data/huge', '{"data":{"n":1e400}}')).status).toBe(200);
    const words = '1 error occurred:\n\t* json: cannot unmarshal number 1e400 into Go value of type float64\n\n';
    expect(await vault('GET', 'secret/data/huge')).toMatchObject({ status: 500, json: { errors: [words] } });
    expect((await vault('PATCH', 'secret/data/huge', '{"data":{"a":1}}', MERGE)).json).toEqual({ errors: [words] });
    await vault('POST', 'secret/data/small', '{"data":{"n":1}}');
    expect(await vault('PATCH', 'secret/data/small', '{"data":{"n":1e400}}', MERGE)).toMatchObject({
      status: 500,
      json: { errors: ['1 error occurred:\n\t* Invalid JSON Patch\n\n'] },
    });
  });

  test('a patch of what was never written is 404 without a word, of what was deleted 404 with its metadata', async () => {
    for (const options of [{}, { cas: 0 }, { cas: 1 }]) {
      const never = await vault('PATCH', 'secret/data/never', { options, data: { a: '1' } }, MERGE);
      expect(never).toMatchObject({ status: 404, text: '' });
    }
    await vault('POST', 'secret/data/deleted', { data: { a: '1' } });
    await vault('DELETE', 'secret/data/deleted');
    const deleted = await vault('PATCH', 'secret/data/deleted', { options: { cas: 1 }, data: { a: '2' } }, MERGE);
    expect(deleted.status).toBe(404);
    expect((deleted.json as { data: object }).data).toEqual({
      created_time: expect.any(String),
      custom_metadata: null,
      deletion_time: expect.stringMatching(/^20/),
      destroyed: false,
      version: 1,
    });
    const stale = await vault('PATCH', 'secret/data/deleted', { options: { cas: 0 }, data: { a: '2' } }, MERGE);
    expect(stale.status).toBe(400);
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

  test.each([
    ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, 200] as const),
    ...['', '0', 'f', 'False'].map((word) => [word, 404] as const),
    ...['yes', 'TrUe'].map((word) => [word, 400] as const),
  ])('?list=%s means what Go makes of it: %i', async (word, status) => {
    expect((await vault('GET', `secret/metadata?list=${word}`)).status).toBe(status);
  });

  test.each(['POST', 'PUT', 'DELETE', 'LIST'])('%s on what only answers questions is 405', async (method) => {
    for (const path of ['sys/health', 'sys/seal-status', 'sys/leader'])
      expect(await vault(method, path)).toMatchObject({ status: 405, json: { errors: [] } });
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
