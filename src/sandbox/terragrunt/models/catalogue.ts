import type { Desired } from '../resource.ts';
import { dashboardModel } from './dashboard.ts';
import { cloudflaredModel, record } from './edge.ts';
import { type Model, wants } from './model.ts';
import { rbacModel, rbacResources } from './rbac.ts';
import { domainsOf, usersOf } from './users.ts';
import { vaultModel } from './vault.ts';

/** Stack `infra`: the machines, which no user touches. */
const infraModel: Model = async () => wants([machine('k8s-master'), machine('k8s-node1'), machine('k8s-node2')]);

/** Stack `platform`: empty since its modules moved out; before that, RBAC, DNS and the portal's list. */
const platformModel: Model = async (evaluation) => {
  if (evaluation.shape === 'extracted') return wants([]);
  const users = evaluation.users();
  const domains = domainsOf(users).map((domain) => record('dns_record', domain, domain));
  return wants([...rbacResources(users, evaluation.certificate, false), record('proxied', undefined, '*'), ...domains]);
};

/** Stack `woodpecker`: a Helm release whose admins are the site's own and every namespace-owner. */
const woodpeckerModel: Model = async ({ users }) => {
  const admins = ['root-admin', ...usersOf(users(), 'namespace-owner').map(([user]) => user)].join(',');
  const values = `server:\n  env:\n    WOODPECKER_OPEN: "true"\n    WOODPECKER_ADMIN: "${admins}"\n`;
  return wants([
    {
      type: 'helm_release',
      name: 'woodpecker',
      values: { chart: 'woodpecker', name: 'woodpecker', namespace: 'woodpecker', values: [values], version: '3.2.0' },
      computed: ['id'],
    },
  ]);
};

/** The stacks that the sandbox knows how to plan. */
export const MODELS: Readonly<Record<string, Model>> = {
  infra: infraModel,
  platform: platformModel,
  vault: vaultModel,
  rbac: rbacModel,
  cloudflared: cloudflaredModel,
  'k8s-dashboard': dashboardModel,
  woodpecker: woodpeckerModel,
};

/** Stacks whose state is a local file, encrypted in git. */
export const TIER_0: readonly string[] = ['infra', 'platform', 'vault'];

function machine(name: string): Desired {
  return {
    type: 'terraform_data',
    name: 'machine',
    key: name,
    values: { input: { cores: 4, name } },
    computed: ['id', 'output'],
  };
}
