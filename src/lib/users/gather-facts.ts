import { join } from 'node:path';
import type { Clients } from '../clients/clients.ts';
import { NAMESPACES } from '../clients/kubernetes/kinds.ts';
import { InfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import { declaredNamespaces } from '../stacks/source/declared-namespaces.ts';
import { parseHcl, strings } from '../stacks/source/hcl-text.ts';
import type { Stack } from '../stacks/stack.ts';
import type { AuthentikUser } from './authentik.ts';
import { authentikApi, findByEmail } from './authentik.ts';
import type { UsersDocument } from './document.ts';
import type { User } from './entry.ts';
import type { Answer, RuleFacts, VaultNames } from './facts.ts';
import { askSource } from './facts.ts';

/** The clients that gathering asks. */
export type FactClients = Pick<Clients, 'vault' | 'kubernetes' | 'files' | 'http' | 'tokens'>;

/**
 * Asks Vault, the cluster, the repository and Authentik at the same time, each once. Nothing is thrown but defects: a
 * source that does not answer is an answer of its own. `stacks` is undefined where the repository is not read.
 */
export async function gatherRuleFacts(
  clients: FactClients,
  site: Site,
  stacks: readonly Stack[] | undefined,
  user: User,
  document: UsersDocument,
): Promise<RuleFacts> {
  const noRepository = { state: 'not-configured', detail: 'the repository is not read' } as const;
  const fromStacks = async <T>(question: () => Promise<T>): Promise<Answer<T>> =>
    stacks === undefined ? noRepository : askSource(question);
  const [roots, vaultNames, transitKeys, namespaces, declared, proxiedNames, authentik] = await Promise.all([
    askSource(() => kvRoots(clients, site)),
    askSource(() => namesInVault(clients)),
    askSource(async () => (await clients.vault.list(`${site.vault.transitMount.value}/keys`)) ?? []),
    askSource(async () => (await clients.kubernetes.list(NAMESPACES)).map((each) => each.metadata.name)),
    fromStacks(() => declaredNamespaces(clients, site)),
    platformDomains(clients, site),
    authentikAccount(clients, site, user.entry.email),
  ]);
  return {
    users: document.users,
    roots,
    vaultNames,
    transitKeys,
    namespaces,
    stacks: stacks === undefined ? noRepository : { state: 'answered', value: stacks.map((stack) => stack.name) },
    declaredNamespaces: declared,
    proxiedNames,
    authentik,
  };
}

/** First segments below the KV mount. A list without the users' own secret is no list of everything. */
async function kvRoots(clients: Pick<Clients, 'vault'>, site: Site): Promise<readonly string[]> {
  const [mount = '', own = ''] = site.vault.users.path.value.split('/');
  const keys = ((await clients.vault.kvList(mount)) ?? []).map((key) => key.replace(/\/$/, ''));
  if (!keys.includes(own)) {
    throw new InfraError(
      'users.roots-incomplete',
      'unavailable',
      `The list of ${mount}/ does not even name ${own}, so it cannot be complete.`,
      {
        hints: [`vault kv list ${mount}`],
      },
    );
  }
  return keys;
}

async function namesInVault(clients: Pick<Clients, 'vault'>): Promise<VaultNames> {
  const [policies, entities, groups] = await Promise.all([
    clients.vault.list('sys/policies/acl'),
    clients.vault.list('identity/entity/name'),
    clients.vault.list('identity/group/name'),
  ]);
  return { policies: policies ?? [], entities: entities ?? [], groups: groups ?? [] };
}

/** The proxied names of config.tfvars; a file that git-crypt has locked is unknown, not empty. */
async function platformDomains(clients: Pick<Clients, 'files'>, site: Site): Promise<Answer<readonly string[]>> {
  const file = join(site.root.value, 'config.tfvars');
  const read = await askSource(async () => {
    const bytes = await clients.files.readBytes(file);
    if (bytes === undefined) return undefined;
    const text = new TextDecoder().decode(bytes);
    if (text.startsWith('\0GITCRYPT')) {
      throw new InfraError('users.tfvars-locked', 'denied', `${file} is encrypted by git-crypt and was not unlocked.`, {
        hints: ['git-crypt unlock'],
      });
    }
    return strings(parseHcl(text).attributes.get('cloudflare_proxied_names'));
  });
  if (read.state !== 'answered') return read;
  if (read.value === undefined) return { state: 'not-configured', detail: `there is no ${file}` };
  return { state: 'answered', value: read.value };
}

async function authentikAccount(
  clients: Pick<Clients, 'http' | 'tokens'>,
  site: Site,
  email: string,
): Promise<Answer<AuthentikUser | undefined>> {
  const api = await askSource(() => authentikApi(clients, site));
  if (api.state !== 'answered') return api;
  const { value } = api;
  if (value === undefined)
    return { state: 'not-configured', detail: 'no API token (authentik.url and authentik.token)' };
  return askSource(() => findByEmail(clients, value, email));
}
