import { describe, expect, test } from 'vitest';
import type { Clients } from '../../../src/lib/clients/clients.ts';
import type { Kind, KubernetesObject } from '../../../src/lib/clients/kubernetes/client.ts';
import { listUsers } from '../../../src/lib/users/list.ts';
import { fakeSite } from '../../fakes/site.ts';
import { fakeVault } from '../../fakes/vault.ts';
import { secretText } from './facts-for-tests.ts';

/** A cluster that can only list, and counts how often it is asked. */
function cluster(
  objects: Readonly<Record<string, readonly KubernetesObject[]>>,
): Clients['kubernetes'] & { asked: number } {
  const fake = {
    asked: 0,
    async list({ plural }: Kind) {
      fake.asked += 1;
      return objects[plural] ?? [];
    },
  };
  return fake as unknown as Clients['kubernetes'] & { asked: number };
}

function platform(users: unknown, kubernetes: Clients['kubernetes']): Pick<Clients, 'vault' | 'kubernetes'> {
  const vault = fakeVault();
  vault.put('secret/platform', secretText(JSON.stringify(users)));
  return { vault, kubernetes };
}

const binding = (name: string, email: string): KubernetesObject => ({
  metadata: { name },
  subjects: [{ kind: 'User', name: email }],
});

describe('listUsers', () => {
  test('10,000 users cost two requests', async () => {
    const users = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [
        `u${i}`,
        { role: 'namespace-owner', email: `u${i}@example.com`, namespaces: [`n${i}`] },
      ]),
    );
    const kubernetes = cluster({
      clusterrolebindings: [binding('oidc-ns-owner-readonly-u1', 'u1@example.com')],
      namespaces: [{ metadata: { name: 'n1' } }],
    });
    const clients = platform(users, kubernetes);
    const list = await listUsers(clients, fakeSite(), { drift: true });
    expect(list.users.filter(({ drift }) => drift === 'none').map(({ stored }) => stored.name)).toEqual(['u1']);
    expect(kubernetes.asked).toBe(2);
  });

  test('a binding for somebody else is drift, one for nobody is a stray', async () => {
    const kubernetes = cluster({
      clusterrolebindings: [
        binding('oidc-admin-ann', 'old@example.com'),
        binding('oidc-admin-gone', 'gone@example.com'),
        binding('cluster-admin', 'x'),
      ],
    });
    const list = await listUsers(
      platform({ ann: { role: 'admin', email: 'ann@example.com' } }, kubernetes),
      fakeSite(),
      { drift: true },
    );
    expect(list.users[0]?.differences).toEqual(['the binding oidc-admin-ann is not for ann@example.com']);
    expect(list.strays).toEqual([{ kind: 'binding', name: 'oidc-admin-gone' }]);
  });

  test('the cluster is not asked when nobody wants to know', async () => {
    const kubernetes = cluster({});
    const list = await listUsers(
      platform({ ann: { role: 'admin', email: 'ann@example.com' } }, kubernetes),
      fakeSite(),
      { drift: false },
    );
    expect([list.users[0]?.drift, kubernetes.asked]).toEqual(['not-asked', 0]);
  });
});
