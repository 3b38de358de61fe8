import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { applyStacks, expectNothingLeft } from './harness/stacks-runs.ts';
import { type StacksSite, startStacksSite } from './harness/stacks-site.ts';
import { pushedState } from './harness/tier0.ts';
import { skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`stack-incidents.test.ts is skipped: ${reason}`);

/** A Deployment, a Service with an address and a Job that runs once. Nothing is waited for: no pod ever runs here. */
const workloads = ({ note = 'one' }) => `
resource "kubernetes_deployment" "server" {
  wait_for_rollout = false
  metadata {
    name      = "server"
    namespace = "apps"
  }
  spec {
    selector {
      match_labels = { app = "server" }
    }
    template {
      metadata {
        labels = { app = "server" }
      }
      spec {
        container {
          name  = "server"
          image = "registry.example.test/server:2025.10.1"
        }
      }
    }
  }
}

resource "kubernetes_service" "address" {
  metadata {
    name        = "address"
    namespace   = "apps"
    annotations = { note = "${note}" }
  }
  spec {
    type     = "LoadBalancer"
    selector = { app = "server" }
    port {
      port = 5432
    }
  }
}

resource "kubernetes_job" "import" {
  wait_for_completion = false
  metadata {
    name      = "import"
    namespace = "apps"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name  = "import"
          image = "registry.example.test/import:1"
        }
        restart_policy = "Never"
      }
    }
  }
}
`;

/** A way to log in to Vault, as a pipeline has one. */
const login = (names: readonly string[]) => `
resource "vault_auth_backend" "pipelines" {
  type = "kubernetes"
}

resource "vault_kubernetes_auth_backend_role" "pipelines" {
  backend                          = vault_auth_backend.pipelines.path
  role_name                        = "pipelines"
  bound_service_account_names      = ${JSON.stringify(names)}
  bound_service_account_namespaces = ["woodpecker"]
}
`;

const JOB = 'shop:kubernetes_job.import';
const APPS = '/namespaces/apps';

describe.skipIf(reason !== undefined)('what incidents have taught, on real servers', () => {
  let site: StacksSite;

  beforeAll(async () => {
    site = await startStacksSite();
    await site.change({ shop: { more: workloads({}) }, vault: { more: login(['default']) } });
    const flags = ['--yes', '--accept-replans', '--allow-guarded', JOB];
    const applying = applyStacks(site.infra, ['infra', 'platform', 'vault', 'shop', 'wiki'], flags);
    await Promise.race([giveAddress(), applying]);
    const first = await applying;
    expect(first.document.error).toBeUndefined();
  }, 240_000);
  afterAll(async () => {
    await site?.stop();
  });
  afterEach(() => expectNothingLeft(site));

  /** What a load balancer does: the provider waits for it. */
  async function giveAddress(): Promise<void> {
    await until(
      'the Service',
      async () => (await site.kubernetes.request('GET', `/api/v1${APPS}/services/address`)).status === 200 || undefined,
      120,
    );
    const status = { loadBalancer: { ingress: [{ ip: '10.0.20.200' }] } };
    await site.kubernetes.must('PATCH', `/api/v1${APPS}/services/address/status`, { status }, STRATEGIC);
  }

  /** What the guards refuse of the plans of one stack, as `code address`. */
  async function refused(stack: string): Promise<readonly string[]> {
    const { document } = await applyStacks(site.infra, [stack]);
    expect(document).toMatchObject({ exitStatus: 4, result: 'refused', stacks: [] });
    const { violations = [] } = document.error as {
      readonly violations?: readonly { code: string; message: string }[];
    };
    return violations.map(({ code, message }) => `${code} ${/kubernetes_\w+\.\w+|vault_\w+\.\w+/.exec(message)?.[0]}`);
  }
  const allowing = (...addresses: readonly string[]): readonly string[] => [
    '--yes',
    ...addresses.flatMap((address) => ['--allow-guarded', address]),
  ];

  test('an image that an updater moved on, a Service whose address others know, a Job that was cleaned up', async () => {
    const { kubernetes } = site;
    const newer = { name: 'server', image: 'registry.example.test/server:2025.12.4' };
    const template = { spec: { template: { spec: { containers: [newer] } } } };
    await kubernetes.must('PATCH', `/apis/apps/v1${APPS}/deployments/server`, template, STRATEGIC);
    await site.change({ shop: { more: workloads({ note: 'two' }) } });
    await kubernetes.must('DELETE', `/apis/batch/v1${APPS}/jobs/import?propagationPolicy=Background`);
    expect([...(await refused('shop'))].sort()).toEqual([
      'stack.job-create kubernetes_job.import',
      'stack.load-balancer-change kubernetes_service.address',
      'stack.older-image kubernetes_deployment.server',
    ]);
    expect((await kubernetes.request('GET', `/apis/batch/v1${APPS}/jobs/import`)).status).toBe(404);
    const listed = allowing('shop:kubernetes_deployment.server', 'kubernetes_service.address', JOB);
    expect((await applyStacks(site.infra, ['shop'], listed)).states).toEqual({ shop: 'applied' });
    const { metadata } = await kubernetes.must('GET', `/api/v1${APPS}/services/address`);
    expect(metadata.annotations).toEqual({ note: 'two' });
  });

  test('a way to log in to Vault', async () => {
    await site.change({ vault: { more: login(['default', 'runner']) } });
    expect(await refused('vault')).toEqual(['stack.vault-auth-change vault_kubernetes_auth_backend_role.pipelines']);
    const { commits } = await pushedState(site, 'vault');
    const listed = allowing('vault:vault_kubernetes_auth_backend_role.pipelines');
    expect((await applyStacks(site.infra, ['vault'], listed)).states).toEqual({ vault: 'applied' });
    expect((await pushedState(site, 'vault')).commits).toBe(commits + 1);
  });

  test('drift: the same change in two stacks is one, a state in git is only read, an entry that expired accepts nothing', async () => {
    for (const name of ['shop', 'wiki']) {
      const path = `/api/v1${APPS}/configmaps/${name}-main`;
      await site.kubernetes.must('PATCH', path, { data: { text: 'by hand' } }, STRATEGIC);
    }
    await site.change({ platform: { text: 'two' } }, 'Set platform to two');
    const head = await site.git('rev-parse', 'HEAD');
    const config = join(site.dir, 'infra.yaml');
    const before = await readFile(config, 'utf8');
    const entries = ['wiki', 'platform'].map(
      (name) => `  - { finding: stack.drift, subject: ${name}, reason: the audit, expires: ${EXPIRED} }\n`,
    );
    await writeFile(config, `${before}ignore:\n${entries.join('')}`);
    const document = await site.infra.json('stack', 'drift', 'shop', 'wiki', 'platform', 'vault', '--exit-code');
    await writeFile(config, before);
    expect(document).toMatchObject({
      exitStatus: 1,
      stacks: expect.arrayContaining([
        expect.objectContaining({ stack: 'platform', state: 'drift' }),
        expect.objectContaining({ stack: 'vault', state: 'clean' }),
      ]),
      groups: expect.arrayContaining([
        expect.objectContaining({ class: 'update', what: 'kubernetes_config_map.main', stacks: ['shop', 'wiki'] }),
        expect.objectContaining({
          stacks: ['platform'],
          explanation: expect.objectContaining({ title: 'Set platform to two', path: 'stacks/platform/main.tf' }),
        }),
      ]),
      findings: ['wiki', 'platform'].map((name) =>
        expect.objectContaining({ id: 'stack.drift-ignore-expired', title: `ignore of ${name}` }),
      ),
    });
    expect([await site.git('rev-parse', 'HEAD'), await site.git('status', '--porcelain')]).toEqual([head, '']);
  });
});

const EXPIRED = '2026-01-31';
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
