import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { infra, infraJson } from './user-add/infra.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

test('a healthy platform: nothing stands out, and what was not asked is named', async () => {
  const { status, stdout } = await infra(sandbox, ['diagnose']);
  expect(status).toBe(0);
  expect(stdout).toContain('Nothing stands out.');
  expect(stdout).toMatch(/PASS +nodes +5 of 5 ready/);
});

test('a cluster that does not answer comes before everything else, and is not health', async () => {
  const { status, document } = await infraJson(sandbox, ['diagnose'], { env: { KUBECONFIG: '/nowhere/config' } });
  expect(status).toBe(3);
  expect(document).toMatchObject({
    status: 'unknown',
    subject: 'triage',
    lookAt: { command: 'infra doctor', because: expect.stringContaining('/nowhere/config') },
  });
});

test('a pod that crashes shows with its namespace, as a warning', async () => {
  const body = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [crashing] };
  onTestFinished(sandbox.kubernetes.inject({ path: '/api/v1/pods', status: 200, body }));
  const { status, document } = await infraJson(sandbox, ['diagnose']);
  expect(status).toBe(1);
  expect(document).toMatchObject({ lookAt: { because: '1 of 1 do not run: blog/app CrashLoopBackOff' } });
});

test('takes no argument: a subject that there is none of is a usage error', async () => {
  const { status, stderr } = await infra(sandbox, ['diagnose', 'weather']);
  expect(status).toBe(64);
  expect(stderr).toContain('weather');
});

const crashing = {
  metadata: { name: 'app', namespace: 'blog' },
  status: {
    phase: 'Running',
    startTime: '2026-01-01T00:00:00Z',
    containerStatuses: [{ name: 'app', ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
  },
};
