import type { Setting, Site } from './site.ts';

/** A value that stands in one line. */
export type Plain = string | number | boolean | readonly (string | number)[] | undefined;

/** One effective value: its key in infra.yaml, what it is (undefined: not set), and who says so. */
export type SettingRow = { readonly key: string; readonly value: Plain; readonly source: string };

/** Every effective value of a site in the order of infra.yaml. Values never hold secrets: tokens are references. */
export function settingRows(site: Site): readonly SettingRow[] {
  return rows('', site);
}

function rows(prefix: string, part: object): readonly SettingRow[] {
  return Object.entries(part).flatMap(([name, value]: [string, unknown]): readonly SettingRow[] => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (isSetting(value)) return flat(key, value.value, value.source);
    return typeof value === 'object' && value !== null ? rows(key, value) : [];
  });
}

/** Mappings and lists of mappings become a row for each of their values. */
function flat(key: string, value: unknown, source: string): readonly SettingRow[] {
  if (isPlain(value)) return [{ key, value, source }];
  return Object.entries(value as object).flatMap(([name, part]: [string, unknown]) =>
    flat(`${key}.${name}`, part, source),
  );
}

function isPlain(value: unknown): value is Plain {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string' || typeof item === 'number');
  return value === undefined || ['string', 'number', 'boolean'].includes(typeof value);
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
