import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../../src/lib/clients/kubernetes/client.ts';
import { liveRisks, liveTraces } from '../../../../src/lib/stacks/guards/live.ts';
import { isOlder } from '../../../../src/lib/stacks/guards/risks/versions.ts';
import { guardedChanges, notAllowed, runRefusal, unusedEntries } from '../../../../src/lib/stacks/guards/run-guard.ts';
import { stateLost } from '../../../../src/lib/stacks/guards/state-lost.ts';
import { summarisePlan } from '../../../../src/lib/stacks/plan/plan-summary.ts';
import type { PlanSummary } from '../../../../src/lib/stacks/stack.ts';

type Resource = {
  readonly type: string;
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly unknown?: unknown;
  readonly name?: string;
};

/** The summary of a plan with these changes, from the document that terraform would show. */
function planOf(...resources: readonly Resource[]): PlanSummary {
  return summarisePlan({
    format_version: '1.2',
    applyable: true,
    resource_changes: resources.map(({ type, actions, before = null, after = null, unknown = {}, name = 'this' }) => ({
      address: `${type}.${name}`,
      mode: 'managed',
      type,
      change: { actions, before, after, after_unknown: unknown },
    })),
  });
}

const codes = (summary: PlanSummary): readonly string[] =>
  guardedChanges('app', summary.changes).map(({ code }) => code);
const update = (type: string, before: unknown, after: unknown, unknown?: unknown): Resource => ({
  type,
  actions: ['update'],
  before,
  after,
  unknown,
});

describe('a tunnel that an apply sent somewhere else: everything public answered 502', () => {
  it.each(['cloudflare_zero_trust_tunnel_cloudflared_config', 'cloudflare_tunnel_config'])(
    'guards an update of %s',
    (type) => {
      expect(codes(planOf(update(type, { config: 'a' }, { config: 'b' })))).toEqual(['stack.tunnel-change']);
    },
  );
  it('leaves the tunnel itself and its records alone', () => {
    expect(
      codes(
        planOf(
          update('cloudflare_zero_trust_tunnel_cloudflared', {}, { name: 'x' }),
          update('cloudflare_record', {}, { content: 'x' }),
        ),
      ),
    ).toEqual([]);
  });
});

describe('a Service that owns an address others know: the database flapped for weeks', () => {
  const service = (type: string, note: string) => ({
    metadata: [{ name: 's', namespace: 'n', annotations: { note } }],
    spec: [{ type }],
  });
  it('guards an update of a LoadBalancer, also of one that is to become or was one', () => {
    for (const [before, after] of [
      ['LoadBalancer', 'LoadBalancer'],
      ['ClusterIP', 'LoadBalancer'],
      ['LoadBalancer', 'ClusterIP'],
    ] as const)
      expect(codes(planOf(update('kubernetes_service_v1', service(before, 'a'), service(after, 'b'))))).toEqual([
        'stack.load-balancer-change',
      ]);
  });
  it('guards it in a manifest too, and no Service inside the cluster', () => {
    const manifest = { manifest: { kind: 'Service', metadata: { name: 's' }, spec: { type: 'LoadBalancer' } } };
    expect(codes(planOf(update('kubernetes_manifest', manifest, { ...manifest, x: 1 })))).toEqual([
      'stack.load-balancer-change',
    ]);
    expect(codes(planOf(update('kubernetes_service', service('ClusterIP', 'a'), service('ClusterIP', 'b'))))).toEqual(
      [],
    );
  });
});

describe('an auth method of Vault that is changed wrongly locks everybody out', () => {
  it.each([
    'vault_auth_backend',
    'vault_jwt_auth_backend',
    'vault_jwt_auth_backend_role',
    'vault_kubernetes_auth_backend_config',
    'vault_github_auth_backend',
  ])('guards an update of %s', (type) =>
    expect(codes(planOf(update(type, { a: 1 }, { a: 2 })))).toEqual(['stack.vault-auth-change']),
  );
  it.each(['vault_policy', 'vault_identity_entity', 'vault_kubernetes_secret_backend_role'])(
    'leaves %s alone',
    (type) => expect(codes(planOf(update(type, { a: 1 }, { a: 2 })))).toEqual([]),
  );
  it('leaves a new one alone', () => {
    expect(codes(planOf({ type: 'vault_auth_backend', actions: ['create'], after: { type: 'oidc' } }))).toEqual([]);
  });
});

describe('a one-shot Job that was created again by an apply, weeks later', () => {
  it.each([
    ['kubernetes_job', {}],
    ['kubernetes_job_v1', {}],
    ['kubernetes_manifest', { manifest: { kind: 'Job' } }],
  ])('guards the create of a %s', (type, after) => {
    expect(codes(planOf({ type, actions: ['create'], after }))).toEqual(['stack.job-create']);
  });
  it.each([
    ['kubernetes_cron_job_v1', {}],
    ['kubernetes_manifest', { manifest: { kind: 'CronJob' } }],
  ])('leaves a %s alone: it runs by its schedule', (type, after) => {
    expect(codes(planOf({ type, actions: ['create'], after }))).toEqual([]);
  });
});

describe('an image or a chart that an apply put back', () => {
  const deployment = (...images: readonly string[]) => ({
    metadata: [{ name: 'd', namespace: 'n' }],
    spec: [{ template: [{ spec: [{ container: images.map((image, at) => ({ name: `c${at}`, image })) }] }] }],
  });
  const images = (before: string, after: string) =>
    codes(planOf(update('kubernetes_deployment', deployment(before), deployment(after))));

  it('guards an image older than the one that runs, and says both', () => {
    const plan = planOf(
      update('kubernetes_deployment', deployment('ghcr.io/g/server:2026.2.4'), deployment('ghcr.io/g/server:2026.2.1')),
    );
    expect(guardedChanges('authentik', plan.changes)).toMatchObject([
      { code: 'stack.older-image', because: 'ghcr.io/g/server would go back from 2026.2.4 to 2026.2.1' },
    ]);
  });
  it.each([
    ['a newer one', 'a/b:1.9', 'a/b:1.10'],
    ['another image', 'a/b:2', 'a/c:1'],
    ['one that cannot be compared', 'a/b:latest', 'a/b:1'],
    ['a commit id', 'a/b:4f2a9c01', 'a/b:03e5b7d2'],
  ])('lets %s pass', (_what, before, after) => expect(images(before, after)).toEqual([]));
  it('guards a chart that goes back, and one that is not pinned', () => {
    expect(
      codes(planOf(update('helm_release', { name: 'a', version: '2.1.0' }, { name: 'a', version: '2.0.9' }))),
    ).toEqual(['stack.older-chart']);
    expect(
      codes(planOf(update('helm_release', { name: 'a', version: '2.1.0' }, { name: 'a' }, { version: true }))),
    ).toEqual(['stack.unpinned-chart']);
    expect(
      codes(planOf(update('helm_release', { name: 'a', version: '2.1.0' }, { name: 'a', version: '2.2.0' }))),
    ).toEqual([]);
  });

  const workload = (image: string, labels: Record<string, string> = {}): KubernetesObject => ({
    metadata: {
      name: 'server',
      namespace: 'authentik',
      labels,
      annotations: { 'meta.helm.sh/release-name': 'authentik' },
    },
    spec: { template: { spec: { containers: [{ name: 'server', image }] } } },
  });
  const cluster = (...objects: readonly KubernetesObject[]) =>
    ({
      kubernetes: { list: async (kind: { plural: string }) => (kind.plural === 'deployments' ? objects : []) },
    }) as never;
  const release = (values: string, appVersion?: string) =>
    planOf(
      update(
        'helm_release',
        {
          name: 'authentik',
          namespace: 'authentik',
          chart: 'authentik',
          version: '1',
          metadata: [{ app_version: appVersion }],
          values: ['a: 1'],
        },
        { name: 'authentik', namespace: 'authentik', chart: 'authentik', version: '1', values: [values] },
      ),
    );

  it('sees what an updater has moved on behind Helm’s back, by the values', async () => {
    const plan = release('global:\n  image:\n    repository: ghcr.io/goauthentik/server\n    tag: 2025.10.1\n');
    const live = await liveRisks(cluster(workload('ghcr.io/goauthentik/server:2025.12.4')), plan.changes);
    expect(guardedChanges('authentik', plan.changes, live)).toMatchObject([
      { code: 'stack.older-image', change: { address: 'helm_release.this' } },
    ]);
  });
  it('sees it by the chart’s own version, and takes no other image of the chart for it', async () => {
    const plan = release('replicas: 2\n', '2025.10.1');
    const moved = workload('ghcr.io/goauthentik/server:2025.12.4', { 'app.kubernetes.io/version': '2025.10.1' });
    expect((await liveRisks(cluster(moved), plan.changes)).size).toBe(1);
    const redis = workload('redis:9000.1', { 'app.kubernetes.io/version': '7.4' });
    expect((await liveRisks(cluster(redis), plan.changes)).size).toBe(0);
  });
  it('says that it does not know when the cluster may not be asked', async () => {
    const denied = { kubernetes: { list: async () => Promise.reject(new Error('forbidden')) } } as never;
    await expect(liveRisks(denied, release('a: 2').changes)).rejects.toThrow('forbidden');
  });
});

describe('versions', () => {
  it.each([
    ['1.9', '1.10', true],
    ['v2.0.0', '2.0.0', false],
    ['2.0.0-rc.1', '2.0.0', true],
    ['2.0.0-rc.2', '2.0.0-rc.10', true],
    ['8.4-alpine', '8.5-alpine', true],
    ['8.4-alpine', '8.4-bookworm', undefined],
    ['latest', '1', undefined],
    ['1', 'sha-abc', undefined],
  ])('%s is older than %s: %s', (a, b, wanted) => expect(isOlder(a, b)).toBe(wanted));
});

describe('a state that is lost', () => {
  const fresh = planOf({ type: 'kubernetes_namespace', actions: ['create'], after: { metadata: [{ name: 'app' }] } });
  it('refuses to build everything a second time when the stack was applied before', () => {
    expect(stateLost('app', fresh, ['run 8f2c applied it'])).toMatchObject({
      code: 'stack.state-lost',
      status: 'refused',
    });
    expect(stateLost('app', fresh, [])).toBeUndefined();
    expect(stateLost('app', { ...fresh, priorResources: 3 }, ['run 8f2c applied it'])).toBeUndefined();
    expect(stateLost('app', { ...fresh, changes: [] }, ['its encrypted state is in git'])).toBeUndefined();
  });
  it('takes a namespace that exists for a trace of it', async () => {
    const cluster = (found: unknown) => ({ kubernetes: { get: async () => found } }) as never;
    expect(await liveTraces(cluster({ metadata: { name: 'app' } }), fresh)).toEqual(['the namespace app exists']);
    expect(await liveTraces(cluster(undefined), fresh)).toEqual([]);
    expect(await liveTraces(cluster({}), { ...fresh, priorResources: 2 })).toEqual([]);
  });
});

describe('the refusal of a whole run', () => {
  const guarded = [
    ...guardedChanges(
      'web',
      planOf({ type: 'kubernetes_secret', actions: ['delete', 'create'], name: 'tls["b"]' }).changes,
    ),
    ...guardedChanges(
      'db',
      planOf(
        { type: 'kubernetes_namespace', actions: ['delete'] },
        { type: 'kubernetes_persistent_volume_claim', actions: ['forget'], name: 'data' },
      ).changes,
    ),
    ...guardedChanges('edge', planOf(update('cloudflare_tunnel_config', {}, { a: 1 })).changes),
  ];
  it('puts what holds data first, destruction before guarded updates, and tells the exact flags', () => {
    const refusal = runRefusal(guarded);
    expect(refusal).toMatchObject({ code: 'stack.destroy-refused', status: 'refused', nothingChanged: true });
    expect(refusal?.violations.map(({ message }) => message.split(': ').slice(0, 2).join(' '))).toEqual([
      'db delete kubernetes_namespace.this',
      'db forget kubernetes_persistent_volume_claim.data',
      'web replace kubernetes_secret.tls["b"]',
      'edge update cloudflare_tunnel_config.this',
    ]);
    expect(refusal?.hints).toContain(`--allow-destroy 'web:kubernetes_secret.tls["b"]'`);
    expect(refusal?.hints).toContain('--allow-guarded edge:cloudflare_tunnel_config.this');
  });
  it('lets pass what is listed by address, or by stack and address, and each list only its own kind', () => {
    const left = (destroy: readonly string[], allow: readonly string[] = []) =>
      notAllowed(guarded, { destroy, guarded: allow }).map(({ stack }) => stack);
    expect(left(['kubernetes_namespace.this', 'web:kubernetes_secret.tls["b"]'])).toEqual(['db', 'edge']);
    expect(left(['web:kubernetes_namespace.this', 'cloudflare_tunnel_config.this'])).toHaveLength(4);
    expect(left([], ['cloudflare_tunnel_config.this', 'kubernetes_namespace.this'])).toEqual(['web', 'db', 'db']);
    expect(runRefusal([])).toBeUndefined();
  });
  it('names entries that nothing needs', () => {
    expect(
      unusedEntries(guarded, {
        destroy: ['db:kubernetes_namespace.this', 'db:x.y'],
        guarded: ['kubernetes_namespace.this'],
      }),
    ).toEqual(['db:x.y', 'kubernetes_namespace.this']);
  });
});
