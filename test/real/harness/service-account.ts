/** What a pipeline's pod has: a service account that Vault lets in. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StacksSite } from './stacks-site.ts';

/**
 * A service account `ci` that may do everything in the cluster, and in Vault what a pipeline needs: no policies. Answers a
 * folder with what Kubernetes gives its pods.
 */
export async function makeServiceAccount({ workspace, vault, kubernetes }: StacksSite): Promise<string> {
  const accounts = '/api/v1/namespaces/apps/serviceaccounts';
  await kubernetes.must('POST', accounts, { metadata: { name: 'ci' } });
  await kubernetes.must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'ci' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'ci', namespace: 'apps' }],
  });
  const token: string = (await kubernetes.must('POST', `${accounts}/ci/token`, { spec: { expirationSeconds: 7200 } }))
    .status.token;
  const rules = {
    'transit/encrypt/sops-state-*': ['update'],
    'transit/decrypt/sops-state-*': ['update'],
    'secret/data/locks/*': ['create', 'read', 'update', 'delete'],
    'secret/metadata/locks/*': ['read', 'delete'],
    'secret/data/platform': ['read'],
    'database/static-creds/pg-terraform-state': ['read'],
  };
  const policy = Object.entries(rules).map(
    ([path, capabilities]) => `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`,
  );
  await vault.must('PUT', 'sys/policies/acl/ci', { policy: policy.join('\n') });
  await vault.must('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  await vault.must('POST', 'auth/kubernetes/config', {
    kubernetes_host: kubernetes.server,
    kubernetes_ca_cert: kubernetes.ca,
    token_reviewer_jwt: token,
    disable_local_ca_jwt: true,
  });
  await vault.must('POST', 'auth/kubernetes/role/ci', {
    bound_service_account_names: ['ci'],
    bound_service_account_namespaces: ['apps'],
    token_policies: ['ci'],
  });
  const folder = join(workspace.dir, 'serviceaccount');
  await mkdir(folder);
  await writeFile(join(folder, 'token'), token);
  await writeFile(join(folder, 'ca.crt'), kubernetes.ca);
  await writeFile(join(folder, 'namespace'), 'apps');
  return folder;
}
