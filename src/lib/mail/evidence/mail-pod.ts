import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { PODS } from '../../clients/kubernetes/kinds.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import type { ClusterReads } from './answer.ts';

/** The mail server's running pod. Errors: those of the cluster, `mail.empty` (no pod, or none that runs). */
export async function mailPod(
  clients: { readonly kubernetes: Pick<ClusterReads['kubernetes'], 'list'> },
  site: Site,
): Promise<KubernetesObject> {
  const { namespace, pod } = site.mail;
  const pods = await clients.kubernetes.list(PODS, { namespace: namespace.value, labelSelector: pod.selector.value });
  const running = pods.find(isRunning);
  if (running !== undefined) return running;
  const found = pods.length === 0 ? 'no pod' : `${pods.length} pods, none of them running,`;
  const text = `${found} with ${pod.selector.value} in ${namespace.value}`;
  throw new InfraError('mail.empty', 'unavailable', `There is ${text}.`, {
    hints: [`kubectl -n ${namespace.value} get pods`],
  });
}

function isRunning(pod: KubernetesObject): boolean {
  const phase = (pod.status as { readonly phase?: unknown } | undefined)?.phase;
  return phase === 'Running' && pod.metadata.deletionTimestamp === undefined;
}
