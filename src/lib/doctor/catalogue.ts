import type { Check } from './check.ts';
import { authentik, forgejo } from './checks/apis.ts';
import { cluster } from './checks/cluster.ts';
import { clusterAccess } from './checks/cluster-access.ts';
import { gitCrypt } from './checks/git-crypt.ts';
import { guards } from './checks/guards.ts';
import { inPlace } from './checks/in-place.ts';
import { node } from './checks/node.ts';
import { git, sops, terragrunt, tofu } from './checks/programs.ts';
import { siteFile } from './checks/site-file.ts';
import { stackKubeconfig } from './checks/stack-kubeconfig.ts';
import { stacks } from './checks/stacks.ts';
import { stateFolder } from './checks/state-folder.ts';
import { tfCliConfig } from './checks/tf-cli-config.ts';
import { tierLists } from './checks/tier-lists.ts';
import { trust } from './checks/trust.ts';
import { vaultAccess } from './checks/vault-access.ts';
import { vaultClock } from './checks/vault-clock.ts';
import { vaultServer } from './checks/vault-server.ts';
import { vaultToken } from './checks/vault-token.ts';

/** Every check, in the order in which it is shown. A new check is one file and one line here. */
export const CHECKS: readonly Check[] = [
  node,
  git,
  terragrunt,
  tofu,
  sops,
  tfCliConfig,
  stateFolder,
  siteFile,
  trust,
  stacks,
  tierLists,
  inPlace,
  gitCrypt,
  stackKubeconfig,
  guards,
  vaultServer,
  vaultToken,
  vaultAccess,
  vaultClock,
  cluster,
  clusterAccess,
  authentik,
  forgejo,
];
