import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import type { ClusterReads } from './answer.ts';
import { mailPod } from './mail-pod.ts';

/** What listens in the mail server's pod, on addresses that others can reach. */
export type Listeners = { readonly pod: string; readonly ports: readonly number[] };

/** The program that is run in the pod. */
export const SS = ['ss', '-ltn'] as const;

/** Asks the pod by `ss -ltn`. Errors: those of the cluster, `mail.empty`, `mail.no-ss`, `mail.malformed`. */
export async function collectListeners(clients: ClusterReads, site: Site): Promise<Listeners> {
  const { namespace, pod } = site.mail;
  const { name } = (await mailPod(clients, site)).metadata;
  const ended = await clients.kubernetes.exec(namespace.value, name, pod.container.value, SS, { timeoutMs: 10_000 });
  if (ended.exitCode !== 0) {
    throw new InfraError('mail.no-ss', 'unavailable', `${SS.join(' ')} in ${name} ended with ${ended.exitCode}.`);
  }
  const ports = listeningPorts(ended.stdout);
  if (ports === undefined) {
    throw new InfraError(
      'mail.malformed',
      'unavailable',
      `${SS.join(' ')} in ${name} printed something else than a table.`,
    );
  }
  return { pod: name, ports };
}

/** Ports in the table of `ss -ltn` (iproute2), each once, in order; loopback does not count. Undefined: not such a table. */
export function listeningPorts(table: string): readonly number[] | undefined {
  const [head = '', ...lines] = table.trim().split('\n');
  if (!/\bLocal Address:Port\b/.test(head)) return undefined;
  const ports = lines.flatMap((line) => {
    const local = line.trim().split(/\s+/)[3] ?? '';
    const found = /^(.*):(\d+)$/.exec(local);
    return found === null || /^(127\.|\[::1\])/.test(found[1] ?? '') ? [] : [Number(found[2])];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}
