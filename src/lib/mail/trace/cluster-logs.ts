import type { Kubernetes, KubernetesObject } from '../../clients/kubernetes/client.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import type { LogSource } from './fold-logs.ts';

/** What reading the mail server's logs needs of the cluster. */
export type LogClients = { readonly kubernetes: Pick<Kubernetes, 'list' | 'logs' | 'exec'> };

/** A guest reads at most this much of a log, in bytes. */
const LIMIT_BYTES = 64 * 1024 * 1024;
/** A file in the pod: its end, as much as is kept of a program's output. */
const TAIL_BYTES = 4_000_000;

type Status = {
  readonly name?: string;
  readonly restartCount?: number;
  readonly state?: { readonly running?: { readonly startedAt?: string } };
};

/** When the container began; what it wrote before may be in the log before it. */
export type PodLogs = { readonly sources: readonly LogSource[]; readonly startedAt: string | undefined };

/**
 * The logs of the mail server's pod: before its last restart, now, and the files that `mail.pod.logFiles` names, by the end
 * of each. `sinceSeconds`: only the newest of the container's log.
 */
export function podLogs(
  clients: LogClients,
  site: Site,
  pod: KubernetesObject,
  sinceSeconds: number | undefined,
): PodLogs {
  const { namespace, pod: settings } = site.mail;
  const container = settings.container.value;
  const { name } = pod.metadata;
  const statuses = ((pod.status ?? {}) as { readonly containerStatuses?: readonly Status[] }).containerStatuses ?? [];
  const status = statuses.find((each) => each.name === container);
  const log = (previous: boolean): LogSource => ({
    name: `${name}/${container}${previous ? ' (previous)' : ''}`,
    isMain: true,
    limitBytes: LIMIT_BYTES,
    open: () =>
      clients.kubernetes.logs({
        namespace: namespace.value,
        pod: name,
        container,
        timestamps: true,
        limitBytes: LIMIT_BYTES,
        ...(previous ? { previous } : {}),
        ...(sinceSeconds === undefined || previous ? {} : { sinceSeconds }),
      }),
  });
  const hasPrevious = (status?.restartCount ?? 0) > 0 && sinceSeconds === undefined;
  const files = settings.logFiles.value.map(
    (path): LogSource => ({
      name: `${name}:${path}`,
      isMain: false,
      limitBytes: TAIL_BYTES,
      open: () => tail(clients, namespace.value, name, container, path),
    }),
  );
  return {
    sources: [...(hasPrevious ? [log(true)] : []), log(false), ...files],
    startedAt: status?.state?.running?.startedAt,
  };
}

/** The end of a file in the pod, without the line that the beginning cuts. */
async function* tail(
  { kubernetes }: LogClients,
  namespace: string,
  pod: string,
  container: string,
  path: string,
): AsyncGenerator<string, void, undefined> {
  const command = ['tail', '-c', String(TAIL_BYTES), '--', path];
  const ended = await kubernetes.exec(namespace, pod, container, command, { timeoutMs: 20_000 });
  if (ended.exitCode !== 0) {
    throw new InfraError('mail.no-file', 'unavailable', `tail ${path} in ${pod} ended with ${ended.exitCode}.`);
  }
  const lines = ended.stdout.split('\n');
  yield* ended.stdout.length >= TAIL_BYTES ? lines.slice(1) : lines;
}
