/** What has to exist for one entry of `k8s_users`, asked of the live servers: an oracle that shares nothing with `infra`. */
import type { Kubernetes } from './kubernetes.ts';
import type { Site } from './site.ts';
import type { Vault } from './vault.ts';

export interface Entry {
  role: string;
  email: string;
  namespaces?: string[];
  domains?: string[];
}

export interface Platform {
  site: Site;
  vault: Vault;
  kubernetes: Kubernetes;
}

const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** What is not there, one line each; empty when everything is. */
export async function missingObjects(platform: Platform, name: string, entry: Entry): Promise<string[]> {
  const questions = [...everyRole(platform, name, entry), ...(byRole[entry.role]?.(platform, name, entry) ?? [])];
  const answers = await Promise.all(questions.map(async ([what, there]) => ((await there()) ? [] : [what])));
  return answers.flat();
}

type Question = [what: string, there: () => Promise<boolean>];
type Questions = (platform: Platform, name: string, entry: Entry) => Question[];

const everyRole: Questions = ({ kubernetes }, _name, { email }) => [
  [
    `users.json of ${email}`,
    async () => {
      const map = await kubernetes.request('GET', '/api/v1/namespaces/k8s-portal/configmaps/k8s-user-roles');
      return email in JSON.parse(map.body?.data?.['users.json'] ?? '{}');
    },
  ],
];

const admin: Questions = ({ kubernetes }, name) => [
  object(kubernetes, `${rbac}/clusterrolebindings/oidc-admin-${name}`),
];

const powerUser: Questions = ({ kubernetes }, name) => [
  object(kubernetes, `${rbac}/clusterrolebindings/oidc-power-user-readonly-${name}`),
];

const namespaceOwner: Questions = ({ site, vault, kubernetes }, name, { email, namespaces = [], domains = [] }) => [
  object(kubernetes, `${rbac}/clusterrolebindings/oidc-ns-owner-readonly-${name}`),
  [
    `WOODPECKER_ADMIN of ${name}`,
    async () => {
      const set = await kubernetes.request('GET', '/apis/apps/v1/namespaces/woodpecker/statefulsets/woodpecker-server');
      const env: { name: string; value: string }[] = set.body.spec.template.spec.containers[0].env;
      return env.some((each) => each.name === 'WOODPECKER_ADMIN' && each.value.split(',').includes(name));
    },
  ],
  ...domains.map((domain): Question => {
    const full = `${domain}.${site.cloudflare.domain}`;
    return [
      `DNS record ${full}`,
      async () => [...site.cloudflare.records.values()].some((record) => record.name === full),
    ];
  }),
  secret(vault, `sys/policies/acl/namespace-owner-${name}`),
  secret(vault, `sys/policies/acl/sops-user-${name}`),
  [
    `group sops-${name}`,
    async () =>
      (await vault.request('GET', `identity/group/name/sops-${name}`)).body?.data?.alias?.name === `sops-${name}`,
  ],
  [
    `entity ${name} with the alias ${email}`,
    async () => {
      const entity = (await vault.request('GET', `identity/entity/name/${name}`)).body?.data;
      const policies: string[] = entity?.policies ?? [];
      const aliases: { name: string; mount_path: string }[] = entity?.aliases ?? [];
      return (
        [`namespace-owner-${name}`, `sops-user-${name}`].every((policy) => policies.includes(policy)) &&
        aliases.some((alias) => alias.name === email && alias.mount_path === 'auth/oidc/')
      );
    },
  ],
  ...namespaces.flatMap((namespace) => owned({ site, vault, kubernetes }, name, namespace)),
  ...(site.shape === 'documented' ? [] : [injected(kubernetes, email)]),
];

function owned({ vault, kubernetes }: Platform, name: string, namespace: string): Question[] {
  const core = `/api/v1/namespaces/${namespace}`;
  const roles = `${rbac}/namespaces/${namespace}`;
  return [
    [
      `namespace ${namespace} with its labels`,
      async () => {
        const labels = (await kubernetes.request('GET', core)).body?.metadata?.labels ?? {};
        return labels.tier === '4-aux' && labels['managed-by'] === 'vault-user-onboarding';
      },
    ],
    secret(vault, `transit/keys/sops-state-${namespace}`),
    secret(vault, `kubernetes/roles/${namespace}-deployer`),
    object(kubernetes, `${roles}/roles/${namespace}-deployer`),
    object(kubernetes, `${roles}/rolebindings/namespace-owner-${name}`),
    object(kubernetes, `${roles}/rolebindings/dashboard-owner-${name}`),
    object(kubernetes, `${core}/resourcequotas/user-quota`),
    object(kubernetes, `${core}/secrets/tls-secret`),
    object(kubernetes, `${core}/serviceaccounts/dashboard-${name}`),
    object(kubernetes, `${core}/secrets/dashboard-${name}-token`),
    object(kubernetes, `${rbac}/clusterrolebindings/dashboard-readonly-${name}-${namespace}`),
  ];
}

function injected(kubernetes: Kubernetes, email: string): Question {
  return [
    `dashboard token of ${email}`,
    async () => {
      const path = '/api/v1/namespaces/kubernetes-dashboard/secrets/dashboard-token-injector-conf';
      const conf = (await kubernetes.request('GET', path)).body?.data?.['tokens.conf'] ?? '';
      return Buffer.from(conf, 'base64').toString().includes(`"${email}" "ey`);
    },
  ];
}

function object(kubernetes: Kubernetes, path: string): Question {
  return [path, async () => (await kubernetes.request('GET', path)).status === 200];
}

function secret(vault: Vault, path: string): Question {
  return [path, async () => (await vault.request('GET', path)).status === 200];
}

const byRole: Record<string, Questions> = { admin, 'power-user': powerUser, 'namespace-owner': namespaceOwner };
