import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/lib/findings/finding.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { documentOf } from '../document.ts';
import { INFRA, run } from './cli/run-program.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  // What this asks is the users' room; Cloudflare would need `infra config trust` first.
  await writeFile(join(sandbox.repo, 'infra.yaml'), `users:\n  forgejo:\n    url: ${sandbox.forgejo.url}\n`);
});
afterAll(() => sandbox.stop());

const infra = (...args: string[]): ReturnType<typeof run> => run(INFRA, args, { env: sandbox.env });
const api = (method: string, url: string, token: Record<string, string>, body?: unknown): Promise<Response> =>
  fetch(url, { method, headers: token, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const kubernetes = { authorization: `Bearer ${CANARIES.kubernetesAdminToken}` };

/** Runs something while `k8s_users` has another text, and puts it back. */
async function withUsers(text: string, work: () => Promise<void>): Promise<void> {
  const url = `${sandbox.vault.url}/v1/secret/data/platform`;
  const token = { 'x-vault-token': CANARIES.vaultRootToken };
  const found = (await (await api('GET', url, token)).json()) as { data: { data: Record<string, unknown> } };
  const { data } = found.data;
  expect((await api('POST', url, token, { data: { ...data, k8s_users: text } })).ok).toBe(true);
  try {
    await work();
  } finally {
    await api('POST', url, token, { data });
  }
}

describe('infra user list', () => {
  test('names every user and marks what the cluster lacks', async () => {
    const { status, stdout } = await infra('user', 'list', '--json');
    const { users, strays } = documentOf(stdout) as unknown as { users: Record<string, unknown>[]; strays: unknown[] };
    expect([status, users.map((user) => [user.name, user.drift])]).toEqual([
      0,
      [
        ['root-admin', 'none'],
        ['carol', 'none'],
        ['bob', 'none'],
        ['dave', 'none'],
      ],
    ]);
    expect(strays).toEqual([]);
  });

  test('shows wrong entries of others, what is missing and what belongs to nobody, safe for a terminal', async () => {
    const users = {
      eve: { role: 'Admin\u001b[31m' },
      zed: { role: 'namespace-owner', email: 'zed@example.com', namespaces: ['zed'] },
    };
    await withUsers(JSON.stringify(users), async () => {
      const { status, stdout } = await infra('user', 'list');
      // What an entry that the stacks cannot read stands for could not be told.
      expect(status).toBe(3);
      expect(stdout).toContain('eve: It has no e-mail');
      expect(stdout).toContain('zed: no namespace zed');
      expect(stdout).toContain('the binding oidc-admin-root-admin belongs to no entry');
      expect(stdout).not.toContain('\u001b');
    });
  });

  test('drift alone is no failure: a list judges nobody', async () => {
    const users = { zed: { role: 'namespace-owner', email: 'zed@example.com', namespaces: ['zed'] } };
    await withUsers(JSON.stringify(users), async () => {
      const { status, stdout } = await infra('user', 'list', '--json');
      expect([status, documentOf(stdout)]).toMatchObject([0, { status: 'ok', users: [{ drift: 'drift' }] }]);
    });
  });

  test('a cluster that does not answer is unknown, not in step: 3, or 0 when nobody wants to know', async () => {
    const env = { ...sandbox.env, KUBECONFIG: '/nowhere' };
    expect((await run(INFRA, ['user', 'list', '--no-drift'], { env })).status).toBe(0);
    const text = await run(INFRA, ['user', 'list'], { env });
    expect([text.status, text.stdout]).toEqual([3, expect.stringContaining('The cluster could not be asked')]);
    const { status, stdout } = await run(INFRA, ['user', 'list', '--json'], { env });
    const { users, driftUnknown } = documentOf(stdout) as unknown as {
      users: { drift: string }[];
      driftUnknown: string;
    };
    expect([status, new Set(users.map((user) => user.drift))]).toEqual([3, new Set(['unknown'])]);
    expect(driftUnknown).not.toBe('');
  });

  // How long it takes is a row of `npm run bench`.
  test('10,000 users are listed, each with what it has', async () => {
    const users = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [
        `u${i}`,
        { role: 'namespace-owner', email: `u${i}@example.com`, namespaces: [`n${i}`] },
      ]),
    );
    await withUsers(JSON.stringify(users), async () => {
      const { users: listed } = documentOf((await infra('user', 'list', '--json')).stdout) as unknown as {
        readonly users: readonly { readonly name: string; readonly namespaces: readonly string[] }[];
      };
      expect(listed).toHaveLength(10_000);
      for (const { name, namespaces } of listed) expect(namespaces).toEqual([name.replace('u', 'n')]);
    });
  });

  test.each([
    ['', 'empty'],
    ['{', 'not-json'],
    ['[]', 'not-object'],
    ['{"a":{},"a":{}}', 'duplicate-keys'],
  ])('the document %j stops it with 65', async (text, code) => {
    await withUsers(text, async () => {
      for (const args of [['list'], ['show', 'bob'], ['verify', 'bob']]) {
        const { status, stdout } = await infra('user', ...args, '--json');
        expect([status, documentOf(stdout).error?.code]).toEqual([65, `users.document-${code}`]);
      }
    });
  });
});

describe('infra user show', () => {
  test('shows the entry and the quota that applies', async () => {
    const { status, stdout } = await infra('user', 'show', 'bob', '--json');
    expect(status).toBe(0);
    expect(documentOf(stdout)).toMatchObject({
      user: { name: 'bob', role: 'namespace-owner', namespaces: ['bob'], quota: {} },
      effectiveQuota: { cpu_requests: '2', memory_requests: '4Gi', memory_limits: '8Gi', pods: '20' },
    });
  });

  test('an unknown user is 64 with what may have been meant', async () => {
    const { status, stdout, stderr } = await infra('user', 'show', 'dvae');
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain('Did you mean dave?');
  });

  test.each(['bob', 'carol', 'root-admin'])('the onboarding text of %s is whole', async (name) => {
    const { status, stdout } = await infra('user', 'show', name, '--onboarding');
    expect(status).toBe(0);
    expect(stdout).toContain(`# Welcome, ${name}`);
    expect(stdout).toContain(`${name}@sandbox.test`);
    expect(stdout).not.toMatch(/[{}]{2}|undefined/);
    for (const secret of Object.values(CANARIES)) expect(stdout).not.toContain(secret);
  });
});

describe('infra user verify', () => {
  const binding = (): string =>
    `${sandbox.kubernetes.url}/apis/rbac.authorization.k8s.io/v1/namespaces/bob/rolebindings/namespace-owner-bob`;

  test('ends with 0 when every object of everybody is there', async () => {
    const { status, stdout } = await infra('user', 'verify', '--all', '--json');
    const { users, counts, shape } = documentOf(stdout) as unknown as {
      users: { name: string }[];
      counts: Record<string, number>;
      shape: string;
    };
    expect([status, shape, users.map((user) => user.name)]).toEqual([
      0,
      'extracted',
      ['root-admin', 'carol', 'bob', 'dave'],
    ]);
    expect([counts.FAIL, counts.WARN, counts.UNKNOWN]).toEqual([0, 0, 0]);
  });

  test('ends with 2, names the row, the stack that makes it and the command that shows it', async () => {
    const kept = await (await api('GET', binding(), kubernetes)).json();
    await api('DELETE', binding(), kubernetes);
    try {
      const json = await infra('user', 'verify', 'bob', '--json');
      const [bob] = (documentOf(json.stdout) as unknown as { users: { findings: Finding[] }[] }).users;
      expect(json.status).toBe(2);
      expect(bob?.findings.filter(({ verdict }) => verdict === 'FAIL').map(({ id }) => id)).toEqual([
        'users.role-binding/bob/namespace-owner-bob',
      ]);
      const text = await infra('user', 'verify', 'bob');
      expect(text.stdout).toContain('FAIL does not exist');
      expect(text.stdout).toContain('The stack rbac makes it.');
      expect(text.stdout).toContain('kubectl -n bob get rolebinding namespace-owner-bob -o yaml');
      expect(text.stdout).toMatch(/may deploy in bob\s+UNKNOWN/);
    } finally {
      await api('POST', binding().replace(/\/[^/]+$/, ''), kubernetes, kept);
    }
  });

  test('an entry that the stacks cannot read fails', async () => {
    await withUsers('{"eve":{"role":"owner","email":"eve@example.com"}}', async () => {
      const { status, stdout } = await infra('user', 'verify', 'eve');
      expect(status).toBe(2);
      expect(stdout).toContain('Its role is "owner", which the stacks ignore without a word.');
    });
  });

  test.each([
    [[], 'usage.which-user'],
    [['bob', '--all'], 'usage.which-user'],
    [['bbo'], 'usage.unknown-user'],
  ])('%j is 64', async (args, code) => {
    const { status, stdout } = await infra('user', 'verify', ...args, '--json');
    expect([status, documentOf(stdout).error?.code]).toEqual([64, code]);
  });

  test('no secret is printed, however much is asked for', async () => {
    const { stdout, stderr } = await infra('user', 'verify', '--all', '--debug');
    for (const secret of Object.values(CANARIES)) expect(stdout + stderr).not.toContain(secret);
  });
});
