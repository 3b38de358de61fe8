/** What other stacks of a whole platform would have put into the cluster, and this small site's stacks need. */
import type { Kubernetes } from './kubernetes.ts';

export async function seedKubernetes(kubernetes: Kubernetes): Promise<void> {
  const namespaces = ['k8s-portal', 'kubernetes-dashboard', 'woodpecker'];
  await Promise.all(namespaces.map((name) => kubernetes.must('POST', '/api/v1/namespaces', { metadata: { name } })));
  const labels = { 'app.kubernetes.io/name': 'k8s-portal' };
  await kubernetes.must('POST', '/apis/apps/v1/namespaces/k8s-portal/deployments', {
    metadata: { name: 'k8s-portal' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'portal', image: 'example.test/k8s-portal:1' }] },
      },
    },
  });
}
