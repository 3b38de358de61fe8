/**
 * `infra mail roundtrip --send` with the real Job controller and garbage collector: the Job that infra makes from the
 * CronJob is run by them, only the kubelet is played. What the pod logs is what the monitor of the seeds logs.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Infra, makeInfra } from './harness/infra.ts';
import { type Kubernetes, startKubernetes } from './harness/kubernetes.ts';
import { type Kwok, startKwok } from './harness/kwok.ts';
import type { PlayedJob } from './harness/kwok-jobs.ts';
import { skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';
import { makeWorkspace, type Workspace } from './harness/workspace.ts';

const reason = skipReason('etcd', 'apiserver', 'controllerManager', 'kwok');
if (reason !== undefined) console.warn(`mail-roundtrip-send.test.ts is skipped: ${reason}`);

const NAMESPACE = 'mailserver';
const BATCH = `/apis/batch/v1/namespaces/${NAMESPACE}`;
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const operator = { name: 'operator', token: 'operator-token' };
const reader = { name: 'reader', token: 'reader-token' };

const SENT = 'Sent test email with marker e2e-probe-1764068400';
const SCENES: readonly [string, Partial<PlayedJob>, { half: string; exitStatus: number; phase: string }][] = [
  [
    'a mail that comes back',
    { log: [SENT, 'Round-trip SUCCESS in 20.3s'], exitStatus: 0 },
    { half: 'none', exitStatus: 0, phase: 'complete' },
  ],
  [
    'a key that the sender does not take',
    { log: ['ERROR: Brevo API returned 401'], exitStatus: 1 },
    { half: 'sending', exitStatus: 2, phase: 'failed' },
  ],
  [
    'a mail that does not come back',
    { log: [SENT, 'Round-trip FAILED: marker not found'], exitStatus: 1 },
    { half: 'receiving', exitStatus: 2, phase: 'failed' },
  ],
  [
    'a mailbox that cannot be read',
    { log: [SENT, 'IMAP attempt failed: connection refused', 'Round-trip FAILED'], exitStatus: 1 },
    { half: 'mailbox', exitStatus: 2, phase: 'failed' },
  ],
  ['a pod that says nothing', { log: [], exitStatus: 1 }, { half: 'unclear', exitStatus: 2, phase: 'failed' }],
];

describe.skipIf(reason !== undefined)('infra mail roundtrip --send, by a real Job controller', () => {
  let workspace: Workspace;
  let kubernetes: Kubernetes;
  let kwok: Kwok;
  let site: string;

  beforeAll(async () => {
    workspace = await makeWorkspace('roundtrip');
    kubernetes = await startKubernetes({ users: [operator, reader] });
    kwok = await startKwok(kubernetes);
    await kubernetes.must('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    await may(operator.name, [
      ['batch', ['cronjobs'], ['get']],
      ['batch', ['jobs'], ['create', 'delete', 'get']],
      ['', ['pods'], ['list']],
      ['', ['pods/log'], ['get']],
    ]);
    await may(reader.name, [
      ['batch', ['cronjobs', 'jobs'], ['get']],
      ['', ['pods'], ['list']],
    ]);
    site = join(workspace.dir, 'site');
    await mkdir(join(site, 'stacks'), { recursive: true });
    await writeFile(join(site, 'infra.yaml'), '{}\n');
  });

  afterAll(async () => {
    await kwok?.stop();
    await kubernetes?.stop();
    await workspace?.remove();
  });

  beforeEach(async () => {
    await kubernetes.request('DELETE', `${BATCH}/cronjobs/email-roundtrip-monitor`);
    await monitor({});
  });

  /** Grants exactly this in the namespace of mail. */
  async function may(user: string, rules: readonly (readonly [string, string[], string[]])[]): Promise<void> {
    const folder = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
    await kubernetes.must('POST', `${folder}/roles`, {
      metadata: { name: user },
      rules: rules.map(([group, resources, verbs]) => ({ apiGroups: [group], resources, verbs })),
    });
    await kubernetes.must('POST', `${folder}/rolebindings`, {
      metadata: { name: user },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    });
  }

  /** The monitor's CronJob; it never starts anything by itself. */
  async function monitor(spec: Readonly<Record<string, unknown>>): Promise<void> {
    const container = { name: 'monitor', image: 'monitor:1' };
    const template = { spec: { nodeName: kwok.node, restartPolicy: 'Never', containers: [container] } };
    await kubernetes.must('POST', `${BATCH}/cronjobs`, {
      metadata: { name: 'email-roundtrip-monitor' },
      spec: { schedule: '*/20 * * * *', suspend: true, jobTemplate: { spec: { backoffLimit: 0, ...spec, template } } },
    });
  }

  const play = (job: Partial<PlayedJob>): Promise<void> =>
    kwok.play([], { namespace: NAMESPACE, container: 'monitor', log: [], ...job });

  async function as(user: { name: string; token: string }): Promise<Infra> {
    const kubeconfig = join(workspace.dir, `${user.name}.kubeconfig`);
    await kubernetes.kubeconfigFor(kubeconfig, user);
    const env = { PATH: '/usr/bin:/bin', HOME: workspace.home, TMPDIR: workspace.dir, KUBECONFIG: kubeconfig };
    return makeInfra({ dir: site, env });
  }

  const names = async (path: string): Promise<string[]> =>
    ((await kubernetes.must('GET', path)).items as { metadata: { name: string } }[]).map(
      ({ metadata }) => metadata.name,
    );

  /** The pods are taken away by the garbage collector once the Job is gone. */
  async function nothingIsLeft(): Promise<void> {
    expect(await names(`${BATCH}/jobs`)).toEqual([]);
    await until('the pods to be gone', async () => ((await names(PODS)).length === 0 ? true : undefined));
  }

  test.each(SCENES)('%s', async (_, job, { half, exitStatus, phase }) => {
    await play(job);
    const document = await (await as(operator)).json('mail', 'roundtrip', '--send', '--yes');
    expect(document.error).toBeUndefined();
    expect(document.send).toMatchObject({ half, phase, isDeleted: true, log: job.log });
    expect(document.exitStatus).toBe(exitStatus);
    await nothingIsLeft();
  });

  test('a Job that its own deadline ends is told as such, with what it had logged', async () => {
    await kubernetes.must('DELETE', `${BATCH}/cronjobs/email-roundtrip-monitor`);
    await monitor({ activeDeadlineSeconds: 8 });
    await play({ log: [SENT] });
    const document = await (await as(operator)).json('mail', 'roundtrip', '--send', '--yes');
    expect(document.send).toMatchObject({ half: 'receiving', phase: 'failed', isDeleted: true });
    expect(document.findings[0].detail).toContain('DeadlineExceeded');
    await nothingIsLeft();
  });

  test('a pod that never starts is no mail that was lost, whatever ended its Job', async () => {
    await kubernetes.must('DELETE', `${BATCH}/cronjobs/email-roundtrip-monitor`);
    await monitor({ activeDeadlineSeconds: 8 });
    await play({ waiting: 'ImagePullBackOff' });
    const document = await (await as(operator)).json('mail', 'roundtrip', '--send', '--yes');
    expect(document.send).toMatchObject({ half: 'not-started', isDeleted: true });
    expect(document.findings[0].detail).toContain('ImagePullBackOff');
    expect(document.exitStatus).toBe(3);
    await nothingIsLeft();
  });

  test('an interrupt while it runs takes the Job and its pod away', async () => {
    await play({ log: [SENT] });
    const infra = await as(operator);
    const running = infra.start('mail', 'roundtrip', '--send', '--yes', '--json');
    const pod = await until('a pod that runs', async () => {
      const { items } = await kubernetes.must('GET', PODS);
      return items[0]?.status?.phase === 'Running' ? String(items[0].metadata.name) : undefined;
    });
    expect(pod).toMatch(/^email-roundtrip-monitor-infra-/);
    running.process.kill('SIGINT');
    const { status, stdout } = await running.ended;
    expect(status).toBe(130);
    expect(JSON.parse(stdout).send).toMatchObject({ isDeleted: true });
    await nothingIsLeft();
  });

  test('a Job that somebody deletes meanwhile proves nothing', async () => {
    await play({ log: ['starting'] });
    const running = (await as(operator)).start('mail', 'roundtrip', '--send', '--yes', '--json');
    const [job] = await until('a Job', async () => {
      const found = await names(`${BATCH}/jobs`);
      return found.length > 0 ? found : undefined;
    });
    await kubernetes.must('DELETE', `${BATCH}/jobs/${job}?propagationPolicy=Background`);
    const { status, stdout } = await running.ended;
    expect(JSON.parse(stdout).send).toMatchObject({ half: 'unclear', phase: 'gone', isDeleted: true });
    expect(status).toBe(3);
    await nothingIsLeft();
  });

  test('without the right to make Jobs nothing is made, and the rights are named', async () => {
    await play({});
    const { exitStatus, error } = await (await as(reader)).json('mail', 'roundtrip', '--send', '--yes');
    expect([exitStatus, error?.code]).toEqual([77, 'mail.roundtrip-denied']);
    expect(error?.message).toContain('you may not create jobs, nor delete jobs in mailserver');
    await nothingIsLeft();
  });
});
