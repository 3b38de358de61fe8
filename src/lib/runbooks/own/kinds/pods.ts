import { PODS } from '../../../clients/kubernetes/kinds.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';

/** One container of one pod. */
export type Container = { readonly pod: string; readonly container: string };

type Where = {
  readonly namespace: string;
  readonly pod?: string;
  readonly selector?: string;
  readonly container?: string;
};

/** More pods than this are not asked: a diagnosis is a guest. */
const MOST = 10;

/** The containers that a probe means, at most ten. Errors: `runbook.no-pod.empty` (69) when there is none. */
export async function containersOf(where: Where, { client }: Ask): Promise<readonly Container[]> {
  const kubernetes = await client('kubernetes');
  const { namespace, pod, selector, container } = where;
  const found =
    pod === undefined
      ? await kubernetes.list(PODS, { namespace, ...(selector === undefined ? {} : { labelSelector: selector }) })
      : [await kubernetes.get(PODS, pod, namespace)].filter((one) => one !== undefined);
  const containers = found.flatMap(({ metadata, spec }) => {
    const { containers: all = [] } = (spec ?? {}) as { containers?: readonly { readonly name: string }[] };
    return all
      .filter(({ name }) => container === undefined || name === container)
      .map(({ name }) => ({ pod: metadata.name, container: name }));
  });
  if (containers.length > 0) return containers.slice(0, MOST);
  const what = pod ?? selector ?? 'any pod';
  throw new InfraError('runbook.no-pod.empty', 'unavailable', `There is no container of ${what} in ${namespace}.`);
}
