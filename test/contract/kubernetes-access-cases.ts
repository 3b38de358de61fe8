import { expect } from 'vitest';
import {
  ALICE,
  bind,
  CONFIG_MAPS,
  configMap,
  failsWith,
  grant,
  grantEverywhere,
  type KubernetesCase,
  NAMESPACES,
  namespace,
  SECRETS,
} from './kubernetes-case.ts';

const READ_MAPS = [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] }];
const maps = { verb: 'get', group: '', resource: 'configmaps' };

/** Who may do what, and what happens to those who may not. */
export const accessCases: readonly KubernetesCase[] = [
  {
    name: 'a token that nobody has is 401',
    run: async (env) => {
      const token = 'nobody-has-this-token';
      const error = await failsWith(
        (await env.makeClient({ token })).get(NAMESPACES, 'default'),
        'kubernetes.unauthorized',
      );
      expect(error.status).toBe('denied');
      expect(error.message).not.toContain(token);
    },
  },
  {
    name: 'a request without any identity is refused as anonymous',
    run: async (env) => {
      const error = await failsWith((await env.makeClient({})).get(SECRETS, 'x', 'default'), 'kubernetes.denied');
      expect(error.message).toContain('system:anonymous');
    },
  },
  {
    name: 'get without the right is 403 and says who may not do what, whether or not it exists',
    run: async (env) => {
      const alice = await env.makeClient('alice');
      const error = await failsWith(alice.get(SECRETS, 'absent', 'kube-system'), 'kubernetes.denied');
      expect(error.status).toBe('denied');
      expect(error.message).toContain(
        'User "alice@example.com" cannot get resource "secrets" in API group "" in the namespace "kube-system"',
      );
    },
  },
  {
    name: 'list without the right is 403',
    run: async (env) => {
      await failsWith((await env.makeClient('alice')).list(NAMESPACES), 'kubernetes.denied');
    },
  },
  {
    name: 'patch without the right is 403 and changes nothing',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'a', { data: { n: '1' } });
      await grant(env, ns, READ_MAPS, ALICE);
      await failsWith(
        (await env.makeClient('alice')).patch(CONFIG_MAPS, 'a', ns, { data: { n: '2' } }),
        'kubernetes.denied',
      );
      expect(await env.kubernetes.get(CONFIG_MAPS, 'a', ns)).toMatchObject({ data: { n: '1' } });
    },
  },
  {
    name: 'a right in one namespace is none in another',
    run: async (env) => {
      const [own, other] = [await namespace(env), await namespace(env, `${env.unique}-2`)];
      await configMap(env, own, 'a');
      await configMap(env, other, 'a');
      await grant(env, own, READ_MAPS, ALICE);
      const alice = await env.makeClient('alice');
      expect((await alice.get(CONFIG_MAPS, 'a', own))?.metadata.name).toBe('a');
      await failsWith(alice.get(CONFIG_MAPS, 'a', other), 'kubernetes.denied');
    },
  },
  {
    name: 'impersonation in the kubeconfig asks as somebody else',
    run: async (env) => {
      const as = await env.makeClient({ token: env.adminToken, as: 'alice@example.com' });
      expect((await failsWith(as.get(SECRETS, 'x', 'kube-system'), 'kubernetes.denied')).message).toContain(
        'alice@example.com',
      );
    },
  },
  {
    name: 'impersonation with groups has the rights of the groups',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'a');
      await grant(env, ns, READ_MAPS, { kind: 'Group', name: `${env.unique}:readers` });
      const user = { token: env.adminToken, as: 'carol', 'as-groups': ['others', `${env.unique}:readers`] };
      expect((await (await env.makeClient(user)).get(CONFIG_MAPS, 'a', ns))?.metadata.name).toBe('a');
    },
  },
  {
    name: 'an administrator may everything',
    run: async ({ kubernetes }) => {
      expect(
        await kubernetes.allowed({ verb: 'delete', group: '', resource: 'secrets', namespace: 'kube-system' }),
      ).toBe(true);
      expect(
        await kubernetes.allowed({ verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' }),
      ).toBe(true);
    },
  },
  {
    name: 'a user without rights may nothing, and may ask that',
    run: async (env) =>
      expect(await (await env.makeClient('bob')).allowed({ ...maps, namespace: 'default' })).toBe(false),
  },
  {
    name: 'a user with a role may what the role says and no more',
    run: async (env) => {
      const ns = await namespace(env);
      await grant(env, ns, READ_MAPS, ALICE);
      const alice = await env.makeClient('alice');
      expect(await alice.allowed({ ...maps, namespace: ns })).toBe(true);
      expect(await alice.allowed({ ...maps, verb: 'delete', namespace: ns })).toBe(false);
      expect(await alice.allowed({ ...maps, resource: 'secrets', namespace: ns })).toBe(false);
      expect(await alice.allowed({ ...maps, namespace: 'default' })).toBe(false);
      expect(await alice.allowed(maps)).toBe(false);
    },
  },
  {
    name: 'a right to one name is none to another',
    run: async (env) => {
      const ns = await namespace(env);
      await grant(
        env,
        ns,
        [{ verbs: ['patch'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['users'] }],
        ALICE,
      );
      const alice = await env.makeClient('alice');
      expect(await alice.allowed({ ...maps, verb: 'patch', namespace: ns, name: 'users' })).toBe(true);
      expect(await alice.allowed({ ...maps, verb: 'patch', namespace: ns, name: 'other' })).toBe(false);
    },
  },
  {
    name: 'a right to a subresource is one of its own',
    run: async (env) => {
      const ns = await namespace(env);
      await grant(env, ns, [{ verbs: ['get'], apiGroups: [''], resources: ['pods/log'] }], ALICE);
      const alice = await env.makeClient('alice');
      expect(await alice.allowed({ verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace: ns })).toBe(
        true,
      );
      expect(await alice.allowed({ verb: 'get', group: '', resource: 'pods', namespace: ns })).toBe(false);
    },
  },
  {
    name: 'asking about an e-mail in a namespace: yes for what it was given there',
    run: async (env) => {
      const ns = await namespace(env);
      await grant(env, ns, READ_MAPS, ALICE);
      expect(await env.kubernetes.allowed({ ...maps, namespace: ns, as: ALICE.name })).toBe(true);
      expect(await env.kubernetes.allowed({ ...maps, namespace: ns, as: 'bob@example.com' })).toBe(false);
    },
  },
  {
    name: 'asking about an e-mail with the built-in role admin: the namespace, and no Secrets elsewhere',
    run: async (env) => {
      const ns = await namespace(env);
      await bind(env, ns, { kind: 'ClusterRole', name: 'admin' }, ALICE, {
        verbs: ['get'],
        apiGroups: [''],
        resources: ['secrets'],
      });
      const ask = (namespace: string, resource: string) =>
        env.kubernetes.allowed({ verb: 'get', group: '', resource, namespace, as: ALICE.name });
      expect(await ask(ns, 'secrets')).toBe(true);
      expect(await ask(ns, 'pods')).toBe(true);
      expect(await ask('kube-system', 'secrets')).toBe(false);
    },
  },
  {
    name: 'asking about an e-mail over the whole cluster',
    run: async (env) => {
      const subject = { kind: 'User' as const, name: `${env.unique}@example.com` };
      await grantEverywhere(env, [{ verbs: ['list'], apiGroups: [''], resources: ['namespaces'] }], subject);
      const ask = { verb: 'list', group: '', resource: 'namespaces', as: subject.name };
      expect(await env.kubernetes.allowed(ask)).toBe(true);
      expect(await env.kubernetes.allowed({ ...ask, verb: 'delete' })).toBe(false);
      expect(await env.kubernetes.allowed({ ...ask, as: subject.name.toUpperCase() })).toBe(false);
    },
  },
  {
    name: 'somebody else is asked about as an authenticated user',
    run: async (env) => {
      const ns = await namespace(env);
      await grant(env, ns, READ_MAPS, { kind: 'Group', name: 'system:authenticated' });
      expect(await env.kubernetes.allowed({ ...maps, namespace: ns, as: 'anyone@example.com' })).toBe(true);
    },
  },
  {
    name: 'asking about somebody else without the right is 403, not "no"',
    run: async (env) => {
      const alice = await env.makeClient('alice');
      await failsWith(alice.allowed({ ...maps, namespace: 'default', as: 'bob@example.com' }), 'kubernetes.denied');
      await failsWith(alice.allowed({ ...maps, as: 'bob@example.com' }), 'kubernetes.denied');
    },
  },
];
