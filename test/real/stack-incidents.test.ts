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

/** A chart of one Deployment, as `Chart.yaml` and a template. */
const chart = (version: string): Readonly<Record<string, string>> => ({
  'charts/portal/Chart.yaml': `apiVersion: v2\nname: portal\nversion: ${version}\nappVersion: "2025.10.1"\n`,
  'charts/portal/templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  annotations: { note: {{ .Values.note | quote }} }
spec:
  selector: { matchLabels: { app: portal } }
  template:
    metadata: { labels: { app: portal } }
    spec:
      containers:
        - name: portal
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
`,
});

/** A release of that chart, which pins an image. Nothing is waited for, as above. */
const release = ({ version = '1.3.0', note = 'one' }) => `
provider "helm" {
  kubernetes {
    config_path = var.kube_config_path
  }
}

resource "helm_release" "portal" {
  name      = "portal"
  namespace = "apps"
  chart     = "\${path.module}/../../charts/portal"
  version   = "${version}"
  wait      = false
  values    = [yamlencode({ note = "${note}", image = { repository = "registry.example.test/portal", tag = "2025.10.1" } })]
}
`;

/** Where a tunnel sends what is public; what Cloudflare keeps of it lies in `file`. */
const tunnel = (file: string, service: string) => `
terraform {
  required_providers {
    cloudflare = {
      source = "cloudflare/cloudflare"
    }
  }
}

provider "cloudflare" {
  file = "${file}"
}

resource "cloudflare_zero_trust_tunnel_cloudflared_config" "main" {
  account_id = "account"
  tunnel_id  = "tunnel"
  config {
    ingress_rule {
      hostname = "*.example.test"
      service  = "${service}"
    }
    ingress_rule {
      service = "http_status:404"
    }
  }
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
  }, 600_000);
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
    return violations.map(
      ({ code, message }) => `${code} ${/(kubernetes|vault|helm|cloudflare)_\w+\.\w+/.exec(message)?.[0]}`,
    );
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

  test('a release whose image an updater moved on behind Helm’s back, and an older chart', async () => {
    const { kubernetes } = site;
    const deployment = `/apis/apps/v1${APPS}/deployments/portal`;
    const releases = async (): Promise<readonly string[]> => {
      const { items } = await kubernetes.must('GET', `/api/v1${APPS}/secrets?labelSelector=owner%3Dhelm`);
      return (items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name).sort();
    };
    const runs = async (): Promise<string> =>
      (await kubernetes.must('GET', deployment)).spec.template.spec.containers[0].image;
    const setImage = (tag: string): Promise<unknown> => {
      const containers = [{ name: 'portal', image: `registry.example.test/portal:${tag}` }];
      return kubernetes.must('PATCH', deployment, { spec: { template: { spec: { containers } } } }, STRATEGIC);
    };
    await site.write(chart('1.3.0'));
    await site.change({ cache: { more: release({}) } });
    expect((await applyStacks(site.infra, ['cache'], ['--yes'])).states).toEqual({ cache: 'applied' });
    expect(await releases()).toEqual(['sh.helm.release.v1.portal.v1']);

    await setImage('2025.12.4');
    await site.change({ cache: { more: release({ note: 'two' }) } });
    expect(await refused('cache')).toEqual(['stack.older-image helm_release.portal']);
    expect(await runs()).toBe('registry.example.test/portal:2025.12.4');

    await setImage('2025.10.1');
    await site.write(chart('1.2.0'));
    await site.change({ cache: { more: release({ version: '1.2.0', note: 'two' }) } });
    expect(await refused('cache')).toEqual(['stack.older-chart helm_release.portal']);
    expect(await releases()).toEqual(['sh.helm.release.v1.portal.v1']);
    const listed = allowing('cache:helm_release.portal');
    expect((await applyStacks(site.infra, ['cache'], listed)).states).toEqual({ cache: 'applied' });
    expect(await releases()).toEqual(['sh.helm.release.v1.portal.v1', 'sh.helm.release.v1.portal.v2']);
  });

  test('a tunnel that somebody changed by hand', async () => {
    const file = join(site.workspace.dir, 'tunnel.json');
    await site.change({ queue: { more: tunnel(file, 'https://traefik:443') } });
    expect((await applyStacks(site.infra, ['queue'], ['--yes'])).states).toEqual({ queue: 'applied' });
    const byHand = [{ hostname: '*.example.test', service: 'https://10.0.20.201:443' }];
    await writeFile(file, JSON.stringify(byHand));
    expect(await refused('queue')).toEqual([
      'stack.tunnel-change cloudflare_zero_trust_tunnel_cloudflared_config.main',
    ]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(byHand);
    const listed = allowing('queue:cloudflare_zero_trust_tunnel_cloudflared_config.main');
    expect((await applyStacks(site.infra, ['queue'], listed)).states).toEqual({ queue: 'applied' });
    expect(JSON.parse(await readFile(file, 'utf8'))).toContainEqual({ hostname: '', service: 'http_status:404' });
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
