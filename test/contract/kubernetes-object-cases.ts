import { expect } from 'vitest';
import {
  CONFIG_MAPS,
  configMap,
  failsWith,
  type KubernetesCase,
  must,
  NAMESPACES,
  namespace,
  SECRETS,
} from './kubernetes-case.ts';

/** Reading, patching, creating and deleting. */
export const objectCases: readonly KubernetesCase[] = [
  {
    name: 'version is that of the server',
    run: async ({ kubernetes }) => expect(await kubernetes.version()).toMatch(/^v1\.\d+\.\d+/),
  },
  {
    name: 'target names context, server, namespace and where that was decided',
    run: async ({ kubernetes, server }) => {
      expect(await kubernetes.target()).toMatchObject({
        context: 'contract',
        server,
        namespace: 'default',
        source: expect.stringContaining('kubernetes.kubeconfig'),
      });
    },
  },
  {
    name: 'get gives a cluster-scoped object with its kind and uid',
    run: async (env) => {
      await namespace(env);
      const found = await env.kubernetes.get(NAMESPACES, env.unique);
      expect(found).toMatchObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: env.unique } });
      expect(found?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    },
  },
  {
    name: 'get gives a namespaced object as it is',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'settings', {
        annotations: { 'example.com/note': 'kept: "as is"\n' },
        data: { key: 'value' },
      });
      const found = await env.kubernetes.get(CONFIG_MAPS, 'settings', ns);
      expect(found).toMatchObject({
        kind: 'ConfigMap',
        data: { key: 'value' },
        metadata: { namespace: ns, annotations: { 'example.com/note': 'kept: "as is"\n' } },
      });
    },
  },
  {
    name: 'get gives the data of a Secret in base64',
    run: async (env) => {
      const ns = await namespace(env);
      await must(env, 'POST', `/api/v1/namespaces/${ns}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        stringData: { token: 'abc' },
      });
      expect(await env.kubernetes.get(SECRETS, 's', ns)).toMatchObject({ data: { token: 'YWJj' } });
    },
  },
  {
    name: 'get finds a name with a colon',
    run: async (env) => {
      const name = `${env.unique}:reader`;
      await must(env, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name },
        rules: [],
      });
      expect(
        (await env.kubernetes.get({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles' }, name))
          ?.metadata.name,
      ).toBe(name);
    },
  },
  {
    name: 'get of an object that is not there is undefined',
    run: async (env) => {
      const ns = await namespace(env);
      expect(await env.kubernetes.get(CONFIG_MAPS, 'absent', ns)).toBeUndefined();
      expect(await env.kubernetes.get(NAMESPACES, `${env.unique}-absent`)).toBeUndefined();
    },
  },
  {
    name: 'get in a namespace that is not there is undefined',
    run: async (env) => expect(await env.kubernetes.get(CONFIG_MAPS, 'x', `${env.unique}-absent`)).toBeUndefined(),
  },
  {
    name: 'a resource that the cluster does not serve is an error, never an absent object',
    run: async ({ kubernetes }) => {
      await failsWith(
        kubernetes.get({ group: '', version: 'v1', plural: 'nosuchthings' }, 'x', 'default'),
        'kubernetes.failed',
      );
      await failsWith(kubernetes.list({ group: '', version: 'v1', plural: 'nosuchthings' }), 'kubernetes.failed');
    },
  },
  {
    name: 'a group that the cluster does not serve is an error, never an absent object',
    run: async ({ kubernetes }) => {
      await failsWith(
        kubernetes.get({ group: 'no.such.group', version: 'v1', plural: 'things' }, 'x'),
        'kubernetes.failed',
      );
      await failsWith(
        kubernetes.list({ group: 'no.such.group', version: 'v1', plural: 'things' }),
        'kubernetes.failed',
      );
    },
  },
  {
    name: 'patch changes what it names, removes what it nulls and leaves the rest',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'a', { annotations: { keep: 'k', drop: 'd' }, data: { one: '1', two: '2' } });
      const patched = await env.kubernetes.patch(CONFIG_MAPS, 'a', ns, {
        metadata: { annotations: { drop: null, add: 'x' } },
        data: { two: '3' },
      });
      expect(patched).toMatchObject({
        data: { one: '1', two: '3' },
        metadata: { annotations: { keep: 'k', add: 'x' } },
      });
      expect((await env.kubernetes.get(CONFIG_MAPS, 'a', ns))?.metadata.annotations).toEqual({ keep: 'k', add: 'x' });
    },
  },
  {
    name: 'patch of a cluster-scoped object',
    run: async (env) => {
      await namespace(env);
      const patched = await env.kubernetes.patch(NAMESPACES, env.unique, undefined, {
        metadata: { labels: { tier: 'x' } },
      });
      expect(patched.metadata.labels).toMatchObject({ tier: 'x' });
    },
  },
  {
    name: 'patch of an object that is not there is an error',
    run: async (env) => {
      const error = await failsWith(
        env.kubernetes.patch(CONFIG_MAPS, 'absent', await namespace(env), { data: {} }),
        'kubernetes.failed',
      );
      expect(error.message).toContain('HTTP 404 NotFound: configmaps "absent" not found');
    },
  },
  {
    name: 'patch against an older version is a conflict',
    run: async (env) => {
      const ns = await namespace(env);
      const before = await configMap(env, ns, 'a', { data: { n: '1' } });
      await env.kubernetes.patch(CONFIG_MAPS, 'a', ns, { data: { n: '2' } });
      const stale = { metadata: { resourceVersion: before.metadata.resourceVersion }, data: { n: '3' } };
      expect((await failsWith(env.kubernetes.patch(CONFIG_MAPS, 'a', ns, stale), 'kubernetes.conflict')).status).toBe(
        'busy',
      );
      expect(await env.kubernetes.get(CONFIG_MAPS, 'a', ns)).toMatchObject({ data: { n: '2' } });
    },
  },
  {
    name: 'create gives what is stored; the same name again is a conflict',
    run: async (env) => {
      const ns = await namespace(env);
      const body = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'new', labels: { a: 'b' } },
        data: { n: '1' },
      };
      const created = await env.kubernetes.create(CONFIG_MAPS, ns, body);
      expect(created).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'new', namespace: ns }, data: { n: '1' } });
      expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      await failsWith(env.kubernetes.create(CONFIG_MAPS, ns, { ...body, data: { n: '2' } }), 'kubernetes.conflict');
      expect(await env.kubernetes.get(CONFIG_MAPS, 'new', ns)).toMatchObject({ data: { n: '1' } });
    },
  },
  {
    name: 'create in a namespace that is not there is an error, without a right it is denied',
    run: async (env) => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } };
      await failsWith(env.kubernetes.create(CONFIG_MAPS, `${env.unique}-absent`, body), 'kubernetes.failed');
      const alice = await env.makeClient('alice');
      const error = await failsWith(alice.create(CONFIG_MAPS, await namespace(env), body), 'kubernetes.denied');
      expect(error.message).toContain('cannot create resource "configmaps"');
    },
  },
  {
    name: 'delete takes an object away, and says when there was none',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'a');
      await configMap(env, ns, 'b');
      expect(await env.kubernetes.delete(CONFIG_MAPS, 'a', ns)).toBe(true);
      expect(await env.kubernetes.get(CONFIG_MAPS, 'a', ns)).toBeUndefined();
      expect(await env.kubernetes.get(CONFIG_MAPS, 'b', ns)).toBeDefined();
      expect(await env.kubernetes.delete(CONFIG_MAPS, 'a', ns)).toBe(false);
      const alice = await env.makeClient('alice');
      await failsWith(alice.delete(CONFIG_MAPS, 'b', ns), 'kubernetes.denied');
    },
  },
  {
    name: 'a namespace is active, then goes away with what is in it',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'a');
      expect(await env.kubernetes.get(NAMESPACES, ns)).toMatchObject({ status: { phase: 'Active' } });
      await must(env, 'DELETE', `/api/v1/namespaces/${ns}`);
      const end = performance.now() + 60_000;
      for (;;) {
        const left = await env.kubernetes.get(NAMESPACES, ns);
        if (left === undefined) break;
        expect(left).toMatchObject({ status: { phase: 'Terminating' } });
        if (performance.now() > end) throw new Error('the namespace does not go away');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await env.kubernetes.get(CONFIG_MAPS, 'a', ns)).toBeUndefined();
    },
  },
  {
    name: 'many requests at the same time are all answered',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'a');
      const found = await Promise.all(Array.from({ length: 40 }, () => env.kubernetes.get(CONFIG_MAPS, 'a', ns)));
      expect(new Set(found.map((each) => each?.metadata.uid)).size).toBe(1);
    },
  },
];
