import { parse as parseYaml } from 'yaml';
import { blockOf, fieldsOf, textOf } from '../../plan/nested.ts';
import type { ResourceChange } from '../../plan/plan-document.ts';
import type { ReleaseChange } from '../../stack.ts';

/**
 * What a changed Helm release pins, or undefined for other resources and for one that is new. Its state does not say
 * what runs: an updater changes the Deployment behind Helm's back, and any upgrade puts the chart's own image back.
 */
export function releaseOf({ type, change }: ResourceChange): ReleaseChange | undefined {
  if (type !== 'helm_release' || !change.actions.includes('update')) return undefined;
  const [before, after] = [fieldsOf(change.before), fieldsOf(change.after)];
  const name = textOf(after.name) ?? textOf(before.name);
  if (name === undefined) return undefined;
  const values = Array.isArray(after.values) ? after.values : [];
  // An upgrade of the chart brings a version of the application that is known only afterwards.
  const sameChart = before.version === after.version && before.chart === after.chart;
  const appVersion = sameChart ? textOf(blockOf(before.metadata).app_version) : undefined;
  return {
    name,
    namespace: textOf(after.namespace) ?? 'default',
    images: [...new Set(values.flatMap(imagesIn))],
    ...(appVersion === undefined ? {} : { appVersion }),
  };
}

/** `repository:tag` of every `image` in Helm values that pins both. */
function imagesIn(text: unknown): readonly string[] {
  if (typeof text !== 'string') return [];
  try {
    return search(parseYaml(text, { logLevel: 'silent' }));
  } catch {
    // Values that are no YAML make Helm fail, with a better message than ours.
    return [];
  }
}

function search(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields = fieldsOf(value);
  const [repository, tag, registry] = [textOf(fields.repository), fields.tag, textOf(fields.registry)];
  const own =
    repository !== undefined && (typeof tag === 'string' || typeof tag === 'number') && tag !== ''
      ? [`${registry === undefined ? '' : `${registry}/`}${repository}:${tag}`]
      : [];
  return [...own, ...Object.values(value).flatMap(search)];
}
