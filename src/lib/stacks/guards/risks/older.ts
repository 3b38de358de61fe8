import { blockOf, blocksOf, fieldsOf, textOf } from '../../plan/nested.ts';
import type { ResourceChange } from '../../plan/plan-document.ts';
import type { Risk } from '../../stack.ts';
import { imageParts, isOlder } from './versions.ts';

/**
 * An image or a chart that goes back. A plan refreshes first, so `before` is what runs: an updater in the cluster had
 * moved an image on, code still named the old one, and an apply brought it back with a database already migrated.
 */
export function olderRisk({ type, change }: ResourceChange): readonly Risk[] {
  if (!change.actions.includes('update')) return [];
  if (type === 'helm_release') return chartRisk(change.before, change.after, change.after_unknown);
  const [before, after] = [imagesOf(type, change.before), imagesOf(type, change.after)];
  return [...after].flatMap(([container, image]) => {
    const running = before.get(container);
    const risk = running === undefined ? undefined : olderImage(image, running);
    return risk ?? [];
  });
}

/** The risk of an image that is to run instead of another; undefined unless it is certainly older. */
export function olderImage(planned: string, running: string): Risk | undefined {
  const [to, from] = [imageParts(planned), imageParts(running)];
  if (to.repository !== from.repository || to.tag === undefined || from.tag === undefined) return undefined;
  if (isOlder(to.tag, from.tag) !== true) return undefined;
  return { code: 'stack.older-image', because: `${to.repository} would go back from ${from.tag} to ${to.tag}` };
}

function chartRisk(before: unknown, after: unknown, unknown: unknown): readonly Risk[] {
  const [from, to] = [textOf(fieldsOf(before).version), textOf(fieldsOf(after).version)];
  if (fieldsOf(unknown).version === true) {
    const because = 'its chart has no pinned version, so the newest one is installed, whatever that is';
    return [{ code: 'stack.unpinned-chart', because }];
  }
  if (from === undefined || to === undefined || isOlder(to, from) !== true) return [];
  return [{ code: 'stack.older-chart', because: `its chart would go back from ${from} to ${to}` }];
}

/** Images by container of a workload of the kubernetes provider, or of a manifest. */
function imagesOf(type: string, side: unknown): ReadonlyMap<string, string> {
  const isManifest = type === 'kubernetes_manifest';
  const object = isManifest ? fieldsOf(fieldsOf(side).manifest) : fieldsOf(side);
  const spec = isManifest ? fieldsOf(object.spec) : blockOf(object.spec);
  const template = isManifest ? fieldsOf(spec.template) : blockOf(spec.template);
  const pod = isManifest ? fieldsOf(template.spec) : blockOf(template.spec);
  const containers = [pod.container, pod.containers, pod.init_container, pod.initContainers].flatMap(blocksOf);
  return new Map(
    containers.flatMap(({ name, image }) => {
      const [key, value] = [textOf(name), textOf(image)];
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    }),
  );
}
