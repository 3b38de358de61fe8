import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../../src/lib/clients/kubernetes/client.ts';
import type { Ask, Probe } from '../../../../src/lib/diagnosis/probe.ts';
import type { Runbook } from '../../../../src/lib/diagnosis/runbook.ts';
import { alerts } from '../../../../src/lib/runbooks/cluster/alerts.ts';
import { api } from '../../../../src/lib/runbooks/cluster/api.ts';
import { nodes } from '../../../../src/lib/runbooks/cluster/nodes.ts';
import { pods } from '../../../../src/lib/runbooks/cluster/pods.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { clientsOf, diagnoseTiny, tinyRunbook } from '../../diagnosis/run-tiny.ts';
import { tinyProbe } from '../../diagnosis/tiny-runbook.ts';

const answering = tinyProbe('cluster.api.answers');

/** What one probe says when the clients answer like this. */
async function said(probe: unknown, made: object, site = fakeSite()) {
  const runbook: Runbook = tinyRunbook([answering, probe as Probe]);
  const client: Ask['client'] = clientsOf(made as Parameters<typeof clientsOf>[0]);
  const { diagnosis } = await diagnoseTiny(runbook, { client, site });
  return diagnosis.findings[1];
}

const cluster = (list: readonly object[]) => ({
  kubernetes: { allowed: async () => true, list: async () => list as readonly KubernetesObject[] },
});

describe('nodes', () => {
  const node = (name: string, conditions: Readonly<Record<string, string>>, spec: object = {}) => ({
    metadata: { name },
    spec,
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status, reason: 'Why' })) },
  });
  test.each([
    ['all ready', [node('n1', { Ready: 'True', DiskPressure: 'False' })], 'PASS', '1 of 1 ready'],
    [
      'one that does not report',
      [node('n1', { Ready: 'True' }), node('n2', { Ready: 'Unknown' })],
      'FAIL',
      '1 of 2 ready; n2 not ready (Why)',
    ],
    [
      'one short of disk',
      [node('n1', { Ready: 'True', DiskPressure: 'True' })],
      'FAIL',
      '1 of 1 ready; n1 has DiskPressure',
    ],
    [
      'one that is cordoned',
      [node('n1', { Ready: 'True' }, { unschedulable: true })],
      'WARN',
      '1 of 1 ready; n1 cordoned',
    ],
    ['none at all', [], 'UNKNOWN', 'the API knows no node'],
  ])('%s', async (_, list, verdict, detail) => {
    expect(await said(nodes, cluster(list))).toMatchObject({ verdict, detail });
  });
});

describe('pods', () => {
  const old = '2020-01-01T00:00:00Z';
  const pod = (name: string, status: object, metadata: object = {}) => ({
    metadata: { name, namespace: 'blog', creationTimestamp: old, ...metadata },
    status: { startTime: old, ...status },
  });
  const running = pod('web', { phase: 'Running', containerStatuses: [{ ready: true, state: { running: {} } }] });
  const waiting = (reason: string) => ({
    phase: 'Pending',
    containerStatuses: [{ ready: false, state: { waiting: { reason } } }],
  });
  test.each([
    ['all running', [running], 'PASS', '1 pod, none in trouble'],
    [
      'one that crashes',
      [running, pod('app', waiting('CrashLoopBackOff'))],
      'WARN',
      '1 of 2 do not run: blog/app CrashLoopBackOff',
    ],
    [
      'one that crashes in its first minute',
      [running, pod('app', { ...waiting('CrashLoopBackOff'), startTime: '2999-01-01T00:00:00Z' })],
      'WARN',
      '1 of 2 do not run: blog/app CrashLoopBackOff',
    ],
    [
      'one that just starts',
      [running, pod('app', { ...waiting('ContainerCreating'), startTime: '2999-01-01T00:00:00Z' })],
      'PASS',
      '2 pods, none in trouble',
    ],
    [
      'one that starts for years',
      [running, pod('app', waiting('ContainerCreating'))],
      'WARN',
      '1 of 2 do not run: blog/app ContainerCreating',
    ],
    [
      'one that nobody schedules',
      [running, pod('app', { phase: 'Pending' })],
      'WARN',
      '1 of 2 do not run: blog/app Pending',
    ],
    [
      'one that is not ready',
      [pod('app', { phase: 'Running', containerStatuses: [{ ready: false, state: { running: {} } }] })],
      'WARN',
      '1 of 1 do not run: blog/app not ready',
    ],
    [
      'the failed try of a Job',
      [running, pod('job-x', { phase: 'Failed' }, { ownerReferences: [{ kind: 'Job' }] })],
      'PASS',
      '2 pods, none in trouble',
    ],
    [
      'an evicted one',
      [running, pod('app', { phase: 'Failed', reason: 'Evicted' })],
      'WARN',
      '1 of 2 do not run: blog/app Evicted',
    ],
    [
      'many',
      Array.from({ length: 11 }, (_, at) => pod(`app-${at}`, waiting('ImagePullBackOff'))),
      'FAIL',
      '11 of 11 do not run: blog/app-0 ImagePullBackOff, blog/app-1 ImagePullBackOff, blog/app-10 ImagePullBackOff, and 8 more',
    ],
  ])('%s', async (_, list, verdict, detail) => {
    expect(await said(pods, cluster(list))).toMatchObject({ verdict, detail });
  });
});

describe('alerts', () => {
  const site = fakeSite('/repository', { prometheus: { url: 'http://prometheus.test' } });
  const prometheus = (status: number, body: unknown) => ({ http: { json: async () => ({ status, body }) } });
  const series = (...metrics: readonly object[]) => ({
    status: 'success',
    data: { result: metrics.map((metric) => ({ metric })) },
  });
  test.each([
    ['none', 200, series(), 'PASS', undefined],
    ['only the one that always fires', 200, series({ alertname: 'Watchdog', severity: 'critical' }), 'PASS', undefined],
    ['a warning', 200, series({ alertname: 'A', severity: 'warning' }), 'WARN', undefined],
    ['a critical one', 200, series({ alertname: 'A', severity: 'critical' }), 'FAIL', undefined],
    ['an answer that is none', 200, { hello: 1 }, 'UNKNOWN', 'malformed'],
    ['a query that it rejects', 400, { status: 'error', error: 'x' }, 'UNKNOWN', 'rejected'],
    ['a login page', 403, {}, 'UNKNOWN', 'forbidden'],
  ])('%s', async (_, status, body, verdict, reason) => {
    expect(await said(alerts, prometheus(status, body), site)).toMatchObject({
      verdict,
      ...(reason === undefined ? {} : { reason }),
    });
  });

  test('without prometheus.url are skipped', async () => {
    expect(await said(alerts, {})).toMatchObject({ verdict: 'SKIP', reason: 'not-configured' });
  });
});

test('an API that only the second login reaches is a warning that says so', async () => {
  const kubernetes = {
    version: async () => 'v1',
    target: async () => ({ server: 'https://a', insteadOf: { context: 'x', because: 'its plugin failed' } }),
  };
  expect(await said({ ...api, id: 'cluster.api.again' }, { kubernetes })).toMatchObject({
    verdict: 'WARN',
    detail: expect.stringContaining('its plugin failed'),
  });
});
