import type { AccessQuestion } from '../../../clients/kubernetes/client.ts';
import { PODS, SERVICES } from '../../../clients/kubernetes/kinds.ts';
import type { WebRequest } from '../../../clients/web/client.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import { isInfraError } from '../../../errors.ts';
import type { Site } from '../../../site/site.ts';
import { mayForward, mayGet, mayList } from '../../evidence/needs.ts';
import { toPodFact } from '../../evidence/pods.ts';
import { labels, number, record, records, text } from '../../evidence/shape.ts';

/** A way into one of Traefik's pods, or why there is none. */
export type IntoPod = { readonly tunnel: NonNullable<WebRequest['tunnel']> } | { readonly why: string };

const PATIENCE_MS = 5000;

/** What it takes to go into a pod of Traefik's. */
export function forwardNeeds({ edge }: Site): readonly AccessQuestion[] {
  const namespace = edge.traefik.namespace.value;
  return [mayGet(SERVICES, namespace), mayList(PODS, namespace), ...mayForward(namespace)];
}

/** Finds a pod of Traefik's that is ready, and the port behind its Service, for who cannot reach its address. */
export async function intoTraefik(ask: Ask): Promise<IntoPod> {
  try {
    return await podOf(ask);
  } catch (error) {
    // What the cluster does not say takes nothing from what the address has said: nothing.
    if (isInfraError(error)) return { why: error.message };
    throw error;
  }
}

async function podOf(ask: Ask): Promise<IntoPod> {
  const [namespace, service] = [ask.site.edge.traefik.namespace.value, ask.site.edge.traefik.service.value];
  const refused = await ask.refused(forwardNeeds(ask.site));
  if (refused !== undefined) return { why: refused };
  const kubernetes = await ask.client('kubernetes');
  const found = await kubernetes.get(SERVICES, service, namespace);
  const selector = Object.entries(labels(record(found?.spec).selector));
  if (selector.length === 0) return { why: `the Service ${service} in ${namespace} selects no pods` };
  const labelSelector = selector.map(([key, value]) => `${key}=${value}`).join(',');
  const pods = await kubernetes.list(PODS, { namespace, labelSelector });
  const ready = pods
    .filter((pod) => toPodFact(pod).ready && !toPodFact(pod).leaving)
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name, 'en'))[0];
  if (ready === undefined) return { why: `no pod of the Service ${service} in ${namespace} is ready` };
  const target = targetPort(records(record(found?.spec).ports), ask.site.edge.port.value);
  const port = number(target) ?? named(records(record(ready.spec).containers), text(target));
  if (port === undefined) return { why: `the Service ${service} in ${namespace} has no port for HTTPS` };
  const pod = ready.metadata.name;
  return {
    tunnel: {
      by: `port-forward to ${pod}`,
      open: () => kubernetes.portForward(namespace, pod, port, { timeoutMs: PATIENCE_MS }),
    },
  };
}

type Port = Readonly<Record<string, unknown>>;

/** Behind the entry point that visitors come to: Traefik's chart calls it `websecure`. */
function targetPort(ports: readonly Port[], visited: number): unknown {
  const found =
    ports.find(({ name }) => name === 'websecure') ??
    ports.find(({ port }) => port === visited) ??
    ports.find(({ port }) => port === 443);
  return found?.targetPort ?? found?.port;
}

function named(containers: readonly Port[], name: string | undefined): number | undefined {
  const ports = containers.flatMap((container) => records(container.ports));
  return number(ports.find((port) => port.name === name)?.containerPort);
}
