import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts';
import { CANARIES } from '../../../src/sandbox/worlds/canaries.ts';
import { healthy } from '../../../src/sandbox/worlds/healthy.ts';
import { ask } from './asking.ts';

const PORTAL = 'k8s-portal-7c6b5d4f8-q9w2e';

let sandbox: Sandbox;
beforeAll(async () => {
  const lines = [300, 200, 100].map((secondsAgo) => ({ secondsAgo, text: `served a request ${secondsAgo} s ago` }));
  sandbox = await startSandbox({
    world: {
      ...healthy,
      kubernetes: {
        ...healthy.kubernetes,
        tokens: {
          ...healthy.kubernetes.tokens,
          'token-of-bob': { name: 'bob@sandbox.test', groups: ['system:authenticated'] },
        },
        logs: [{ namespace: 'k8s-portal', pod: 'k8s-portal-*', container: 'portal', lines }],
        exec: [
          { pod: 'k8s-portal-*', command: ['df', '-B1', '/dev/shm'], stdout: 'Filesystem\n' },
          { command: ['false', '*'], stderr: 'no\n', exitCode: 7 },
          { command: ['hangup'], breaks: 'no-status' },
          { command: ['cat'], echo: true },
        ],
      },
    },
  });
});
afterAll(() => sandbox.stop());

const admin = { authorization: `Bearer ${CANARIES.kubernetesAdminToken}` };
const bob = { authorization: 'Bearer token-of-bob' };
const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  ask(`${sandbox.kubernetes.url}${path}`, method, body, { ...admin, 'content-type': 'application/json', ...headers });

/** GET over TLS as kubectl does it: with the authority of the kubeconfig, or with what the machine trusts. */
function getOverTls(path: string, ca?: string) {
  const options = { headers: admin, ...(ca === undefined ? {} : { ca }) };
  return new Promise<number | undefined>((resolve, reject) => {
    get(`${sandbox.kubernetes.tlsUrl}${path}`, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

test('a kubeconfig leads to the API over TLS, without which kubectl sends no token', async () => {
  for (const file of [`${sandbox.dir}/kubeconfig`, `${sandbox.repo}/config`]) {
    const [{ cluster }] = parse(await readFile(file, 'utf8')).clusters;
    expect(cluster.server).toBe(sandbox.kubernetes.tlsUrl);
    const authority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
    expect(await getOverTls('/api/v1/namespaces/bob', authority)).toBe(200);
  }
  await expect(getOverTls('/api/v1/namespaces/bob')).rejects.toThrow(/certificate/);
  expect(sandbox.kubernetes.requests).toContainEqual({ method: 'GET', path: '/api/v1/namespaces/bob' });
});

test('the names that people type are told', async () => {
  const { resources } = (await api('GET', '/api/v1')).json as { resources: { name: string; shortNames?: string[] }[] };
  expect(resources.find(({ name }) => name === 'resourcequotas')?.shortNames).toEqual(['quota']);
});

describe('objects', () => {
  test('what is missing, there already, or badly named is refused as the API server does', async () => {
    expect((await api('GET', '/api/v1/namespaces/nope')).json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'namespaces "nope" not found',
      reason: 'NotFound',
      details: { name: 'nope', kind: 'namespaces' },
      code: 404,
    });
    expect((await api('GET', '/apis/apps/v1/namespaces/bob/deployments/x')).json).toMatchObject({
      message: 'deployments.apps "x" not found',
      details: { name: 'x', group: 'apps', kind: 'deployments' },
    });
    const bobs = { metadata: { name: 'bob' } };
    expect((await api('POST', '/api/v1/namespaces', bobs)).json).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'namespaces "bob" already exists',
    });
    const bad = await api('POST', '/api/v1/namespaces', { metadata: { name: 'a_b' } });
    expect(bad.json).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  test('a namespace comes with phase and account, and takes its content with it', async () => {
    const made = await api('POST', '/api/v1/namespaces', { metadata: { name: 'short-lived' } });
    expect(made).toMatchObject({ status: 201, json: { status: { phase: 'Active' } } });
    const inside = '/api/v1/namespaces/short-lived';
    expect((await api('GET', `${inside}/serviceaccounts/default`)).status).toBe(200);
    await api('POST', `${inside}/configmaps`, { metadata: { name: 'c' }, data: { a: '1' } });
    expect((await api('DELETE', inside)).json).toMatchObject({ status: { phase: 'Terminating' } });
    await expect.poll(async () => (await api('GET', inside)).status).toBe(404);
    expect((await api('GET', `${inside}/configmaps/c`)).status).toBe(404);
    expect((await api('POST', `${inside}/configmaps`, { metadata: { name: 'd' } })).json).toMatchObject({ code: 404 });
  });

  test('patches by all three content types; a stale version is a conflict, in a put and in every patch', async () => {
    const at = '/api/v1/namespaces/bob/configmaps';
    const made = (await api('POST', at, { metadata: { name: 'p' }, data: { a: '1', b: '2' } })).json as object;
    const patch = (type: string, body: unknown) => api('PATCH', `${at}/p`, body, { 'content-type': type });
    await patch('application/merge-patch+json', { data: { a: null } });
    await patch('application/json-patch+json', [{ op: 'add', path: '/data/c', value: '3' }]);
    const last = await patch('application/strategic-merge-patch+json', { data: { d: '4' } });
    expect(last.json).toMatchObject({ data: { b: '2', c: '3', d: '4' } });
    expect((await patch('application/json', {})).status).toBe(415);
    const conflict = { code: 409, reason: 'Conflict' };
    expect((await api('PUT', `${at}/p`, made)).json).toMatchObject(conflict);
    const stale = { metadata: { resourceVersion: '1' }, data: { b: '5' } };
    for (const type of ['merge-patch', 'strategic-merge-patch'])
      expect((await patch(`application/${type}+json`, stale)).json).toMatchObject(conflict);
    const replace = [{ op: 'replace', path: '/metadata/resourceVersion', value: '1' }];
    expect((await patch('application/json-patch+json', replace)).json).toMatchObject(conflict);
    const any = await patch('application/merge-patch+json', { metadata: { resourceVersion: null }, data: { b: '6' } });
    expect(any.json).toMatchObject({ data: { b: '6', c: '3', d: '4' } });
  });

  test('lists select and page', async () => {
    const labels = encodeURIComponent('managed-by=vault-user-onboarding,tier!=0-core');
    const selected = (await api('GET', `/api/v1/namespaces?labelSelector=${labels}`)).json as {
      items: { metadata: { name: string } }[];
    };
    expect(selected.items.map((item) => item.metadata.name)).toEqual(['bob', 'dave', 'dave-lab']);
    const one = (await api('GET', '/api/v1/namespaces?fieldSelector=metadata.name%3Ddave')).json as {
      items: unknown[];
    };
    expect(one.items).toHaveLength(1);
    const page = (await api('GET', '/api/v1/namespaces?limit=2')).json as { metadata: { continue: string } };
    const next = await api('GET', `/api/v1/namespaces?limit=2&continue=${page.metadata.continue}`);
    expect(next.status).toBe(200);
    expect((await api('GET', '/api/v1/namespaces?continue=expired')).json).toMatchObject({
      code: 410,
      reason: 'Expired',
    });
  });
});

describe('who may do what', () => {
  const allowed = async (headers: Record<string, string>, resourceAttributes: object) => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const review = await api('POST', path, { spec: { resourceAttributes } }, headers);
    return (review.json as { status: { allowed: boolean } }).status.allowed;
  };

  test('a namespace-owner is admin at home and a guest elsewhere', async () => {
    const deployments = { verb: 'create', group: 'apps', resource: 'deployments' };
    expect(await allowed(bob, { ...deployments, namespace: 'bob' })).toBe(true);
    expect(await allowed(bob, { ...deployments, namespace: 'dave' })).toBe(false);
    expect(await allowed(bob, { verb: 'list', resource: 'pods' })).toBe(true);
    expect(await allowed(bob, { verb: 'get', resource: 'secrets', namespace: 'kube-system' })).toBe(false);
    expect(await allowed(bob, { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'bob' })).toBe(true);
  });

  test('an admin asks in the name of others', async () => {
    const as = { 'impersonate-user': 'bob@sandbox.test' };
    expect(await allowed(as, { verb: 'get', resource: 'secrets', namespace: 'bob' })).toBe(true);
    expect((await api('GET', '/api/v1/namespaces/dave/secrets', undefined, as)).json).toMatchObject({
      code: 403,
      message:
        'secrets is forbidden: User "bob@sandbox.test" cannot list resource "secrets" in API group "" in the namespace "dave"',
    });
    expect((await api('GET', '/api/v1/pods', undefined, { ...bob, 'impersonate-user': 'x' })).status).toBe(403);
  });

  test('no token is anonymous, a wrong one is nobody', async () => {
    expect((await api('GET', '/version', undefined, { authorization: '' })).status).toBe(200);
    expect((await ask(`${sandbox.kubernetes.url}/api/v1/pods`)).json).toMatchObject({ code: 403 });
    expect((await api('GET', '/api/v1/pods', undefined, { authorization: 'Bearer wrong' })).json).toMatchObject({
      code: 401,
      message: 'Unauthorized',
    });
  });

  test('the token of a ServiceAccount Secret works until the Secret goes', async () => {
    const secret = '/api/v1/namespaces/dave/secrets/dashboard-dave-token';
    const { data } = (await api('GET', secret)).json as { data: { token: string } };
    const holder = { authorization: `Bearer ${Buffer.from(data.token, 'base64').toString()}` };
    expect((await api('GET', '/api/v1/namespaces/dave/pods', undefined, holder)).status).toBe(200);
    await api('DELETE', secret);
    expect((await api('GET', '/api/v1/namespaces/dave/pods', undefined, holder)).status).toBe(401);
  });
});

describe('logs', () => {
  const log = (query: string) => api('GET', `/api/v1/namespaces/k8s-portal/pods/${PORTAL}/log?${query}`);

  test('since, tail, bytes, timestamps', async () => {
    expect((await log('')).text.split('\n')).toHaveLength(4);
    expect((await log('sinceSeconds=250')).text.split('\n')).toHaveLength(3);
    expect((await log('tailLines=1')).text).toBe('served a request 100 s ago\n');
    expect((await log('limitBytes=10')).text).toBe('served a r');
    expect((await log('timestamps=true&tailLines=1')).text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z served/);
  });

  test('what cannot be had says why', async () => {
    expect((await log('previous=true')).json).toMatchObject({
      code: 400,
      message: `previous terminated container "portal" in pod "${PORTAL}" not found`,
    });
    expect((await log('container=x')).json).toMatchObject({ message: `container x is not valid for pod ${PORTAL}` });
    expect((await api('GET', '/api/v1/namespaces/k8s-portal/pods/none/log')).status).toBe(404);
  });
});

describe('exec', () => {
  type Run = {
    readonly out: string;
    readonly status: { status?: string; reason?: string } | undefined;
    readonly code: number;
  };

  const exec = (command: readonly string[], stdin?: string, protocol = 'v5.channel.k8s.io') =>
    new Promise<Run>((resolve, reject) => {
      const query = new URLSearchParams({ stdout: 'true', stderr: 'true', container: 'portal' });
      for (const word of command) query.append('command', word);
      const base = sandbox.kubernetes.url.replace('http', 'ws');
      const socket = new WebSocket(`${base}/api/v1/namespaces/k8s-portal/pods/${PORTAL}/exec?${query}`, [protocol], {
        headers: admin,
      });
      const channels = ['', '', '', ''];
      socket.on('open', () => {
        if (stdin === undefined) return;
        socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(stdin)]));
        socket.send(Buffer.from([255, 0]));
      });
      socket.on('message', (data: Buffer) => {
        channels[data[0] ?? 0] += data.subarray(1).toString();
      });
      socket.on('error', reject);
      socket.on('close', (code) => {
        const status = channels[3];
        resolve({
          out: `${channels[1]}${channels[2]}`,
          status: status === '' || status === undefined ? undefined : JSON.parse(status),
          code,
        });
      });
    });

  test('a command answers with its exit code', async () => {
    expect(await exec(['df', '-B1', '/dev/shm'])).toMatchObject({ out: 'Filesystem\n', status: { status: 'Success' } });
    expect(await exec(['false', 'a', 'b'], undefined, 'v4.channel.k8s.io')).toMatchObject({
      out: 'no\n',
      status: { reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '7' }] } },
    });
    expect(await exec(['cat'], 'hello')).toMatchObject({ out: 'hello' });
  });

  test('a program that is not there, and a socket that closes early', async () => {
    expect((await exec(['ak', 'shell'])).status).toMatchObject({ reason: 'InternalError' });
    expect((await exec(['hangup'])).status).toBeUndefined();
  });
});
