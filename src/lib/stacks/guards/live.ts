import type { Clients } from '../../clients/clients.ts';
import type { KubernetesObject } from '../../clients/kubernetes/client.ts';
import { NAMESPACES } from '../../clients/kubernetes/kinds.ts';
import { blocksOf, fieldsOf, textOf } from '../plan/nested.ts';
import type { Change, PlanSummary, ReleaseChange, Risk } from '../stack.ts';
import { olderImage } from './risks/older.ts';
import { imageParts, isOlder } from './risks/versions.ts';

const WORKLOADS = ['deployments', 'statefulsets', 'daemonsets'] as const;

type Cluster = Pick<Clients, 'kubernetes'>;

/**
 * What only the cluster can tell about the changes of one plan: that a Helm upgrade would put back an image which an
 * updater has moved on behind Helm's back. By address. Reads the workloads of releases that change, nothing else.
 * Errors: those of `Kubernetes`; who cannot look cannot say that it is safe.
 */
export async function liveRisks(
  { kubernetes }: Cluster,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, readonly Risk[]>> {
  const found = new Map<string, readonly Risk[]>();
  for (const { address, release } of changes) {
    if (release === undefined) continue;
    const lists = await Promise.all(
      WORKLOADS.map((plural) =>
        kubernetes.list({ group: 'apps', version: 'v1', plural }, { namespace: release.namespace }),
      ),
    );
    const own = lists
      .flat()
      .filter(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'] === release.name);
    const risks = own.flatMap((workload) => releaseRisks(release, workload));
    if (risks.length > 0) found.set(address, risks);
  }
  return found;
}

/** Namespaces that exist although an empty state would create them: whoever made them had a state once. */
export async function liveTraces({ kubernetes }: Cluster, summary: PlanSummary): Promise<readonly string[]> {
  if (summary.priorResources > 0) return [];
  const names = summary.changes.flatMap(({ class: kind, place }) =>
    kind === 'create' && place?.kind === 'namespace' && place.name !== undefined ? [place.name] : [],
  );
  const objects = await Promise.all(names.map((name) => kubernetes.get(NAMESPACES, name)));
  return names.flatMap((name, at) => (objects[at] === undefined ? [] : [`the namespace ${name} exists`]));
}

function releaseRisks(release: ReleaseChange, workload: KubernetesObject): readonly Risk[] {
  const version = workload.metadata.labels?.['app.kubernetes.io/version'];
  return imagesOf(workload).flatMap((running) => {
    const pinned = release.images.filter((image) => imageParts(image).repository === imageParts(running).repository);
    if (pinned.length > 0) return pinned.flatMap((image) => olderImage(image, running) ?? []);
    // A workload whose version label is the chart's runs the chart's own image, unless an updater has moved it on.
    const { tag, repository } = imageParts(running);
    const { appVersion } = release;
    if (tag === undefined || appVersion === undefined || version !== appVersion) return [];
    if (isOlder(appVersion, tag) !== true) return [];
    return [
      {
        code: 'stack.older-image',
        because: `${repository} would go back from ${tag} to ${appVersion}, which the chart installs`,
      },
    ];
  });
}

function imagesOf(workload: KubernetesObject): readonly string[] {
  const pod = fieldsOf(fieldsOf(fieldsOf(workload.spec).template).spec);
  return blocksOf(pod.containers ?? []).flatMap(({ image }) => textOf(image) ?? []);
}
