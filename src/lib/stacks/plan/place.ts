import type { Place } from '../stack.ts';
import { blockOf, blocksOf, fieldsOf, textOf } from './nested.ts';
import type { ResourceChange } from './plan-document.ts';

/** Workloads whose pods are replaced when their spec changes; labels and annotations of the object do not count. */
const WORKLOADS = ['deployment', 'stateful_set', 'daemon_set', 'daemonset'];

/**
 * Where a change takes place in the cluster and at the edge, as far as the plan tells: names only, no other value.
 * Undefined for what is in neither.
 */
export function placeOf(resource: ResourceChange): Place | undefined {
  const { type, change } = resource;
  const values = fieldsOf(change.before ?? change.after);
  if (type === 'helm_release') {
    return made('helm_release', textOf(values.namespace) ?? 'default', textOf(values.name), [], change.before !== null);
  }
  if (/^cloudflare_(dns_)?record$/.test(type)) return made('dns record', undefined, textOf(values.name), [], false);
  if (type === 'kubernetes_manifest') {
    const manifest = fieldsOf(values.manifest);
    const meta = fieldsOf(manifest.metadata);
    return made(textOf(manifest.kind) ?? 'manifest', textOf(meta.namespace), textOf(meta.name), [], false);
  }
  const kind = /^kubernetes_(.+?)(_v\d+)?$/.exec(type)?.[1];
  if (kind === undefined) return undefined;
  const meta = blockOf(values.metadata);
  const name = textOf(meta.name);
  const namespace = kind === 'namespace' ? name : textOf(meta.namespace);
  return made(
    kind,
    namespace,
    name,
    kind === 'ingress' ? hostsOf(change.before, change.after) : [],
    restarts(kind, resource),
  );
}

function made(
  kind: string,
  namespace: string | undefined,
  name: string | undefined,
  hosts: readonly string[],
  restarts: boolean,
): Place {
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(hosts.length === 0 ? {} : { hosts }),
    restarts,
  };
}

function restarts(kind: string, { change }: ResourceChange): boolean {
  if (!WORKLOADS.includes(kind) || change.before === null || change.before === undefined) return false;
  const [before, after] = [fieldsOf(change.before), fieldsOf(change.after)];
  return JSON.stringify(before.spec) !== JSON.stringify(after.spec);
}

function hostsOf(...sides: readonly unknown[]): readonly string[] {
  const hosts = sides.flatMap((side) =>
    blocksOf(blockOf(fieldsOf(side).spec).rule).flatMap((rule) => textOf(rule.host) ?? []),
  );
  return [...new Set(hosts)];
}
