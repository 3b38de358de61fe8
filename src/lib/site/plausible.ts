import { join } from 'node:path';
import type { Reading } from './reading.ts';
import type { Setting, Site } from './site.ts';

/** Something that is allowed to stand in infra.yaml and cannot be right here. */
export type Implausible = { readonly code: string; readonly message: string };

/**
 * What the schema cannot know: whether what infra.yaml names exists, and whether what it ignores has expired.
 * `today` is a day, `2026-11-21`. Reads file names only.
 */
export async function implausible(files: Reading, site: Site, today: string): Promise<readonly Implausible[]> {
  const { stacks } = site;
  const named: readonly (readonly [string, Setting<readonly string[]>])[] = [
    ['stacks.dir', { value: [stacks.dir.value], source: stacks.dir.source }],
    ['stacks.guards', stacks.guards],
    [
      'stacks.wrapper',
      { value: stacks.run.value === 'wrapper' ? [stacks.wrapper.value] : [], source: stacks.wrapper.source },
    ],
    ['runbooks', site.runbooks],
    ['kubernetes.kubeconfig', kubeconfig(site)],
  ];
  const missing = await Promise.all(
    named.map(async ([key, { value, source }]) =>
      Promise.all(value.map(async (path) => absent(files, site.root.value, key, path, source))),
    ),
  );
  const tier0 = await absentStacks(files, site, 'stacks.tier0.stacks', stacks.tier0.stacks);
  const apply = await absentStacks(files, site, 'users.apply', {
    value: site.users.apply.value ?? [],
    source: site.users.apply.source,
  });
  return [...missing.flat().filter((one) => one !== undefined), ...tier0, ...apply, ...expired(site, today)];
}

function kubeconfig(site: Site): Setting<readonly string[]> {
  const { value, source } = site.kubernetes.kubeconfig;
  return { value: value === undefined || source === 'KUBECONFIG' ? [] : [value], source };
}

async function absent(
  files: Reading,
  root: string,
  key: string,
  path: string,
  source: string,
): Promise<Implausible | undefined> {
  const whole = path.startsWith('/') ? path : join(root, path);
  if ((await files.info(whole)) !== undefined) return undefined;
  return { code: 'config.path-missing', message: `${source}: ${key} names ${path}, which does not exist.` };
}

async function absentStacks(
  files: Reading,
  site: Site,
  key: string,
  { value, source }: Setting<readonly string[]>,
): Promise<readonly Implausible[]> {
  const folder = join(site.root.value, site.stacks.dir.value);
  const found = new Set(((await files.list(folder)) ?? []).map((entry) => entry.name));
  return value
    .filter((name) => !found.has(name))
    .map((name) => ({
      code: 'config.stack-missing',
      message: `${source}: ${key} names the stack ${name}; there is no ${site.stacks.dir.value}/${name}.`,
    }));
}

function expired(site: Site, today: string): readonly Implausible[] {
  return site.ignore.value
    .filter((entry) => entry.expires < today)
    .map((entry) => ({
      code: 'config.ignore-expired',
      message: `${site.ignore.source}: ignoring ${entry.finding} ended on ${entry.expires}; remove it or look again.`,
    }));
}
