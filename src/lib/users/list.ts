import type { Clients } from '../clients/clients.ts';
import type { KubernetesObject } from '../clients/kubernetes/client.ts';
import { NAMESPACES } from '../clients/kubernetes/kinds.ts';
import { isInfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import { readUsers } from './document.ts';
import { asRecords } from './json-api.ts';
import { roleBindingName } from './objects/cluster.ts';
import type { StoredUser } from './stored-entry.ts';

/** Whether the cluster has what the entry stands for, told from names alone; `user verify` compares content. */
export type DriftMark = 'none' | 'drift' | 'unknown' | 'not-asked';

/** One user of the list. `differences` say what is missing in the cluster. */
export type ListedUser = {
  readonly stored: StoredUser;
  readonly drift: DriftMark;
  readonly differences: readonly string[];
};

/** Rights in the cluster that no entry stands for: left over from somebody, or made by hand. */
export type Stray = { readonly kind: 'namespace' | 'binding'; readonly name: string };

/** The users, what the cluster lacks, and what it has too many of. `unknown` says why the cluster could not be asked. */
export type UserList = {
  readonly version: number;
  readonly users: readonly ListedUser[];
  readonly strays: readonly Stray[];
  readonly unknown: string | undefined;
};

/** What the cluster has, by name; a binding leads to its subjects. */
type Present = { readonly namespaces: ReadonlySet<string>; readonly bindings: ReadonlyMap<string, readonly string[]> };

const BINDINGS = { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterrolebindings' } as const;
const OWNED = /^oidc-(?:admin|power-user-readonly|ns-owner-readonly)-/;

/**
 * Reads all users. The drift marks cost two requests however many users there are; a cluster that does not answer makes
 * them unknown and nothing else. Errors: those of `readUsers` and `Vault`.
 */
export async function listUsers(
  clients: Pick<Clients, 'vault' | 'kubernetes'>,
  site: Site,
  options: { readonly drift: boolean },
): Promise<UserList> {
  const [read, present] = await Promise.all([
    clients.vault.kvRead(site.vault.users.path.value),
    options.drift ? inCluster(clients) : undefined,
  ]);
  const { users, version } = readUsers(read, site);
  const stored = [...users.values()];
  if (present === undefined || typeof present === 'string') {
    const drift = present === undefined ? 'not-asked' : 'unknown';
    return {
      version,
      users: stored.map((each) => ({ stored: each, drift, differences: [] })),
      strays: [],
      unknown: present,
    };
  }
  const listed = stored.map((each) => compare(each, present));
  return { version, users: listed, strays: strays(stored, present), unknown: undefined };
}

async function inCluster({ kubernetes }: Pick<Clients, 'kubernetes'>): Promise<Present | string> {
  try {
    const [namespaces, bindings] = await Promise.all([
      kubernetes.list(NAMESPACES, { labelSelector: 'managed-by=vault-user-onboarding' }),
      kubernetes.list(BINDINGS),
    ]);
    return {
      namespaces: new Set(namespaces.map((each) => each.metadata.name)),
      bindings: new Map(bindings.map((each) => [each.metadata.name, subjectsOf(each)])),
    };
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    return caught.message;
  }
}

function subjectsOf(binding: KubernetesObject): readonly string[] {
  return (asRecords(binding.subjects ?? []) ?? []).map((subject) => String(subject.name));
}

/** Only what can be told from names, and cheaply: there may be ten thousand users. */
function compare(stored: StoredUser, present: Present): ListedUser {
  const { name, entry } = stored;
  if (entry === undefined) return { stored, drift: 'unknown', differences: [] };
  const namespaces = entry.role === 'namespace-owner' ? entry.namespaces : [];
  const missing = namespaces
    .filter((namespace) => !present.namespaces.has(namespace))
    .map((each) => `no namespace ${each}`);
  const binding = roleBindingName({ name, entry });
  const subjects = present.bindings.get(binding);
  const bound =
    subjects === undefined
      ? [`no binding ${binding}`]
      : subjects.includes(entry.email)
        ? []
        : [`the binding ${binding} is not for ${entry.email}`];
  const differences = [...missing, ...bound];
  return { stored, drift: differences.length === 0 ? 'none' : 'drift', differences };
}

function strays(stored: readonly StoredUser[], present: Present): readonly Stray[] {
  const namespaces = new Set(stored.flatMap((each) => each.claims.namespaces));
  const names = new Set(stored.map((each) => each.name));
  return [
    ...[...present.namespaces]
      .filter((name) => !namespaces.has(name))
      .map((name) => ({ kind: 'namespace', name }) as const),
    ...[...present.bindings.keys()]
      .filter((name) => OWNED.test(name) && !names.has(name.replace(OWNED, '')))
      .map((name) => ({ kind: 'binding', name }) as const),
  ];
}
