/** What stands in Vault before the first stack runs. */
import { ask } from './http.ts';
import type { Kubernetes } from './kubernetes.ts';
import type { Postgres } from './postgres.ts';
import { until } from './until.ts';
import type { Vault } from './vault.ts';

export type Users = Record<string, Record<string, unknown>>;

export const baseUsers: Users = {
  'root-admin': { role: 'admin', email: 'root-admin@example.test' },
  bob: {
    role: 'namespace-owner',
    email: 'bob@example.test',
    namespaces: ['bob-lab'],
    domains: ['bob-app'],
    quota: { cpu_requests: '4', memory_limits: '16Gi' },
  },
};

/** Everything in secret/platform but `k8s_users`, as the text that Vault stores: whatever edits one key must keep all of it. */
function otherKeys(cloudflareToken: string): string {
  const strings = JSON.stringify({
    cloudflare_api_key: cloudflareToken,
    cloudflare_tunnel_token: 'tunnel-token-4f6c',
    homepage_credentials: JSON.stringify({ grafana: { user: 'view', password: 'p&ss<word>"\\' } }),
    motd: 'Grüße – 你好\n\tsecond line\u2028third',
    empty: '',
    feature_flags: { beta: true, ratio: 0.1, nothing: null, list: [1, 'two', [3]] },
  });
  return `${strings.slice(0, -1)},"tenant_serial":9007199254740993,"quota_bytes":123456789012345678901234567890,"exponent":1e-7}`;
}

export async function seedVault(
  vault: Vault,
  kubernetes: Kubernetes,
  postgres: Postgres,
  cloudflareToken: string,
  users: Users,
): Promise<void> {
  const mount = (path: string, body: unknown) => vault.must('POST', `sys/mounts/${path}`, body);
  await until('KV v2 at secret/', async () =>
    (await vault.request('GET', 'secret/config')).status === 200 ? true : undefined,
  );
  await Promise.all([
    mount('transit', { type: 'transit' }),
    mount('database', { type: 'kv', options: { version: '1' } }),
    mount('kubernetes', { type: 'kubernetes' }),
  ]);
  const { user: username, password } = postgres;
  const documents: Record<string, unknown> = {
    authentik: { tf_api_token: 'authentik-token', bootstrap_password: 'authentik-password' },
    'root-admin': { authentik_api_token: 'authentik-token', forgejo_token: 'forgejo-token' },
    woodpecker: { agent_secret: 'woodpecker-agent' },
    'ci/global': { forgejo_user: 'ci', forgejo_repo_token: 'forgejo-ci-token' },
  };
  await Promise.all([
    writePlatform(vault, platformText(users, cloudflareToken)),
    ...Object.entries(documents).map(([path, data]) => vault.must('POST', `secret/data/${path}`, { data })),
    ...['infra', 'platform', 'vault'].map((stack) => vault.must('POST', `transit/keys/sops-state-${stack}`, {})),
    vault.must('PUT', 'database/static-creds/pg-terraform-state', { username, password }),
    connectCluster(vault, kubernetes),
  ]);
}

/** Changes `k8s_users` by hand, and nothing else: a patch of one key, refused when somebody was faster. */
export async function writeUsers(vault: Vault, users: Record<string, object>): Promise<void> {
  const { version } = (await vault.must('GET', 'secret/data/platform')).data.metadata;
  const body = { options: { cas: version }, data: { k8s_users: JSON.stringify(users) } };
  const headers = { 'content-type': 'application/merge-patch+json' };
  const answer = await vault.request('PATCH', 'secret/data/platform', body, { headers });
  if (answer.status !== 200) throw new Error(`secret/platform: ${answer.status} ${answer.text}`);
}

/** The first version of secret/platform, as the body of a write. */
export function platformText(users: Users, cloudflareToken: string): string {
  const others = otherKeys(cloudflareToken);
  return `{"options":{"cas":0},"data":{"k8s_users":${JSON.stringify(JSON.stringify(users))},${others.slice(1)}}`;
}

/** Written as text: some numbers in it are larger than JavaScript's. Vault answers them rounded to doubles from then on. */
async function writePlatform(vault: Vault, raw: string): Promise<void> {
  const headers = { 'x-vault-token': vault.token };
  const answer = await ask(`${vault.address}/v1/secret/data/platform`, { method: 'POST', headers, raw });
  if (answer.status !== 200) throw new Error(`secret/platform: ${answer.status} ${answer.text}`);
}

/** The kubernetes secrets engine mints tokens with the rights of an account of its own. */
async function connectCluster(vault: Vault, kubernetes: Kubernetes): Promise<void> {
  const accounts = '/api/v1/namespaces/kube-system/serviceaccounts';
  await kubernetes.must('POST', accounts, { metadata: { name: 'vault' } });
  await kubernetes.must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'vault' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'vault', namespace: 'kube-system' }],
  });
  const minted = await kubernetes.must('POST', `${accounts}/vault/token`, { spec: { expirationSeconds: 86_400 } });
  await vault.must('POST', 'kubernetes/config', {
    kubernetes_host: kubernetes.server,
    kubernetes_ca_cert: kubernetes.ca,
    service_account_jwt: minted.status.token,
    disable_local_ca_jwt: true,
  });
}
