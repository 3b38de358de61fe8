import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { INGRESSES } from '../../clients/kubernetes/kinds.ts';
import { isInfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { blocksOf, fieldsOf, textOf } from '../plan/nested.ts';
import type { Change } from '../stack.ts';
import type { ManyContext } from './context.ts';
import { pendingChanges } from './plan-all.ts';
import type { PlannedReport } from './report.ts';

/** Who will notice, as far as the plans and the Ingresses tell. */
export type Blast = {
  /** Namespaces in which something that exists is changed. */
  readonly namespaces: readonly string[];
  /** Workloads whose pods are replaced, `kind namespace/name`. */
  readonly restarts: readonly string[];
  /** Hosts that may blip. */
  readonly hosts: readonly string[];
  /** What people will notice beyond that, full sentences. */
  readonly sessions: readonly string[];
  /** Why part of it is not known. */
  readonly unknown: string | undefined;
};

/** Of plans that were not judged. */
export const NOT_ASKED: Blast = {
  namespaces: [],
  restarts: [],
  hosts: [],
  sessions: [],
  unknown: 'the run ended before it was asked for',
};

const TAKES_AWAY = ['delete', 'replace'];
const WORKLOADS = ['deployment', 'stateful_set', 'daemon_set', 'daemonset', 'pod', 'helm_release'];

/**
 * The blast radius of plans: namespaces and workloads from the changes, hosts from changed Ingresses and from those of a
 * namespace in which pods are replaced. A new object makes nothing blip. Ingresses that cannot be read are said to be
 * unknown. Pure but for one list a namespace.
 */
export async function blastOf(
  context: Pick<ManyContext, 'clients' | 'site'>,
  reports: readonly PlannedReport[],
): Promise<Blast> {
  const changes = reports
    .flatMap(({ summary }) => pendingChanges(summary))
    .filter((change) => change.class !== 'create');
  const restarting = changes.filter(restarts);
  const restartsIn = named(restarting.map(({ place }) => place?.namespace));
  const own = changes.flatMap(({ place }) => place?.hosts ?? []);
  const { hosts, unknown } = await hostsIn(context, restartsIn);
  return {
    namespaces: named(changes.map(({ place }) => place?.namespace)),
    restarts: named(restarting.map(({ place }) => `${place?.kind} ${place?.namespace ?? ''}/${place?.name ?? '?'}`)),
    hosts: named([...own, ...hosts]),
    sessions: sessionsOf(context.site, restartsIn, changes),
    unknown,
  };
}

function restarts({ class: kind, place }: Change): boolean {
  if (place === undefined) return false;
  return place.restarts || (TAKES_AWAY.includes(kind) && WORKLOADS.includes(place.kind));
}

async function hostsIn(
  { clients }: Pick<ManyContext, 'clients'>,
  namespaces: readonly string[],
): Promise<{ readonly hosts: readonly string[]; readonly unknown: string | undefined }> {
  try {
    const lists = await Promise.all(namespaces.map((namespace) => clients.kubernetes.list(INGRESSES, { namespace })));
    return { hosts: lists.flat().flatMap(hostsOf), unknown: undefined };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return { hosts: [], unknown: `hosts of ${namespaces.join(', ')}: ${error.message}` };
  }
}

function hostsOf(ingress: KubernetesObject): readonly string[] {
  const { rules } = fieldsOf(ingress.spec);
  return blocksOf(rules ?? []).flatMap((rule) => textOf(rule.host) ?? []);
}

function sessionsOf(site: Site, restartsIn: readonly string[], changes: readonly Change[]): readonly string[] {
  const rules: readonly (readonly [boolean, string])[] = [
    [
      restartsIn.includes(site.authentik.namespace.value),
      'Signing in stops while Authentik restarts, and who is signed in may have to again.',
    ],
    [restartsIn.includes(site.edge.traefik.namespace.value), 'Every host behind Traefik blips.'],
    [restartsIn.includes('cloudflared'), 'Every public host blips: the tunnel restarts.'],
    [
      restartsIn.includes(site.users.woodpecker.namespace.value),
      'Pipelines that run now are cut off when Woodpecker restarts.',
    ],
    [restartsIn.includes('vault'), 'Vault restarts: it may have to be unsealed, and nothing can be planned meanwhile.'],
    [
      changes.some((change) => change.risks?.some(({ code }) => code === 'stack.tunnel-change') === true),
      'Where every public host is sent changes.',
    ],
  ];
  return rules.flatMap(([applies, sentence]) => (applies ? [sentence] : []));
}

function named(names: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
