import { PODS } from '../../../clients/kubernetes/kinds.ts';
import type { Json } from '../../../diagnosis/json.ts';
import type { Ask, Coverage } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';

/** One container of one pod. */
export type Container = { readonly pod: string; readonly container: string };

type Where = {
  readonly namespace: string;
  readonly pod?: string;
  readonly selector?: string;
  readonly container?: string;
};

/** Those that are asked, and how many there are. */
export type Chosen = { readonly asked: readonly Container[]; readonly of: number };

/** More containers than this are not asked: a diagnosis is a guest. */
const MOST = 10;

/** The containers that a probe means, at most ten of them. Errors: `runbook.no-pod.empty` (69) when there is none. */
export async function containersOf(where: Where, { client }: Ask): Promise<Chosen> {
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
  if (containers.length > 0) return { asked: containers.slice(0, MOST), of: containers.length };
  const what = pod ?? selector ?? 'any pod';
  throw new InfraError('runbook.no-pod.empty', 'unavailable', `There is no container of ${what} in ${namespace}.`);
}

/** How much evidence with `asked` and `of` covers; undefined where it has none: a recording may hold anything. */
export function coverageOf(evidence: Json): Coverage | undefined {
  const { asked, of } = (evidence ?? {}) as { readonly asked?: unknown; readonly of?: unknown };
  return typeof asked === 'number' && typeof of === 'number' ? { measured: asked, of, unit: 'containers' } : undefined;
}
