/** For each thing that the user `bob` stands for: how it is lost, and how it is altered. */
import { type Damage, inCluster, inVault } from './damage.ts';
import { admins, edited, injector, portalEdited, record, tokenSecret, tokenSecretAgain } from './damage-content.ts';
import { identity } from './damage-identity.ts';
import type { Stand } from './stand.ts';
import { until } from './until.ts';

export interface Row {
  user: string;
  /** Id of the finding. */
  row: string;
  /** Ids of what only follows from it, first when it is lost, then when it is altered. */
  follows?: [lost: string[], altered: string[]];
  lost: (stand: Stand) => Damage;
  altered: (stand: Stand) => Damage;
}

export const rbac = '/apis/rbac.authorization.k8s.io/v1';
export const lab = '/api/v1/namespaces/bob-lab';
const mallory = [{ kind: 'User', name: 'mallory@example.test', apiGroup: 'rbac.authorization.k8s.io' }];
export const mayDeploy = 'users.access/bob/inside/bob-lab';
export const token = 'users.token-secret/bob-lab/dashboard-bob-token';
export const dashboard = 'users.dashboard-injector/bob';

const object = (path: string) => (stand: Stand) => inCluster(stand.kubernetes, path);

/** A binding that is deleted, and one that leads to somebody else. */
function binding(user: string, row: string, path: string, follows: string[] = []): Row {
  const bound = object(path);
  const lost = (stand: Stand) => bound(stand).gone;
  return {
    user,
    row,
    follows: [follows, follows],
    lost,
    altered: (stand) => bound(stand).changed({ subjects: mallory }),
  };
}

function policy(name: string): Row {
  const stored = (stand: Stand) => inVault(stand.vault, `sys/policies/acl/${name}`, ['policy']);
  const text = 'path "secret/data/*" { capabilities = ["read"] }';
  return {
    user: 'bob',
    row: `users.vault-policy/${name}`,
    lost: (stand) => stored(stand).gone,
    altered: (stand) => stored(stand).changed({ policy: text }),
  };
}

const entity = identity('entity', 'bob', ['policies', 'disabled'], 'aliases');
const group = identity('group', 'sops-bob', ['policies', 'type'], 'alias');
const transit = 'transit/keys/sops-state-bob-lab';
const engineRole = (stand: Stand) =>
  inVault(stand.vault, 'kubernetes/roles/bob-lab-deployer', [
    'allowed_kubernetes_namespaces',
    'kubernetes_role_name',
    'kubernetes_role_type',
    'token_default_ttl',
    'token_max_ttl',
  ]);

export const rows: Row[] = [
  {
    user: 'bob',
    row: 'users.transit-key/sops-state-bob-lab',
    lost:
      ({ vault }) =>
      async () => {
        await vault.must('POST', `${transit}/config`, { deletion_allowed: true });
        await vault.must('DELETE', transit);
        return () => vault.must('POST', transit, { type: 'aes256-gcm96' });
      },
    altered:
      ({ vault }) =>
      async () => {
        await vault.must('POST', `${transit}/config`, { deletion_allowed: true });
        return () => vault.must('POST', `${transit}/config`, { deletion_allowed: false });
      },
  },
  {
    user: 'bob',
    row: 'users.role/bob-lab/bob-lab-deployer',
    lost: (stand) => object(`${rbac}/namespaces/bob-lab/roles/bob-lab-deployer`)(stand).gone,
    altered: (stand) =>
      object(`${rbac}/namespaces/bob-lab/roles/bob-lab-deployer`)(stand).changed({
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
      }),
  },
  {
    user: 'bob',
    row: 'users.kubernetes-engine-role/bob-lab-deployer',
    lost: (stand) => engineRole(stand).gone,
    altered: (stand) => engineRole(stand).changed({ token_max_ttl: 86_400 }),
  },
  policy('namespace-owner-bob'),
  policy('sops-user-bob'),
  {
    user: 'bob',
    row: 'users.identity-group/sops-bob',
    follows: [['users.group-alias/sops-bob'], []],
    lost: group.lost,
    altered: group.altered({ policies: [] }),
  },
  { user: 'bob', row: 'users.group-alias/sops-bob', lost: group.aliasLost, altered: group.aliasAltered },
  {
    user: 'bob',
    row: 'users.entity/bob',
    follows: [['users.entity-alias/bob@example.test'], []],
    lost: entity.lost,
    altered: entity.altered({ disabled: true }),
  },
  { user: 'bob', row: 'users.entity-alias/bob@example.test', lost: entity.aliasLost, altered: entity.aliasAltered },
  binding(
    'bob',
    'users.cluster-role-binding/oidc-ns-owner-readonly-bob',
    `${rbac}/clusterrolebindings/oidc-ns-owner-readonly-bob`,
  ),
  binding(
    'bob',
    'users.role-binding/bob-lab/namespace-owner-bob',
    `${rbac}/namespaces/bob-lab/rolebindings/namespace-owner-bob`,
    [mayDeploy],
  ),
  {
    user: 'bob',
    row: 'users.resource-quota/bob-lab',
    lost: (stand) => object(`${lab}/resourcequotas/user-quota`)(stand).gone,
    altered: (stand) => object(`${lab}/resourcequotas/user-quota`)(stand).changed({ spec: { hard: { pods: '21' } } }),
  },
  {
    user: 'bob',
    row: 'users.tls-secret/bob-lab',
    lost: (stand) => object(`${lab}/secrets/tls-secret`)(stand).gone,
    altered: edited(`${lab}/secrets/tls-secret`, 'tls.crt', true, () => 'no certificate'),
  },
  {
    user: 'bob',
    row: 'users.service-account/bob-lab/dashboard-bob',
    follows: [[token, dashboard], []],
    lost: (stand) => async () => {
      const restore = await object(`${lab}/serviceaccounts/dashboard-bob`)(stand).gone();
      // The cluster takes the account's tokens away with it.
      await until('the token to be gone', async () =>
        (await stand.kubernetes.request('GET', tokenSecret)).status === 404 ? true : undefined,
      );
      return async () => {
        await restore();
        await tokenSecretAgain(stand);
      };
    },
    altered: (stand) =>
      object(`${lab}/serviceaccounts/dashboard-bob`)(stand).changed({ automountServiceAccountToken: false }),
  },
  binding(
    'bob',
    'users.role-binding/bob-lab/dashboard-owner-bob',
    `${rbac}/namespaces/bob-lab/rolebindings/dashboard-owner-bob`,
  ),
  binding(
    'bob',
    'users.cluster-role-binding/dashboard-readonly-bob-bob-lab',
    `${rbac}/clusterrolebindings/dashboard-readonly-bob-bob-lab`,
  ),
  {
    user: 'bob',
    row: token,
    follows: [[dashboard], [dashboard]],
    lost: (stand) => async () => {
      await object(tokenSecret)(stand).gone();
      return () => tokenSecretAgain(stand);
    },
    altered: edited(tokenSecret, 'token', true, () => 'no token'),
  },
  {
    user: 'bob',
    row: dashboard,
    lost: (stand) => object(injector)(stand).gone,
    altered: edited(injector, 'tokens.conf', true, (text) =>
      text.replace(/"bob@example\.test" ".*"/, '"bob@example.test" "old"'),
    ),
  },
  {
    user: 'bob',
    row: 'users.config-map-entry/bob@example.test',
    lost: portalEdited((map) => delete map['bob@example.test']),
    altered: portalEdited((map) => Object.assign(map['bob@example.test'] ?? {}, { role: 'admin' })),
  },
  {
    user: 'bob',
    row: 'users.dns-record/bob-app',
    lost: record(() => undefined),
    altered: record(() => ({ proxied: false })),
  },
  {
    user: 'bob',
    row: 'users.woodpecker-admin/bob',
    lost: admins((names) => names.filter((name) => name !== 'bob')),
    altered: admins((names) => names.map((name) => (name === 'bob' ? 'bobby' : name))),
  },
  binding(
    'carol',
    'users.cluster-role-binding/oidc-power-user-readonly-carol',
    `${rbac}/clusterrolebindings/oidc-power-user-readonly-carol`,
    ['users.access/carol/pods'],
  ),
  binding('dave', 'users.cluster-role-binding/oidc-admin-dave', `${rbac}/clusterrolebindings/oidc-admin-dave`, [
    'users.access/dave/everywhere',
  ]),
];
