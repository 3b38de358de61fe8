import type { Clients } from '../../clients/clients.ts';
import type { Kubernetes } from '../../clients/kubernetes/client.ts';
import { NAMESPACES } from '../../clients/kubernetes/kinds.ts';
import type { Vault } from '../../clients/vault/client.ts';
import { InfraError, isInfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import type { Body } from '../source/hcl-text.ts';
import { literal, parseHcl, strings } from '../source/hcl-text.ts';
import { stacksKubeconfig, usesKubeconfig } from './checkout.ts';

/** What is compared, and makers of second clients: what the stacks talk to may be somewhere else. */
export type SameTargetDeps = {
  readonly clients: Pick<Clients, 'files' | 'vault' | 'kubernetes'>;
  readonly site: Site;
  readonly vaultAt: (address: string) => Pick<Vault, 'health'>;
  readonly kubernetesAt: (kubeconfig: string) => Pick<Kubernetes, 'get' | 'target'>;
};

/**
 * Proves before the first write that infra talks to the very Vault that the stacks and sops talk to, by cluster id.
 * Addresses may differ (inside and outside the cluster). Returns one line for people.
 * Errors: `site.different-vault` (78), `site.vault-unproved` (69) when one does not tell its id, those of `Vault`.
 */
export async function proveSameVault(deps: SameTargetDeps): Promise<string> {
  const own = deps.clients.vault;
  const addresses = await vaultAddresses(deps.clients, deps.site);
  const others = addresses.filter(({ address }) => normal(address) !== normal(own.address));
  if (others.length === 0) return `the stacks use ${own.address} too`;
  const { clusterId } = await own.health();
  for (const { address, where } of others) {
    const there = (await deps.vaultAt(address).health()).clusterId;
    if (clusterId === undefined || there === undefined) {
      throw new InfraError(
        'site.vault-unproved',
        'unavailable',
        `Asked ${own.address} and ${address} (${where}) for their cluster ids: ${clusterId === undefined ? own.address : address} does not tell one, so they may be two Vaults.`,
        {
          hints: [`curl -s ${address}/v1/sys/health`, 'vault status'],
        },
      );
    }
    if (there !== clusterId) {
      throw new InfraError(
        'site.different-vault',
        'config',
        `infra talks to the Vault at ${own.address} (${deps.site.vault.address.source}), the stacks to another one at ${address} (${where}).`,
        {
          hints: [`export VAULT_ADDR=${address}`, `or infra.yaml: vault: { address: "${address}" }`],
        },
      );
    }
  }
  return `${others.map(({ address }) => address).join(', ')} is the same Vault (cluster ${clusterId})`;
}

/**
 * Proves that infra talks to the cluster of `<repository>/config`, the kubeconfig of every stack, by the UID of
 * kube-system; where that may not be read, by the server's address.
 * Errors: `site.different-cluster` (78), those of `Kubernetes`.
 */
export async function proveSameCluster(deps: SameTargetDeps): Promise<string> {
  if (!(await usesKubeconfig(deps.clients, deps.site))) return 'the stacks use the kubeconfig in use';
  const own = deps.clients.kubernetes;
  const other = deps.kubernetesAt(stacksKubeconfig(deps.site));
  const [here, there] = await Promise.all([own.target(), other.target()]);
  const [ownUid, otherUid] = await Promise.all([systemUid(own), systemUid(other)]);
  const isSame = ownUid !== undefined && otherUid !== undefined ? ownUid === otherUid : here.server === there.server;
  if (isSame) return `${here.server} is the cluster of the stacks`;
  throw new InfraError(
    'site.different-cluster',
    'config',
    `infra talks to the cluster ${here.server} (${here.source}${here.context === undefined ? '' : `, context ${here.context}`}), the stacks to another one, ${there.server} (${stacksKubeconfig(deps.site)}).`,
    {
      hints: [`export KUBECONFIG=${stacksKubeconfig(deps.site)}`, 'or infra.yaml: kubernetes: { kubeconfig: config }'],
    },
  );
}

async function systemUid(kubernetes: Pick<Kubernetes, 'get'>): Promise<string | undefined> {
  try {
    return (await kubernetes.get(NAMESPACES, 'kube-system'))?.metadata.uid;
  } catch (error) {
    if (isInfraError(error, 'kubernetes.denied')) return undefined;
    throw error;
  }
}

/** Addresses of Vault that the repository's files hold: the generated provider block and the rules of sops. */
async function vaultAddresses(
  clients: Pick<Clients, 'files'>,
  site: Site,
): Promise<readonly { readonly address: string; readonly where: string }[]> {
  const root = site.root.value;
  const hcl = parseHcl((await clients.files.read(`${root}/terragrunt.hcl`)) ?? '');
  const generated = hcl.blocks
    .filter((block) => block.type === 'generate')
    .flatMap((block) => strings(block.body.attributes.get('contents')).map(parseHcl));
  const providers = [hcl, ...generated]
    .flatMap(providerAddresses)
    .map((address) => ({ address, where: 'terragrunt.hcl' }));
  const sops = (await clients.files.read(`${root}/.sops.yaml`)) ?? '';
  const transit = [...sops.matchAll(/^[^#\n]*\bhc_vault_transit_uri:\s*["']?(https?:\/\/[^/"'\s]+)/gm)].map(
    (found) => ({
      address: found[1] ?? '',
      where: '.sops.yaml',
    }),
  );
  const seen = new Map([...transit, ...providers].map((each) => [normal(each.address), each]));
  return [...seen.values()];
}

function providerAddresses(body: Body): readonly string[] {
  return body.blocks.flatMap((block) => {
    const address =
      block.type === 'provider' && block.labels[0] === 'vault'
        ? literal(block.body.attributes.get('address'))
        : undefined;
    return address === undefined ? [] : [address];
  });
}

function normal(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address.replace(/\/+$/, '');
}
