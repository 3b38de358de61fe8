import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/lib/findings/finding.ts';
import { readUsers } from '../../src/lib/users/document.ts';
import type { User } from '../../src/lib/users/entry.ts';
import type { ExpectedObject, ObjectKind, SpecOf } from '../../src/lib/users/expected-object.ts';
import { expectedObjects } from '../../src/lib/users/objects.ts';
import { verifyUser } from '../../src/lib/users/verify/verify-user.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { sandboxClients } from '../fakes/sandbox-clients.ts';
import { snapshot } from '../fakes/snapshot.ts';

const WORLDS = [
  ['healthy', 'extracted'],
  ['healthy-documented', 'documented'],
] as const;

const failed = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ verdict }) => verdict === 'FAIL').map(({ id }) => id);
const notPassed = (findings: readonly Finding[]): readonly string[] =>
  findings
    .filter(({ verdict }) => verdict !== 'PASS')
    .map(({ id, verdict, reason, detail }) => `${verdict} ${id} ${reason ?? ''} ${detail}`);

describe.each(WORLDS)('in the world %s', (world, shape) => {
  let sandbox: Sandbox;
  let platform: Awaited<ReturnType<typeof sandboxClients>>;
  let users: readonly User[];
  let restore: readonly (() => void)[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox({ world, authentik: true });
    platform = await sandboxClients(sandbox);
    const document = readUsers(await platform.clients.vault.kvRead('secret/platform'), platform.site);
    users = [...document.users.values()].flatMap(({ name, entry }) => (entry === undefined ? [] : [{ name, entry }]));
    const { vault, kubernetes, cloudflare, authentik } = sandbox;
    restore = [vault.state, kubernetes.state, { records: cloudflare.state }, authentik.state].map(snapshot);
  });
  afterEach(() => {
    for (const undo of restore) undo();
  });
  afterAll(() => sandbox.stop());

  const verify = (user: User): Promise<readonly Finding[]> => verifyUser(platform.clients, platform.site, shape, user);
  const named = (name: string): User => {
    const user = users.find((each) => each.name === name);
    if (user === undefined) throw new Error(`no user ${name}`);
    return user;
  };

  test('every object of every user is as the stacks made it', async () => {
    expect(users.map((user) => user.name)).toEqual(['root-admin', 'carol', 'bob', 'dave']);
    for (const user of users) expect(notPassed(await verify(user)), user.name).toEqual([]);
  });

  test('a deleted object fails its row and no other; what follows from it is blocked', async () => {
    for (const name of ['bob', 'carol', 'root-admin']) {
      for (const object of expectedObjects(named(name), shape, platform.site)) {
        const removal = await remove(sandbox, object);
        if (!removal) continue;
        const findings = await verify(named(name));
        expect(failed(findings), `without ${object.id}`).toEqual([object.id]);
        const doubtful = findings.filter(({ verdict }) => verdict === 'UNKNOWN');
        expect(new Set(doubtful.map(({ reason }) => reason)).difference(new Set(['blocked'])).size, object.id).toBe(0);
        for (const undo of restore) undo();
      }
    }
  });

  test('an altered object fails its row and no other', async () => {
    for (const name of ['bob', 'carol', 'root-admin']) {
      for (const object of expectedObjects(named(name), shape, platform.site)) {
        for (const [what, alter] of alterations(object)) {
          await alter(sandbox);
          expect(failed(await verify(named(name))), `${object.id}, ${what}`).toEqual([object.id]);
          for (const undo of restore) undo();
        }
      }
    }
  });

  test('what may not be read is unknown, never healthy', async () => {
    const weak = await sandboxClients(sandbox, {
      ...sandbox.env,
      VAULT_TOKEN: 'hvs.nobody-knows-this-token',
      KUBECONFIG: '/nowhere',
    });
    const { site } = platform;
    const findings = await verifyUser(weak.clients, site, shape, named('bob'));
    expect(failed(findings)).toEqual([]);
    expect(findings.filter(({ verdict }) => verdict === 'PASS').map(({ id }) => id)).toEqual([
      'users.authentik-groups/bob',
    ]);
    const reasons = new Set(findings.filter(({ verdict }) => verdict === 'UNKNOWN').map(({ reason }) => reason));
    expect(reasons).toEqual(new Set(['forbidden', 'not-configured']));
  });
});

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

function kubernetes(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${sandbox.kubernetes.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${CANARIES.kubernetesAdminToken}`,
      'content-type': 'application/merge-patch+json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function vault(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${sandbox.vault.url}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': CANARIES.vaultRootToken },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Path of an object on its API, if it is one that can be deleted by itself. */
function pathOf({ spec }: ExpectedObject): readonly ['kubernetes' | 'vault', string] | undefined {
  switch (spec.kind) {
    case 'namespace':
      return ['kubernetes', `/api/v1/namespaces/${spec.name}`];
    case 'role':
      return ['kubernetes', `${RBAC}/namespaces/${spec.namespace}/roles/${spec.name}`];
    case 'role-binding':
      return ['kubernetes', `${RBAC}/namespaces/${spec.namespace}/rolebindings/${spec.name}`];
    case 'cluster-role-binding':
      return ['kubernetes', `${RBAC}/clusterrolebindings/${spec.name}`];
    case 'resource-quota':
      return ['kubernetes', `/api/v1/namespaces/${spec.namespace}/resourcequotas/${spec.name}`];
    case 'tls-secret':
    case 'token-secret':
    case 'dashboard-injector':
      return ['kubernetes', `/api/v1/namespaces/${spec.namespace}/secrets/${spec.name}`];
    case 'service-account':
      return ['kubernetes', `/api/v1/namespaces/${spec.namespace}/serviceaccounts/${spec.name}`];
    case 'config-map-entry':
      return ['kubernetes', `/api/v1/namespaces/${spec.namespace}/configmaps/${spec.name}`];
    case 'woodpecker-admin':
      return ['kubernetes', `/apis/apps/v1/namespaces/${spec.namespace}/statefulsets/${spec.name}`];
    case 'vault-policy':
      return ['vault', `sys/policies/acl/${spec.name}`];
    case 'identity-group':
      return ['vault', `identity/group/name/${spec.name}`];
    case 'entity':
      return ['vault', `identity/entity/name/${spec.name}`];
    case 'kubernetes-engine-role':
      return ['vault', `kubernetes/roles/${spec.name}`];
    case 'transit-key':
      return ['vault', `transit/keys/${spec.name}`];
    default:
      return undefined;
  }
}

async function remove(sandbox: Sandbox, object: ExpectedObject): Promise<boolean> {
  const { spec } = object;
  const [api, path] = pathOf(object) ?? [];
  if (spec.kind === 'transit-key') await vault(sandbox, 'POST', `${path}/config`, { deletion_allowed: true });
  if (api !== undefined && path !== undefined) {
    const answer = await (api === 'vault' ? vault : kubernetes)(sandbox, 'DELETE', path);
    expect(answer.ok, `DELETE ${path}: ${answer.status}`).toBe(true);
    if (spec.kind === 'namespace')
      await expect.poll(async () => (await kubernetes(sandbox, 'GET', path)).status).toBe(404);
    return true;
  }
  if (spec.kind === 'group-alias' || spec.kind === 'entity-alias') {
    const aliases = spec.kind === 'group-alias' ? sandbox.vault.state.groupAliases : sandbox.vault.state.entityAliases;
    const name = spec.kind === 'group-alias' ? spec.name : spec.email;
    const alias = [...aliases.values()].find((each) => each.name === name);
    const area = spec.kind === 'group-alias' ? 'group-alias' : 'entity-alias';
    return (await vault(sandbox, 'DELETE', `identity/${area}/id/${alias?.id}`)).ok;
  }
  if (spec.kind === 'dns-record') {
    const records = sandbox.cloudflare.state;
    for (const record of records.values()) if (record.name.startsWith(spec.label)) records.delete(record.id);
    return true;
  }
  if (spec.kind === 'authentik-groups') {
    for (const [id, user] of sandbox.authentik.state.users) {
      if (user.email === spec.email) sandbox.authentik.state.users.delete(id);
    }
    return true;
  }
  return false;
}

type Alteration = readonly [what: string, alter: (sandbox: Sandbox) => Promise<unknown>];
type AlterationsOf = { readonly [K in ObjectKind]?: (spec: SpecOf<K>, path: string) => readonly Alteration[] };

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const patch =
  (path: string, body: unknown) =>
  async (sandbox: Sandbox): Promise<void> => {
    const answer = await kubernetes(sandbox, 'PATCH', path, body);
    expect(answer.ok, `PATCH ${path}: ${answer.status} ${await answer.text()}`).toBe(true);
  };
const post =
  (path: string, body: unknown) =>
  async (sandbox: Sandbox): Promise<void> => {
    const answer = await vault(sandbox, 'POST', path, body);
    expect(answer.ok, `POST ${path}: ${answer.status}`).toBe(true);
  };
const bindings = (path: string): readonly Alteration[] => [
  [
    'another subject',
    patch(path, { subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'mallory@example.com' }] }),
  ],
  ['no subject', patch(path, { subjects: [] })],
];

const ALTERATIONS: AlterationsOf = {
  namespace: (_spec, path) => [
    ['a label removed', patch(path, { metadata: { labels: { 'managed-by': null } } })],
    ['a label changed', patch(path, { metadata: { labels: { tier: '0-core' } } })],
  ],
  role: (_spec, path) => [
    ['more verbs', patch(path, { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] })],
    ['fewer verbs', patch(path, { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }] })],
  ],
  'role-binding': (_spec, path) => bindings(path),
  'cluster-role-binding': (_spec, path) => bindings(path),
  'resource-quota': (_spec, path) => [
    ['a higher limit', patch(path, { spec: { hard: { pods: '2000' } } })],
    ['a limit removed', patch(path, { spec: { hard: { 'requests.cpu': null } } })],
    ['a limit added', patch(path, { spec: { hard: { services: '1' } } })],
  ],
  'tls-secret': (_spec, path) => [
    [
      'another certificate',
      patch(path, { data: { 'tls.crt': base64('-----BEGIN CERTIFICATE-----\nother\n-----END CERTIFICATE-----\n') } }),
    ],
    ['no key', patch(path, { data: { 'tls.key': '' } })],
  ],
  'token-secret': (_spec, path) => [
    ['another token', patch(path, { data: { token: base64('not-a-token') } })],
    ['no token', patch(path, { data: { token: null } })],
  ],
  'dashboard-injector': (spec, path) => [
    ['another token', patch(path, { data: { 'injector.conf': base64(`  "${spec.email}" "Bearer old";\n`) } })],
    ['without the user', patch(path, { data: { 'injector.conf': base64('map {}') } })],
  ],
  'config-map-entry': (spec, path) => [
    [
      'another role',
      patch(path, {
        data: { 'users.json': JSON.stringify({ [spec.email]: { role: 'guest', namespaces: spec.namespaces } }) },
      }),
    ],
    ['without the user', patch(path, { data: { 'users.json': '{}' } })],
    ['not JSON', patch(path, { data: { 'users.json': '{' } })],
  ],
  'woodpecker-admin': (spec, path) => [
    [
      'without the user',
      patch(path, {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'server', image: 'x', env: [{ name: 'WOODPECKER_ADMIN', value: `not-${spec.login}` }] },
              ],
            },
          },
        },
      }),
    ],
  ],
  'vault-policy': (spec, path) => {
    const text = (rules: SpecOf<'vault-policy'>['rules'], more = ''): { readonly policy: string } => ({
      policy:
        rules.map((rule) => `path "${rule.path}" { capabilities = ${JSON.stringify(rule.needs)} }`).join('\n') + more,
    });
    return [
      ['a path more', post(path, text(spec.rules, '\npath "secret/*" { capabilities = ["read"] }'))],
      ['a path less', post(path, text(spec.rules.slice(1)))],
      ['a capability less', post(path, text(spec.rules.map((rule) => ({ ...rule, needs: ['list'] }))))],
      ['denied', post(path, text(spec.rules.map((rule) => ({ ...rule, needs: [...rule.needs, 'deny'] }))))],
      [
        'conditions',
        post(path, { policy: text(spec.rules).policy.replace(' }', ' allowed_parameters = { "x" = [] } }') }),
      ],
    ];
  },
  'transit-key': (_spec, path) => [['may be deleted', post(`${path}/config`, { deletion_allowed: true })]],
  'identity-group': (_spec, path) => [['another policy', post(path, { policies: ['vault-admin'] })]],
  entity: (_spec, path) => [
    ['a policy more', post(path, { policies: ['namespace-owner-bob', 'sops-user-bob', 'vault-admin'] })],
    ['disabled', post(path, { disabled: true })],
  ],
  'kubernetes-engine-role': (spec, path) => [
    ['more namespaces', post(path, { ...engineRole(spec), allowed_kubernetes_namespaces: ['*'] })],
    ['another role', post(path, { ...engineRole(spec), kubernetes_role_name: 'admin' })],
    ['a longer TTL', post(path, { ...engineRole(spec), token_max_ttl: 36_000 })],
  ],
  'entity-alias': (spec) => [
    [
      'leads elsewhere',
      async (sandbox) => {
        const { entities, entityAliases } = sandbox.vault.state;
        const other = [...entities.values()].find((each) => each.name !== spec.entity);
        for (const alias of entityAliases.values()) if (alias.name === spec.email) alias.canonicalId = other?.id ?? '';
      },
    ],
  ],
  'dns-record': (spec) => [
    ['not proxied', async (sandbox) => alterRecord(sandbox, spec.label, { proxied: false })],
    ['another target', async (sandbox) => alterRecord(sandbox, spec.label, { content: 'elsewhere.example.com' })],
  ],
  'authentik-groups': (spec) => [
    [
      'out of a group',
      async ({ authentik: { state } }) => {
        for (const [id, user] of state.users) {
          if (user.email === spec.email)
            state.users.set(id, { ...user, groups: user.groups.filter((name) => name !== spec.groups[0]) });
        }
      },
    ],
  ],
};

function engineRole({ name, namespace }: SpecOf<'kubernetes-engine-role'>): Readonly<Record<string, unknown>> {
  return {
    allowed_kubernetes_namespaces: [namespace],
    kubernetes_role_name: name,
    kubernetes_role_type: 'Role',
    token_default_ttl: 1800,
    token_max_ttl: 3600,
  };
}

function alterRecord({ cloudflare: { state } }: Sandbox, label: string, change: object): void {
  for (const [id, record] of state)
    if (record.name === label || record.name.startsWith(`${label}.`)) state.set(id, { ...record, ...change });
}

function alterations(object: ExpectedObject): readonly Alteration[] {
  const of = ALTERATIONS[object.spec.kind] as
    | ((spec: ExpectedObject['spec'], path: string) => readonly Alteration[])
    | undefined;
  return of?.(object.spec, pathOf(object)?.[1] ?? '') ?? [];
}
