import type { Setting, Site } from './site.ts';

/** One effective value for people: its key in infra.yaml, what it is, and who says so. */
export type SettingRow = { readonly key: string; readonly value: unknown; readonly source: string };

/** Every effective value of a site in the order of infra.yaml. Values never hold secrets: tokens are references. */
export function settingRows(site: Site): readonly SettingRow[] {
  return rows('', site);
}

function rows(prefix: string, part: object): readonly SettingRow[] {
  return Object.entries(part).flatMap(([name, value]: [string, unknown]): readonly SettingRow[] => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (isSetting(value)) return [{ key, value: value.value, source: value.source }];
    return typeof value === 'object' && value !== null ? rows(key, value) : [];
  });
}

function isSetting(value: unknown): value is Setting<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'value' in value &&
    'source' in value &&
    Object.keys(value).length === 2
  );
}
