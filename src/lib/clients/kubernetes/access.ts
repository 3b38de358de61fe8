import type { AccessQuestion, Kubernetes } from './client.ts';
import { notJson } from './errors.ts';
import { parse, segment } from './objects.ts';
import { object } from './shape.ts';
import type { Transport } from './transport.ts';

const ROOT = '/apis/authorization.k8s.io/v1';

/**
 * Asks the authoriser: about ourselves by SelfSubjectAccessReview, about somebody else by LocalSubjectAccessReview in
 * a namespace and SubjectAccessReview without one. Somebody else is asked about as an authenticated user of no group.
 */
export function makeAccess(connect: () => Promise<Transport>): Pick<Kubernetes, 'allowed'> {
  return {
    async allowed(question) {
      const transport = await connect();
      const { path, kind } = endpoint(question);
      const spec = {
        resourceAttributes: attributes(question),
        ...(question.as === undefined ? {} : { user: question.as, groups: ['system:authenticated'] }),
      };
      const local = kind === 'LocalSubjectAccessReview' ? { metadata: { namespace: question.namespace } } : {};
      const body = { apiVersion: 'authorization.k8s.io/v1', kind, ...local, spec };
      const tried = `ask whether ${question.as ?? 'we'} may ${question.verb} ${question.resource}`;
      const answer = parse(await transport.text({ tried, method: 'POST', path, body }), tried, transport.server);
      const { allowed } = object(object(answer).status);
      if (typeof allowed !== 'boolean')
        throw notJson(tried, transport.server, 200, 'JSON that is not an access review');
      return allowed;
    },
  };
}

function endpoint(question: AccessQuestion): { readonly path: string; readonly kind: string } {
  if (question.as === undefined) return { path: `${ROOT}/selfsubjectaccessreviews`, kind: 'SelfSubjectAccessReview' };
  if (question.namespace === undefined) return { path: `${ROOT}/subjectaccessreviews`, kind: 'SubjectAccessReview' };
  return {
    path: `${ROOT}/namespaces/${segment(question.namespace)}/localsubjectaccessreviews`,
    kind: 'LocalSubjectAccessReview',
  };
}

function attributes(question: AccessQuestion): Record<string, string> {
  const { verb, group, resource, subresource, namespace, name } = question;
  return {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}
