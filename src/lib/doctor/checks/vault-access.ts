import type { Site } from '../../site/site.ts';
import { type Check, fail, pass, warn } from '../check.ts';

/** A path of Vault's API, the capabilities of which one is needed, and what cannot be done without. */
type Need = { readonly path: string; readonly oneOf: readonly string[]; readonly purpose: string };

/** What commands about users and stacks ask of Vault. The names below policies and entities stand for any name. */
function needs(site: Site): readonly Need[] {
  const data = (path: string): string => path.replace('/', '/data/');
  const write = ['create', 'update'];
  const users = data(site.vault.users.path.value);
  return [
    { path: users, oneOf: ['read'], purpose: 'read users' },
    { path: users, oneOf: ['patch', 'update'], purpose: 'edit users' },
    { path: data(`${site.vault.locks.value}/infra-doctor`), oneOf: write, purpose: 'lock a stack' },
    { path: 'sys/policies/acl/namespace-owner-infra-doctor', oneOf: write, purpose: 'apply the vault stack' },
    { path: 'identity/entity', oneOf: write, purpose: 'apply the vault stack' },
    { path: site.stacks.pgCredentials.value, oneOf: ['read'], purpose: 'plan Tier-1 stacks' },
  ];
}

/** What the token may do on the paths that commands touch. */
export const vaultAccess: Check = {
  id: 'vault.access',
  title: 'Vault rights',
  group: 'Vault',
  needs: 'site',
  after: 'vault.token',
  run: async (world, site) => {
    const all = needs(site);
    const vault = await world.client('vault');
    const granted = await vault.capabilities([...new Set(all.map((need) => need.path))]);
    const lacking = all.filter(({ path, oneOf }) => !['root', ...oneOf].some((one) => granted[path]?.includes(one)));
    const first = all[0]?.path ?? '';
    const command = `vault token capabilities ${lacking[0]?.path ?? first}`;
    if (lacking.length === 0)
      return pass(`may do what is needed on ${new Set(all.map((need) => need.path)).size} paths`, { command });
    const words = lacking.map((need) => `${need.purpose}: ${need.oneOf.join(' or ')} on ${need.path}`).join('; ');
    const hint = 'Log in with a role that has these rights: vault login -method=oidc';
    return lacking.some((need) => need.purpose === 'read users')
      ? fail(`lacks ${words}`, hint, { command })
      : warn(`lacks ${words}`, hint, { command });
  },
};
