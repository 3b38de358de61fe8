import type { AccessQuestion } from '../../clients/kubernetes/client.ts';
import type { Site } from '../../site/site.ts';
import { type Check, fail, pass, warn } from '../check.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** What verifying a user reads, and restarting the portal writes. */
function questions(site: Site): readonly AccessQuestion[] {
  const { portal, woodpecker, dashboard } = site.users;
  return [
    { verb: 'get', group: '', resource: 'namespaces' },
    { verb: 'get', group: RBAC, resource: 'rolebindings' },
    { verb: 'get', group: RBAC, resource: 'clusterrolebindings' },
    { verb: 'get', group: '', resource: 'resourcequotas' },
    { verb: 'get', group: '', resource: 'serviceaccounts' },
    { verb: 'get', group: '', resource: 'secrets' },
    { verb: 'get', group: '', resource: 'configmaps', namespace: portal.namespace.value },
    { verb: 'get', group: 'apps', resource: 'statefulsets', namespace: woodpecker.namespace.value },
    { verb: 'get', group: '', resource: 'secrets', namespace: dashboard.namespace.value },
    { verb: 'patch', group: 'apps', resource: 'deployments', namespace: portal.namespace.value },
  ];
}

/** What this identity may do, by SelfSubjectAccessReview. */
export const clusterAccess: Check = {
  id: 'cluster.access',
  title: 'cluster rights',
  group: 'cluster',
  needs: 'site',
  after: 'cluster.server',
  run: async (world, site) => {
    const kubernetes = await world.client('kubernetes');
    const all = questions(site);
    const allowed = await Promise.all(all.map((question) => kubernetes.allowed(question)));
    const lacking = all.filter((_, index) => allowed[index] !== true);
    const command = byHand(lacking[0] ?? { verb: 'get', group: '', resource: 'namespaces' });
    if (lacking.length === 0) return pass(`may do the ${all.length} things that are asked of it`, { command });
    const words = lacking
      .map((one) => `${one.verb} ${one.resource}${one.namespace === undefined ? '' : ` in ${one.namespace}`}`)
      .join(', ');
    const hint =
      'Use a context with these rights: kubernetes.context in infra.yaml, or kubectl config use-context NAME';
    return lacking.length === all.length
      ? fail(`may do nothing of it: ${words}`, hint, { command })
      : warn(`may not ${words}; what needs it is UNKNOWN`, hint, { command });
  },
};

function byHand({ verb, group, resource, namespace }: AccessQuestion): string {
  const where = namespace === undefined ? '-A' : `-n ${namespace}`;
  return `kubectl auth can-i ${verb} ${resource}${group === '' ? '' : `.${group}`} ${where}`;
}
