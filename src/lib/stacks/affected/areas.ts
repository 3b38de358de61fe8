import { dirname, join, resolve } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import type { Site } from '../../site/site.ts';
import { stacksFolder } from '../discover.ts';
import { lookedUp, referencesIn } from '../source/file-references.ts';
import type { Body } from '../source/hcl-text.ts';
import { parseHcl, strings } from '../source/hcl-text.ts';
import type { ModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import { makeLinkFollower } from './links.ts';

/** How a changed file reaches a stack: a file of its own, of a module, of the root, or another file that it reads. */
export type ReasonKind = 'own' | 'module' | 'root' | 'input';

/**
 * A place whose change touches a stack: a file, a folder with all below it, or, with `open`, everything whose path
 * begins like this. `path` is absolute. `via` tells how it gets there: the chain of modules, or the file that names it.
 */
export type Area = {
  readonly kind: ReasonKind;
  readonly path: string;
  readonly open?: boolean;
  readonly via?: string;
};

/** Files at the root that every stack is planned with. */
const ROOT_FILES = ['terragrunt.hcl', 'config.tfvars', 'tiers.tf'];

/** Reads the areas of stacks; modules and links are read once, however many stacks share them. */
export function makeAreaReader(
  clients: Pick<Clients, 'files'>,
  site: Site,
  modules: ModuleReader,
): (stack: Stack) => Promise<readonly Area[]> {
  const { files } = clients;
  const root = site.root.value;
  const links = makeLinkFollower(files);
  const shown = (path: string): string => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);
  const rootAreas = once(() => areasOfRoot(files, root));

  /** What one module folder reads beyond itself, whoever calls it. `stack` is where relative paths of functions start. */
  const inputsOf = async (folder: string, stack: Stack): Promise<readonly Area[]> => {
    const module = await modules.read(folder);
    const bases = { 'path.module': folder, 'path.root': stack.folder, 'path.cwd': stack.folder };
    const bodies = module.bodies();
    const named = module.files.flatMap(({ path, text }, index) => {
      const body = /path\.|\.\.\/|file/.test(text) ? bodies[index] : undefined;
      return body === undefined ? [] : areasIn(body, bases, [stack.folder, folder], shown(path));
    });
    return [...named, ...(await links.below(folder)).map(({ link, target }) => input(target, shown(link)))];
  };
  const inputs = new Map<string, Promise<readonly Area[]>>();
  const cached = (folder: string, stack: Stack): Promise<readonly Area[]> => {
    const key = `${folder}\0${stack.folder}`;
    const found = inputs.get(key) ?? inputsOf(folder, stack);
    inputs.set(key, found);
    return found;
  };

  return async (stack) => {
    const found: Area[] = [{ kind: 'own', path: stack.folder }];
    const unit = parseHcl((await files.read(`${stack.folder}/terragrunt.hcl`)) ?? '');
    const source = sourceOf(unit, stack.folder, root);
    const open: { folder: string; chain: readonly string[] }[] = [
      { folder: stack.folder, chain: [] },
      ...(source === undefined ? [] : [{ folder: source, chain: [shown(source)] }]),
    ];
    const seen = new Set<string>();
    for (let at = open.shift(); at !== undefined; at = open.shift()) {
      if (seen.has(at.folder)) continue;
      seen.add(at.folder);
      if (at.folder !== stack.folder) found.push({ kind: 'module', path: at.folder, via: at.chain.join(' → ') });
      found.push(...(await cached(at.folder, stack)));
      for (const { folder } of (await modules.read(at.folder)).calls()) {
        open.push({ folder, chain: [...at.chain, shown(folder)] });
      }
    }
    found.push(...(await rootAreas()), ...unitAreas(unit, stack, root, shown));
    const followed = await Promise.all(
      found.map(async (area) => (await links.stages(area.path)).map((path) => ({ ...area, path }))),
    );
    return followed.flat();
  };
}

function input(path: string, via: string, open = false): Area {
  return { kind: 'input', path, via, ...(open ? { open } : {}) };
}

function areasIn(
  body: Body,
  bases: Readonly<Record<string, string>>,
  relativeTo: readonly string[],
  via: string,
): readonly Area[] {
  return referencesIn(body, bases, relativeTo).map(({ base, rest, open }) => {
    // The last part of an open path is the beginning of a name, unless it ends with a slash.
    const path = resolve(base, `./${rest}`);
    return input(open && (rest === '' || rest.endsWith('/')) ? `${path}/` : path, via, open);
  });
}

function unitBases(folder: string, root: string): Readonly<Record<string, string>> {
  return {
    'get_terragrunt_dir()': folder,
    'get_original_terragrunt_dir()': folder,
    'get_repo_root()': root,
    'get_parent_terragrunt_dir()': root,
    'get_path_to_repo_root()': root,
    'path_relative_from_include()': root,
  };
}

function unitAreas(unit: Body, stack: Stack, root: string, shown: (path: string) => string): readonly Area[] {
  const via = shown(`${stack.folder}/terragrunt.hcl`);
  const above = lookedUp(unit).flatMap((name) =>
    parents(stack.folder, root).map((folder) => input(join(folder, name), via)),
  );
  return [...areasIn(unit, unitBases(stack.folder, root), [stack.folder], via), ...above];
}

function parents(folder: string, root: string): readonly string[] {
  const found: string[] = [];
  for (let at = dirname(folder); at.length >= root.length && at !== dirname(at); at = dirname(at)) found.push(at);
  return found;
}

/** The local folder of `terraform { source }`, as far as the text tells it. */
function sourceOf(unit: Body, folder: string, root: string): string | undefined {
  const block = unit.blocks.find(({ type }) => type === 'terraform');
  const [text] = strings(block?.body.attributes.get('source'));
  if (text === undefined) return undefined;
  const local = Object.entries(unitBases(folder, root)).reduce(
    (path, [name, base]) => path.replace(`\${${name}}`, base),
    text,
  );
  if (/[$%]\{/.test(local) || !/^(\.\.?(\/|$)|\/)/.test(local)) return undefined;
  return resolve(folder, local.replace('//', '/'));
}

/** The root's own files, and those that the root terragrunt.hcl names in full for every stack. */
async function areasOfRoot(files: Clients['files'], root: string): Promise<readonly Area[]> {
  const body = parseHcl((await files.read(`${root}/terragrunt.hcl`)) ?? '');
  const bases = { 'get_repo_root()': root, 'get_parent_terragrunt_dir()': root };
  const named = referencesIn(body, bases, []).filter(({ open, rest }) => !open && rest !== '');
  const also = named.map(({ base, rest }) => resolve(base, `./${rest}`)).filter((path) => path !== root);
  return [
    ...ROOT_FILES.map((name): Area => ({ kind: 'root', path: join(root, name) })),
    ...also.map((path): Area => ({ kind: 'root', path, via: 'terragrunt.hcl' })),
  ];
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => {
    started ??= work();
    return started;
  };
}

/** Where the stacks lie must not itself be an input: every stack would depend on every other. */
export function isWholeTree(site: Site, area: Area): boolean {
  const folder = area.path.replace(/\/$/, '');
  return area.kind === 'input' && (folder === site.root.value || folder === stacksFolder(site));
}
