import type { Clients } from '../../../clients/clients.ts';
import type { AccessQuestion } from '../../../clients/kubernetes/client.ts';
import { InfraError } from '../../../errors.ts';
import type { User } from '../../entry.ts';
import { answer, type CheckAnswer } from './check.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** What has to be readable to prove, at the end, that every object exists. */
function questions(user: User): readonly AccessQuestion[] {
  const clusterWide: AccessQuestion[] = [{ verb: 'get', group: RBAC, resource: 'clusterrolebindings' }];
  if (user.entry.role !== 'namespace-owner') return clusterWide;
  const inNamespace = user.entry.namespaces.flatMap((namespace): AccessQuestion[] => [
    { verb: 'get', group: RBAC, resource: 'rolebindings', namespace },
    { verb: 'get', group: RBAC, resource: 'roles', namespace },
    { verb: 'get', group: '', resource: 'resourcequotas', namespace },
    { verb: 'get', group: '', resource: 'secrets', namespace },
    { verb: 'get', group: '', resource: 'serviceaccounts', namespace },
  ]);
  return [{ verb: 'get', group: '', resource: 'namespaces' }, ...clusterWide, ...inNamespace];
}

/** Asks the API server, before anything is written, whether the objects can be read that will have to be proved. */
export async function checkClusterAccess(clients: Pick<Clients, 'kubernetes'>, user: User): Promise<CheckAnswer> {
  const target = await clients.kubernetes.target();
  const where = target.context === undefined ? target.server : `context ${target.context}`;
  const asked = await Promise.all(
    questions(user).map(async (question) => ({ question, allowed: await clients.kubernetes.allowed(question) })),
  );
  const denied = asked.filter((each) => !each.allowed).map(({ question }) => describe(question));
  if (denied.length === 0)
    return answer('users.add.cluster-access', 'cluster', 'PASS', `may read what will be created (${where})`);
  const error = new InfraError(
    'kubernetes.denied',
    'denied',
    `The cluster (${where}) would not let the result be proved: no right to ${denied.join(', ')}.`,
    { hints: ['kubectl auth can-i --list', 'Use a kubeconfig that may read these, or add --no-apply.'] },
  );
  return {
    finding: {
      id: 'users.add.cluster-access',
      title: 'cluster',
      verdict: 'FAIL',
      detail: error.message,
      reason: 'forbidden',
    },
    blocks: 'denied',
    error,
  };
}

function describe(question: AccessQuestion): string {
  return `${question.verb} ${question.resource}${question.namespace === undefined ? '' : ` in ${question.namespace}`}`;
}
