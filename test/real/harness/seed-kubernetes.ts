/** What other stacks of a whole platform would have put into the cluster, and this small site's stacks need. */
import type { Kubernetes } from './kubernetes.ts';

export async function seedKubernetes(kubernetes: Kubernetes): Promise<void> {
  const namespaces = ['k8s-portal', 'kubernetes-dashboard', 'woodpecker'];
  await Promise.all(namespaces.map((name) => kubernetes.must('POST', '/api/v1/namespaces', { metadata: { name } })));
  await Promise.all([
    kubernetes.must('POST', '/apis/apps/v1/namespaces/k8s-portal/deployments', {
      metadata: { name: 'k8s-portal' },
      spec: { replicas: 1, ...workload('k8s-portal', 'portal', []) },
    }),
    kubernetes.must('POST', '/apis/apps/v1/namespaces/woodpecker/statefulsets', {
      metadata: { name: 'woodpecker-server' },
      spec: {
        replicas: 1,
        serviceName: 'woodpecker-server',
        ...workload('woodpecker-server', 'server', [{ name: 'WOODPECKER_OPEN', value: 'true' }]),
      },
    }),
  ]);
}

function workload(app: string, name: string, env: { name: string; value: string }[]) {
  const labels = { 'app.kubernetes.io/name': app };
  return {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name, image: `example.test/${app}:1`, env }] } },
  };
}
