import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { client, config, failure, makeFolder, NAMESPACES, TOKEN } from './rig.ts';

const A = 'http://127.0.0.1:1';
const B = 'http://127.0.0.1:2';

describe('a KUBECONFIG list', () => {
  it('takes the current context and each entry from the first file that has it', async () => {
    const first = {
      'current-context': 'one',
      contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: A } }],
    };
    const second = { ...config(B), 'current-context': 'two' };
    const { kubernetes, folder } = await client([first, second]);
    expect(await kubernetes.target()).toEqual({
      context: 'one',
      server: A,
      source: `KUBECONFIG (${folder}/config-0)`,
      namespace: undefined,
    });
  });

  it('lets a first file without a current context leave the choice to the next', async () => {
    const { kubernetes } = await client([{ clusters: [{ name: 'c', cluster: { server: A } }] }, config(B)]);
    expect(await kubernetes.target()).toMatchObject({ context: 'ctx', server: A, namespace: 'team' });
  });

  it('skips missing and empty files', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'empty'), '');
    await writeFile(join(folder, 'good'), JSON.stringify(config(A)));
    const { kubernetes } = await client([], { env: { KUBECONFIG: `${folder}/none:${folder}/empty::${folder}/good` } });
    expect((await kubernetes.target()).server).toBe(A);
  });

  it('is not configured when nothing is there, and says where it looked', async () => {
    const { kubernetes } = await client([], { env: { KUBECONFIG: '/nowhere/a:/nowhere/b' } });
    const error = await failure(kubernetes.target());
    expect(error).toMatchObject({ code: 'kubernetes.not-configured', status: 'config' });
    expect(error.message).toContain('/nowhere/a and /nowhere/b');
  });

  it('falls back to ~/.kube/config', async () => {
    const home = await makeFolder();
    await mkdir(join(home, '.kube'));
    await writeFile(join(home, '.kube', 'config'), JSON.stringify(config(A)));
    const { kubernetes } = await client([], { env: { KUBECONFIG: '' }, home });
    expect(await kubernetes.target()).toMatchObject({ server: A, source: `~/.kube/config (${home}/.kube/config)` });
  });

  it('uses the file and the context that it was given, before KUBECONFIG', async () => {
    const { folder } = await client([config(A), { ...config(B), 'current-context': 'other' }]);
    const other = await client([config(A)], { kubeconfig: `${folder}/config-1`, context: 'ctx' });
    expect(await other.kubernetes.target()).toMatchObject({
      context: 'ctx',
      server: B,
      source: `kubernetes.kubeconfig (${folder}/config-1)`,
    });
  });
});

describe('a wrong kubeconfig', () => {
  it.each([
    ['no YAML', `users: [{name: u, user: {token: ${TOKEN}`, 'is not YAML', 'kubernetes.bad-config'],
    ['a list', '- a', 'not a mapping', 'kubernetes.bad-config'],
    [
      'a name twice',
      {
        ...config(A),
        clusters: [
          { name: 'c', cluster: {} },
          { name: 'c', cluster: {} },
        ],
      },
      'names "c" twice',
      'kubernetes.bad-config',
    ],
    ['no name', { ...config(A), users: [{ user: { token: TOKEN } }] }, 'without a name', 'kubernetes.bad-config'],
    [
      'no current context',
      { ...config(A), 'current-context': '' },
      'names no current context',
      'kubernetes.not-configured',
    ],
    [
      'an unknown context',
      { ...config(A), 'current-context': 'x' },
      'has no "x" in contexts; it has ctx',
      'kubernetes.bad-config',
    ],
    [
      'an unknown cluster',
      { ...config(A), clusters: [] },
      'has no "c" in clusters; it has none',
      'kubernetes.bad-config',
    ],
    ['an unknown user', { ...config(A), users: [] }, 'has no "u" in users', 'kubernetes.bad-config'],
    ['no server', { ...config(A), clusters: [{ name: 'c', cluster: {} }] }, 'has no server', 'kubernetes.bad-config'],
    ['a server that is no address', config('ftp://x'), 'not an http or https address', 'kubernetes.bad-config'],
    [
      'a missing authority',
      config(A, {}, { 'certificate-authority': 'none.crt' }),
      'none.crt',
      'kubernetes.bad-config',
    ],
  ])('with %s is named', async (_case, text, message, code) => {
    const { kubernetes } = await client([text]);
    const error = await failure(kubernetes.target());
    expect(error).toMatchObject({ code, status: 'config' });
    expect(error.message).toContain(message);
  });

  it.each([
    ['a missing tokenFile', { tokenFile: 'none' }, 'none'],
    ['a token with a space', { token: `${TOKEN} x` }, 'no token has'],
    ['a certificate without a key', { 'client-certificate-data': 'eA==' }, 'without its key'],
    ['groups without a user to be', { token: TOKEN, 'as-groups': ['g'] }, 'without "as"'],
    ['a dropped auth-provider', { 'auth-provider': { name: 'gcp' } }, 'kubectl dropped it'],
  ])('with %s is named before anything is sent', async (_case, user, message) => {
    const { kubernetes } = await client([config(A, user)]);
    const error = await failure(kubernetes.get(NAMESPACES, 'x'));
    expect(error.code).toBe('kubernetes.bad-config');
    expect(error.message).toContain(message);
  });

  it('refuses an address that is not this machine where only loopback is allowed', async () => {
    const { kubernetes } = await client([config('https://10.0.0.1:6443')]);
    expect((await failure(kubernetes.get(NAMESPACES, 'x'))).code).toBe('network.not-loopback');
  });

  it('from a repository that nobody accepted may neither run a program nor name files', async () => {
    for (const user of [
      { exec: { command: 'x' } },
      { tokenFile: '/root/.vault-token' },
      { 'client-key': '/x' },
      { 'auth-provider': { name: 'oidc' } },
    ]) {
      const { folder } = await client([config(A, user)]);
      const untrusted = await client([], { kubeconfig: `${folder}/config-0` });
      const error = await failure(untrusted.kubernetes.get(NAMESPACES, 'x'));
      expect(error.message).toContain('nobody has accepted');
      expect(error.hints).toContain('infra config trust');
    }
  });
});

describe('inside a pod', () => {
  it('uses the service account when there is no kubeconfig', async () => {
    const folder = await makeFolder();
    for (const [name, content] of [
      ['token', `${TOKEN}\n`],
      ['ca.crt', 'pem'],
      ['namespace', 'woodpecker\n'],
    ] as const)
      await writeFile(join(folder, name), content);
    const env = { KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '::1', KUBERNETES_SERVICE_PORT: '443' };
    const { kubernetes } = await client([], { env, serviceAccountFolder: folder });
    expect(await kubernetes.target()).toEqual({
      context: undefined,
      server: 'https://[::1]',
      source: `service account in ${folder}`,
      namespace: 'woodpecker',
    });
  });
});
