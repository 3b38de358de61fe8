import { expect } from 'vitest';
import { CONFIG_MAPS, configMap, failsWith, type KubernetesCase, namespace, SECRETS } from './kubernetes-case.ts';

const names = (objects: readonly { readonly metadata: { readonly name: string } }[]): string[] =>
  objects.map((each) => each.metadata.name).sort();

/** Lists: pages, selectors, namespaces. */
export const listCases: readonly KubernetesCase[] = [
  {
    name: 'list of nothing is empty',
    run: async (env) => expect(await env.kubernetes.list(SECRETS, { namespace: await namespace(env) })).toEqual([]),
  },
  {
    name: 'list stays in its namespace',
    run: async (env) => {
      const [one, two] = [await namespace(env), await namespace(env, `${env.unique}-2`)];
      await configMap(env, one, 'a');
      await configMap(env, two, 'b');
      const own = { labelSelector: '!none', fieldSelector: 'metadata.name!=kube-root-ca.crt' };
      expect(names(await env.kubernetes.list(CONFIG_MAPS, { namespace: one, ...own }))).toEqual(['a']);
    },
  },
  {
    name: 'list without a namespace sees all of them',
    run: async (env) => {
      const [one, two] = [await namespace(env), await namespace(env, `${env.unique}-2`)];
      const labels = { 'example.com/case': env.unique };
      await configMap(env, one, 'a', { labels });
      await configMap(env, two, 'b', { labels });
      const found = await env.kubernetes.list(CONFIG_MAPS, { labelSelector: `example.com/case=${env.unique}` });
      expect(found.map((each) => [each.metadata.namespace, each.metadata.name]).sort()).toEqual([
        [one, 'a'],
        [two, 'b'],
      ]);
    },
  },
  {
    name: 'items of a list carry kind and apiVersion',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'a');
      const [first] = await env.kubernetes.list(CONFIG_MAPS, { namespace: ns, fieldSelector: 'metadata.name=a' });
      expect(first).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    },
  },
  {
    name: 'list gives every object over all pages, each once',
    run: async (env) => {
      const ns = await namespace(env);
      const labels = { page: 'yes' };
      const all = Array.from({ length: 1003 }, (_, at) => `m${String(at).padStart(4, '0')}`);
      for (let at = 0; at < all.length; at += 50)
        await Promise.all(all.slice(at, at + 50).map((name) => configMap(env, ns, name, { labels })));
      expect(names(await env.kubernetes.list(CONFIG_MAPS, { namespace: ns, labelSelector: 'page=yes' }))).toEqual(all);
    },
  },
  ...[
    ['app=web', ['a']],
    ['app!=web', ['b', 'c']],
    ['app in (web,db)', ['a', 'b']],
    ['app notin (web)', ['b', 'c']],
    ['tier', ['b']],
    ['!app', ['c']],
    ['app=db,tier=back', ['b']],
  ].map(
    ([selector, expected]): KubernetesCase => ({
      name: `list by label selector: ${selector}`,
      run: async (env) => {
        const ns = await namespace(env);
        const labels = { mine: 'yes' };
        await configMap(env, ns, 'a', { labels: { ...labels, app: 'web' } });
        await configMap(env, ns, 'b', { labels: { ...labels, app: 'db', tier: 'back' } });
        await configMap(env, ns, 'c', { labels });
        expect(
          names(await env.kubernetes.list(CONFIG_MAPS, { namespace: ns, labelSelector: `mine=yes,${selector}` })),
        ).toEqual(expected);
      },
    }),
  ),
  {
    name: 'list by field selector',
    run: async (env) => {
      const ns = await namespace(env);
      await configMap(env, ns, 'a');
      await configMap(env, ns, 'b');
      expect(
        names(await env.kubernetes.list(CONFIG_MAPS, { namespace: ns, fieldSelector: 'metadata.name=b' })),
      ).toEqual(['b']);
    },
  },
  {
    name: 'a selector that makes no sense is an error that says so',
    run: async ({ kubernetes }) => {
      const error = await failsWith(kubernetes.list(CONFIG_MAPS, { labelSelector: 'app in web' }), 'kubernetes.failed');
      expect(error.message).toContain('HTTP 400');
    },
  },
];
