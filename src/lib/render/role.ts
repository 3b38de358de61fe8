import type { RoleNeed } from '../diagnosis/role.ts';

const list = (words: readonly string[]): string => `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;

/** Roles as YAML for `kubectl apply`, and how to give them to somebody. */
export function roleYaml(subject: string, needs: readonly RoleNeed[]): string {
  const name = `infra-diagnose-${subject}`;
  const documents = needs.map(({ namespace, rules }) =>
    [
      'apiVersion: rbac.authorization.k8s.io/v1',
      `kind: ${namespace === undefined ? 'ClusterRole' : 'Role'}`,
      'metadata:',
      `  name: ${name}`,
      ...(namespace === undefined ? [] : [`  namespace: ${namespace}`]),
      'rules:',
      ...rules.flatMap((rule) => [
        `  - apiGroups: ${list([rule.group])}`,
        `    resources: ${list([rule.resource])}`,
        ...(rule.names.length === 0 ? [] : [`    resourceNames: ${list(rule.names)}`]),
        `    verbs: ${list(rule.verbs)}`,
      ]),
    ].join('\n'),
  );
  const grants = needs.map(({ namespace }) =>
    namespace === undefined
      ? `# kubectl create clusterrolebinding ${name} --clusterrole=${name} --user=NAME`
      : `# kubectl -n ${namespace} create rolebinding ${name} --role=${name} --user=NAME`,
  );
  if (documents.length === 0) return `# infra diagnose ${subject} asks the cluster nothing that needs a right.`;
  return [`# What infra diagnose ${subject} needs. To give it to somebody:`, ...grants, documents.join('\n---\n')].join(
    '\n',
  );
}
