import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Injection } from '../../src/sandbox/http/injection.ts';
import type { Sandbox } from '../../src/sandbox/start.ts';
import type { BadRow } from './bad-input-run.ts';

const ADD = ['user', 'add', 'alice', '--email', 'alice@example.com', '--no-apply', '--yes'] as const;
const DATA = '/v1/secret/data/platform';

/** `user add` while the users' key holds this value; undefined takes the key away. */
const users = (name: string, value: unknown, args: readonly string[] = ADD): BadRow => ({
  name,
  args,
  prepare: (sandbox) => {
    const version = latest(sandbox);
    const before = version.data;
    const { k8s_users: _, ...others } = before as Record<string, unknown>;
    version.data = value === undefined ? others : { ...others, k8s_users: value };
    return () => {
      version.data = before;
    };
  },
});

const injected = (name: string, injection: Injection, args: readonly string[] = ADD): BadRow => ({
  name,
  args,
  prepare: (sandbox) => sandbox.vault.inject(injection),
});

/** `user add` with another infra.yaml in the checkout. */
const site = (name: string, edit: (text: string) => string, args: readonly string[] = ADD): BadRow => ({
  name,
  args,
  prepare: async (sandbox) => {
    const file = join(sandbox.repo, 'infra.yaml');
    const before = await readFile(file, 'utf8');
    await writeFile(file, edit(before));
    return () => writeFile(file, before);
  },
});

function latest(sandbox: Sandbox): { data: unknown; deletionTime: string; destroyed: boolean } {
  const secret = sandbox.vault.state.secrets.get('platform');
  const version = secret?.versions.get(secret.current);
  if (version === undefined) throw new Error('the sandbox has no secret/platform');
  return version as { data: unknown; deletionTime: string; destroyed: boolean };
}

const ENTRY = '{"role":"admin","email":"root-admin@sandbox.test"}';

/** Everything that can be wrong with what is stored, and with what answers; one golden file each. */
export const BAD_DOCUMENTS: readonly BadRow[] = [
  users('users-no-key', undefined),
  users('users-null', null),
  users('users-empty', ''),
  users('users-blank', ' \n'),
  users('users-object-instead-of-text', { bob: { role: 'admin' } }),
  users('users-number', 42),
  users('users-list-instead-of-text', ['bob']),
  users('users-not-json', 'bob: admin'),
  users('users-base64', 'eyJib2IiOnt9fQ=='),
  users('users-truncated', `{"root-admin":${ENTRY},"bob":{"role":"namespace-own`),
  users('users-truncated-on-line-3', `{\n  "root-admin": ${ENTRY},\n  "bob": {`),
  users('users-json-list', '[{"name":"bob"}]'),
  users('users-json-text', JSON.stringify(`{"root-admin":${ENTRY}}`)),
  users('users-json-null', 'null'),
  users('users-twice', `{"bob":${ENTRY},"bob":${ENTRY}}`),
  users('users-twice-proto', `{"__proto__":${ENTRY},"__proto__":${ENTRY}}`),
  users('users-byte-order-mark', `\ufeff{"root-admin":${ENTRY}}`),
  users('users-deep', `{"bob":${'['.repeat(4000)}${']'.repeat(4000)}}`),
  users('users-huge', `{"bob":"${'x'.repeat(2_000_000)}`),
  users('users-trailing-text', `{"root-admin":${ENTRY}} {}`),
  users('users-trailing-comma', `{"root-admin":${ENTRY},}`),
  users('users-single-quotes', "{'bob':{}}"),
  users('users-control-character', '{"bob":{"role":"ad\u0001min"}}'),
  users('users-conflict-markers', `<<<<<<< HEAD\n{"root-admin":${ENTRY}}\n=======\n{}\n>>>>>>> theirs\n`),
  users('users-entry-unreadable-of-the-same-name', '{"alice":"see the wiki"}'),
  users('users-entry-of-another-owns-the-email', '{"bob":{"email":"ALICE@example.com","role":"none"}}'),
  users('list-not-json', '{', ['user', 'list']),
  users('list-no-key', undefined, ['user', 'list']),
  users('list-broken-entries', `{"a":1,"b":{},"c":${ENTRY},"\\u001b[31md":{"role":"x","email":3}}`, ['user', 'list']),
  users('show-not-json', '{', ['user', 'show', 'bob']),
  users('show-broken-entry', '{"bob":{"role":"Admin","namespaces":"bob","quota":{"cpu":1},"team":"x"}}', [
    'user',
    'show',
    'bob',
  ]),
  users('show-onboarding-of-broken-entry', '{"bob":{"role":"Admin"}}', ['user', 'show', 'bob', '--onboarding']),
  users('verify-not-json', '{', ['user', 'verify', 'bob']),
  users('verify-broken-entry', '{"bob":{"role":"Admin"}}', ['user', 'verify', 'bob']),
  {
    name: 'secret-absent',
    args: ADD,
    prepare: (sandbox) => {
      const { secrets } = sandbox.vault.state;
      const secret = secrets.get('platform');
      secrets.delete('platform');
      return () => secret && secrets.set('platform', secret);
    },
  },
  {
    name: 'secret-soft-deleted',
    args: ADD,
    prepare: (sandbox) => {
      const version = latest(sandbox);
      version.deletionTime = '2026-01-02T03:04:05Z';
      return () => {
        version.deletionTime = '';
      };
    },
  },
  {
    name: 'secret-destroyed',
    args: ADD,
    prepare: (sandbox) => {
      const version = latest(sandbox);
      const { data } = version;
      Object.assign(version, { destroyed: true, data: null });
      return () => Object.assign(version, { destroyed: false, data });
    },
  },
  injected('secret-forbidden', {
    path: DATA,
    status: 403,
    body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] },
  }),
  injected('secret-forbidden-to-list', {
    path: '/v1/secret/metadata*',
    status: 403,
    body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] },
  }),
  injected('secret-list-incomplete', {
    path: '/v1/secret/metadata*',
    status: 200,
    body: { data: { keys: ['health'] } },
  }),
  injected('vault-html', { path: '/v1/*', status: 200, body: '<html><body>Sign in</body></html>', html: true }),
  injected('vault-html-502', { path: '/v1/*', status: 502, body: '<html>Bad Gateway</html>', html: true }),
  injected('vault-truncated-answer', { path: DATA, status: 200, body: '{"data":{"data":{"k8s_us' }),
  injected('vault-redirect', { path: DATA, redirect: 'https://login.example.com/?next=vault' }),
  injected('vault-kv-version-1', { path: DATA, status: 200, body: { data: { k8s_users: '{}' } } }),
  injected('vault-no-such-mount', {
    path: DATA,
    status: 404,
    body: { errors: ['no handler for route "secret/data/platform". route entry not found.'] },
  }),
  injected('vault-rate-limited', {
    path: DATA,
    status: 429,
    body: { errors: ['request path "secret/data/platform": rate limit quota exceeded'] },
  }),
  injected('vault-closes-the-connection', { path: DATA, close: true }),
  injected('vault-write-forbidden', {
    path: '/v1/sys/capabilities-self',
    status: 200,
    body: { data: { 'secret/data/platform': ['read'], capabilities: ['read'] } },
  }),
  injected('list-vault-html', { path: '/v1/*', status: 200, body: '<html>Sign in</html>', html: true }, [
    'user',
    'list',
  ]),
  injected('verify-forbidden', { path: DATA, status: 403, body: { errors: ['permission denied'] } }, [
    'user',
    'verify',
    'bob',
  ]),
  {
    name: 'vault-sealed',
    args: ADD,
    prepare: (sandbox) => {
      sandbox.vault.state.sealed = true;
      return () => {
        sandbox.vault.state.sealed = false;
      };
    },
  },
  { name: 'vault-unreachable', args: ADD, env: () => ({ VAULT_ADDR: 'http://127.0.0.1:9' }) },
  { name: 'vault-address-nonsense', args: ADD, env: () => ({ VAULT_ADDR: 'vault.example.com' }) },
  { name: 'vault-address-not-loopback', args: ADD, env: () => ({ VAULT_ADDR: 'https://vault.example.com' }) },
  { name: 'vault-no-token', args: ADD, env: () => ({ VAULT_TOKEN: undefined }) },
  { name: 'vault-bad-token', args: ADD, env: () => ({ VAULT_TOKEN: 'hvs.expired-long-ago' }) },
  { name: 'vault-token-with-line-break', args: ADD, env: () => ({ VAULT_TOKEN: 'hvs.a\nb' }) },
  {
    name: 'vault-another-program',
    args: ADD,
    prepare: answerHello,
    env: () => ({ VAULT_ADDR: `http://127.0.0.1:${HELLO_PORT}` }),
  },
  { name: 'repository-absent', args: ADD, env: () => ({ INFRA_REPO: '/nowhere/at-all' }) },
  { name: 'repository-unset', args: ADD, env: () => ({ INFRA_REPO: undefined }) },
  { name: 'repository-empty-folder', args: [...ADD, '--repo', '/var/empty-not-there'] },
  site('site-not-yaml', () => 'vault: [\n'),
  site('site-unknown-key', (text) => `${text}\nvalut:\n  address: x\n`),
  site('site-unknown-key-list', (text) => `${text}\nvalut:\n  address: x\n`, ['user', 'list', '--no-drift']),
  site('site-wrong-users-path', (text) => `${text}vault:\n  users: {path: secret/nothing-there}\n`),
  site('site-wrong-users-key', (text) => `${text}vault:\n  users: {key: users}\n`),
];

/** A port that only the row below uses. */
const HELLO_PORT = 47_113;

/** A program that is no Vault: it answers everything with a JSON that Vault never sends. */
async function answerHello(): Promise<() => unknown> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end('{"hello":"world"}');
  });
  await new Promise<void>((resolve) => server.listen(HELLO_PORT, '127.0.0.1', resolve));
  return () => new Promise((resolve) => server.close(resolve));
}
