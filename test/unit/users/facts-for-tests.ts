import type { KvRead } from '../../../src/lib/clients/vault/client.ts';
import { readUsers } from '../../../src/lib/users/document.ts';
import type { Entry, User } from '../../../src/lib/users/entry.ts';
import type { RuleFacts } from '../../../src/lib/users/facts.ts';
import { fakeSite } from '../../fakes/site.ts';

/** A secret/platform that holds these users, as JSON text, beside keys of others. */
export function secretText(users: string, anotherKey = 'key'): string {
  return `{"cloudflare_api_key":"${anotherKey}","k8s_users":${JSON.stringify(users)},"serial":9007199254740993,"zz":{"a":[1.50]}}`;
}

/** A read of that secret. */
export function present(text: string, version = 7): KvRead {
  return { state: 'present', version, data: JSON.parse(text), text };
}

export const BOB =
  '{"role":"namespace-owner","email":"bob@example.com","namespaces":["bob-lab"],"domains":["bob-app"],"note":9007199254740993}';
const ROOT = '{"role":"admin","email":"Root@example.com"}';
export const USERS = `{"bob":${BOB},"root-admin":${ROOT}}`;

/** Alice, changed as a test needs. */
export function alice(entry: Partial<Entry> = {}, name = 'alice'): User {
  return {
    name,
    entry: {
      role: 'namespace-owner',
      email: 'alice@example.com',
      namespaces: ['alice'],
      domains: [],
      quota: {},
      ...entry,
    },
  };
}

/** Facts in which alice may be added, changed as a test needs. */
export function facts(changes: Partial<RuleFacts> = {}, users = USERS): RuleFacts {
  return {
    users: readUsers(present(secretText(users)), fakeSite()).users,
    roots: { state: 'answered', value: ['platform', 'authentik', 'bob', 'ci'] },
    vaultNames: {
      state: 'answered',
      value: {
        policies: ['default', 'root', 'namespace-owner-bob', 'sops-user-bob'],
        entities: ['bob', 'emo'],
        groups: ['sops-bob'],
      },
    },
    transitKeys: { state: 'answered', value: ['sops-state-vault', 'sops-state-bob-lab'] },
    namespaces: { state: 'answered', value: ['default', 'kube-system', 'bob-lab', 'website'] },
    stacks: { state: 'answered', value: ['rbac', 'vault', 'plotting-book'] },
    declaredNamespaces: { state: 'answered', value: new Map([['plotting-book', 'plotting-book']]) },
    proxiedNames: { state: 'answered', value: ['blog', 'status'] },
    authentik: { state: 'not-configured', detail: 'no API token' },
    ...changes,
  };
}
