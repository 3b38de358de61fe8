/**
 * `infra diagnose authentik` through a real kube-apiserver: the worlds of the sandbox are put into it, kwok plays their
 * pods' logs and commands, and the edge is answered by HTTP servers on loopback.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { infraJson } from '../integration/user-add/infra.ts';
import { type Kubernetes, startKubernetes } from './harness/kubernetes.ts';
import type { Kwok } from './harness/kwok.ts';
import { playWorld } from './harness/play-world.ts';
import { skipReason } from './harness/tools.ts';

const reason = skipReason('etcd', 'apiserver', 'kwok', 'openssl', 'kubectl');
if (reason !== undefined) console.warn(`diagnose-authentik.test.ts is skipped: ${reason}`);

/** Someone on call, who has only what `--print-role` asks for. */
const onCall = { name: 'oncall@example.test', token: 'oncall-token' };

interface Played {
  cluster: Kubernetes;
  kwok: Kwok;
  sandbox: Sandbox;
  stop(): Promise<void>;
}

/** The same world twice: in the sandbox, and on a real control plane. */
async function play(name: string): Promise<Played> {
  const world = await loadWorld(name, { seed: 0 });
  const cluster = await startKubernetes({ controllers: false, users: [onCall] });
  const kwok = await playWorld(cluster, world);
  const sandbox = await startSandbox({ world });
  const stop = async (): Promise<void> => {
    await sandbox.stop();
    await kwok.stop();
    await cluster.stop();
  };
  return { cluster, kwok, sandbox, stop };
}

type Finding = { id: string; verdict: string; reason?: string; detail: string; command?: string };
type Diagnosis = { findings: Finding[]; rootCause?: { code?: string; confidence: string }; exonerated: unknown };

async function diagnose({ sandbox }: Played, kubeconfig?: string): Promise<Diagnosis> {
  const env = kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig };
  const { document } = await infraJson(sandbox, ['diagnose', 'authentik'], { env });
  expect(document.error).toBeUndefined();
  return document as unknown as Diagnosis;
}

/** kwok tells no exit status, so that a psql which fails on purpose is a failure of the kubelet there. */
const NEEDS_EXIT_STATUS = ['authentik.database.sessions', 'authentik.database.capacity', 'authentik.database.locks'];
/** The real server stamps the age of what a test has just made. */
const NEEDS_AGE = ['authentik.context.rollouts'];

const verdicts = ({ findings }: Diagnosis): object =>
  Object.fromEntries(
    findings
      .filter(({ id }) => !NEEDS_EXIT_STATUS.includes(id) && !NEEDS_AGE.includes(id))
      .map(({ id, verdict, reason: why }) => [id, why === undefined ? verdict : `${verdict} (${why})`]),
  );

describe.skipIf(reason !== undefined)('infra diagnose authentik on a real API server', () => {
  describe.each([
    'outpost-shm-full-rust',
    'outpost-shm-full-previous',
    'outpost-oom-killed',
    'outpost-selector-flipped',
    'pgbouncer-down',
  ])('in the world %s', (name) => {
    let played: Played;
    beforeAll(async () => {
      played = await play(name);
    }, 600_000);
    afterAll(() => played?.stop());

    test('says what it says in the sandbox: cause, what is cleared, every verdict', async () => {
      const sandboxed = await diagnose(played);
      const real = await diagnose(played, played.cluster.kubeconfig);
      expect(real.rootCause?.confidence).toBe('confirmed');
      expect(real.rootCause).toEqual(sandboxed.rootCause);
      expect(real.exonerated).toEqual(sandboxed.exonerated);
      expect(verdicts(real)).toEqual(verdicts(sandboxed));
    });
  });

  describe('in the world outpost-shm-full', () => {
    let played: Played;
    let real: Diagnosis;
    beforeAll(async () => {
      played = await play('outpost-shm-full');
      real = await diagnose(played, played.cluster.kubeconfig);
    }, 600_000);
    afterAll(() => played?.stop());

    test('finds the cause', () => {
      expect(real.rootCause).toMatchObject({ code: 'authentik.outpost.shm-full', confidence: 'confirmed' });
    });

    test('the commands to type by hand run, and show the same', async () => {
      const { cluster } = played;
      const byHand = async (command: string): Promise<string> => {
        const env = { PATH: process.env.PATH ?? '', KUBECONFIG: cluster.kubeconfig, HOME: played.sandbox.dir };
        const { stdout } = await promisify(execFile)('bash', ['-c', command], { env, cwd: played.sandbox.repo });
        return stdout;
      };
      const commandOf = (id: string): string => real.findings.find((finding) => finding.id === id)?.command ?? '';
      const pods = await cluster.must('GET', '/api/v1/namespaces/authentik/pods');
      const names = (pods.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
      const outpost = names.find((each) => each.startsWith('ak-outpost')) ?? '';

      const logs = (await byHand(commandOf('authentik.outpost.logs'))).split('\n').filter((line) => line !== '');
      const told = Number(
        /([\d,]+) lines? in/.exec(detailOf(real, 'authentik.outpost.logs'))?.[1]?.replaceAll(',', ''),
      );
      expect(logs.filter((line) => /no space left/i.test(line))).toHaveLength(told);
      expect(logs[0]).toContain(outpost);

      const [, figures = ''] = (await byHand(commandOf('authentik.outpost.shm').replace('<pod>', outpost))).split('\n');
      const [size = 0, used = 0] = figures.trim().split(/\s+/).map(Number);
      expect(used / size).toBeGreaterThan(0.99);

      expect(await byHand(commandOf('authentik.server.budgets'))).toContain('goauthentik-server');
      expect(await byHand(commandOf('authentik.edge.hosts'))).toContain('.sandbox.test');
      expect(await byHand(commandOf('authentik.outpost.limits'))).toContain('256Mi');
    });

    describe('for someone on call', () => {
      let kubeconfig: string;
      beforeAll(async () => {
        kubeconfig = await onCallIn(played);
      });

      test('the printed Role is all that it takes', async () => {
        await bind(played, () => false);
        const found = await diagnose(played, kubeconfig);
        expect(forbidden(found)).toEqual([]);
        expect(found.rootCause).toMatchObject({ code: 'authentik.outpost.shm-full', confidence: 'confirmed' });
      });

      test('without the right to read logs their findings are UNKNOWN, name the verb, and nothing is blamed for it', async () => {
        await bind(played, (resource) => resource === 'pods/log');
        const found = await diagnose(played, kubeconfig);
        expect(found.findings.find(({ id }) => id === 'authentik.outpost.logs')).toMatchObject({
          verdict: 'UNKNOWN',
          reason: 'forbidden',
          detail: expect.stringContaining('get pods/log in authentik'),
        });
        expect([undefined, 'authentik.outpost.shm-full']).toContain(found.rootCause?.code);
      });
    });
  });

  // Worlds that make a probe take its second way: a program in a pod, another namespace, an older log.
  test.each([
    ['visitor-banned', 'pods/exec', 'authentik.context.ban'],
    ['outpost-shm-full-previous', 'pods/log', 'authentik.outpost.logs'],
    ['pgbouncer-down', 'pods', 'authentik.auth-proxy.pods'],
  ])(
    'in the world %s the printed Role is all that it takes, and its right to %s is needed',
    async (name, right, id) => {
      const played = await play(name);
      try {
        const kubeconfig = await onCallIn(played);
        await bind(played, () => false);
        const found = await diagnose(played, kubeconfig);
        expect(forbidden(found)).toEqual([]);
        expect(found.rootCause).toEqual((await diagnose(played)).rootCause);
        await bind(played, (resource) => resource === right);
        expect(forbidden(await diagnose(played, kubeconfig)).join('\n')).toContain(id);
      } finally {
        await played.stop();
      }
    },
    120_000,
  );
});

/** What went wrong for want of a right: in verdicts, and between the lines. */
const forbidden = ({ findings }: Diagnosis): readonly string[] =>
  findings
    .filter(({ reason: why, detail }) => why === 'forbidden' || /may not|forbidden/.test(detail))
    .map(({ id, detail }) => `${id}: ${detail}`);

/** Somebody on call, who can sign in and has no right yet. */
const onCallIn = ({ cluster, sandbox }: Played): Promise<string> =>
  cluster.kubeconfigFor(join(sandbox.dir, 'oncall.kubeconfig'), onCall);

/** Gives whoever is on call the printed roles, less what is left out; what they had before is gone. */
async function bind(played: Played, leaveOut: (resource: string) => boolean): Promise<void> {
  const { cluster } = played;
  const path = '/apis/rbac.authorization.k8s.io/v1';
  for (const role of await printedRoles(played)) {
    const namespace = role.metadata.namespace;
    const at = namespace === undefined ? path : `${path}/namespaces/${namespace}`;
    const [plural, kind] = namespace === undefined ? ['clusterroles', 'ClusterRole'] : ['roles', 'Role'];
    const rules = role.rules
      .map((rule) => ({ ...rule, resources: rule.resources.filter((resource) => !leaveOut(resource)) }))
      .filter(({ resources }) => resources.length > 0);
    const binding = plural === 'roles' ? 'rolebindings' : 'clusterrolebindings';
    if (namespace !== undefined) await cluster.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    await cluster.request('DELETE', `${at}/${plural}/${role.metadata.name}`);
    await cluster.must('POST', `${at}/${plural}`, { metadata: role.metadata, rules });
    await cluster.request('POST', `${at}/${binding}`, {
      metadata: role.metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role.metadata.name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: onCall.name }],
    });
  }
}

type Role = {
  metadata: { name: string; namespace?: string };
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
};

const detailOf = ({ findings }: Diagnosis, id: string): string => findings.find((one) => one.id === id)?.detail ?? '';

/** The Roles that `--print-role` prints, read by kubectl as anybody would. */
async function printedRoles({ sandbox, cluster }: Played): Promise<readonly Role[]> {
  const { infra } = await import('../integration/user-add/infra.ts');
  const { status, stdout } = await infra(sandbox, ['diagnose', 'authentik', '--print-role']);
  expect(status).toBe(0);
  const file = join(sandbox.dir, 'role.yaml');
  await writeFile(file, stdout);
  const env = { PATH: process.env.PATH ?? '', KUBECONFIG: cluster.kubeconfig, HOME: sandbox.dir };
  const args = ['create', '--dry-run=client', '--validate=false', '-o', 'json', '-f', file];
  const parsed = await promisify(execFile)('kubectl', args, { env });
  // Several documents come as a List, or one after another.
  const documents = parsed.stdout
    .trim()
    .split(/\n(?=\{)/)
    .map((text) => JSON.parse(text) as Role & { items?: readonly Role[] });
  return documents.flatMap((one) => one.items ?? [one]);
}
