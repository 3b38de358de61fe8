import { join } from 'node:path';
import type { Files } from '../../clients/files/client.ts';
import { findRepository, SITE_FILE } from '../../site/repository.ts';
import { cacheFolderOf, stateFolderOf } from '../folders.ts';
import type { Manifest, Names } from './candidates.ts';

/** Where to look for names; all of it is local, completion asks no server. */
export type Places = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--repo`. */
  readonly repo: string | undefined;
  readonly home: string;
};

/** The file that holds the users' names of one repository. */
function usersFile(cacheFolder: string, root: string): string {
  // The end of a path tells repositories apart; a file name has at most 255 bytes.
  return join(cacheFolder, 'completion', `${encodeURIComponent(root).slice(-200)}.users`);
}

/** Keeps the users' names for completion, as commands that have read them from Vault saw them last. */
export async function rememberUsers(
  files: Pick<Files, 'read' | 'writeAtomic'>,
  cacheFolder: string,
  root: string,
  names: readonly string[],
): Promise<void> {
  const file = usersFile(cacheFolder, root);
  const text = names.map((name) => `${name}\n`).join('');
  // Users change seldom, and a write waits for the disk.
  if ((await files.read(file)) !== text) await files.writeAtomic(file, text, 0o600);
}

/** `stacks.dir` by one look at the text: a YAML parser costs more than all the rest of a completion. */
function stacksFolder(yaml: string | undefined): string {
  const section = /^stacks:[^\n]*\n((?:[ \t]+[^\n]*\n|\n)*)/m.exec(`${yaml ?? ''}\n`)?.[1] ?? '';
  return /^\s+dir:\s*["']?([^"'\s#]+)/m.exec(section)?.[1] ?? 'stacks';
}

/** The items of `runbooks`, in either notation, by one look at the text. */
function runbookEntries(yaml: string | undefined): readonly string[] {
  const [, inline = '', block = ''] =
    /^runbooks:[ \t]*(?:\[([^\]]*)\]|[^\n]*\n((?:\s*-[^\n]*\n)*))/m.exec(`${yaml ?? ''}\n`) ?? [];
  return [...inline.split(','), ...block.split('\n').map((line) => line.replace(/^\s*-/, '').replace(/\s#.*$/, ''))]
    .map((entry) => entry.trim().replaceAll(/^["']|["']$/g, ''))
    .filter((entry) => entry !== '');
}

/** Subjects of the site's own runbooks: what each file says of itself, read by a look at its text. */
async function siteSubjects(files: Files, root: string): Promise<readonly string[]> {
  const entries = runbookEntries(await files.read(join(root, SITE_FILE)));
  const paths = entries.map(async (entry) => {
    const path = join(root, entry);
    if ((await files.info(path))?.kind !== 'folder') return [path];
    return ((await files.list(path)) ?? []).flatMap(({ name }) => (/\.ya?ml$/.test(name) ? [join(path, name)] : []));
  });
  const texts = (await Promise.all(paths)).flat().map(async (path) => await files.read(path));
  return (await Promise.all(texts)).flatMap(
    (text) => /^subject:\s*["']?([a-z][a-z0-9-]*)/m.exec(text ?? '')?.[1] ?? [],
  );
}

/**
 * Users from the cache, stacks and own runbooks from the tree, runs from the journals, by the names of arguments and
 * flags. `built` are those that the build knows: subjects and worlds.
 */
export function localNames(files: Files, places: Places, built: Manifest['names'] = {}): Names {
  const own = async (): Promise<readonly string[]> => {
    const found = await root();
    return found === undefined ? [] : await siteSubjects(files, found);
  };
  const root = async (): Promise<string | undefined> =>
    (await findRepository({ files, env: places.env, cwd: places.cwd, repoFlag: places.repo }))?.root;
  return {
    user: async () => {
      const found = await root();
      const text = found === undefined ? undefined : await files.read(usersFile(cacheFolderOf(places), found));
      return (text ?? '').split('\n').filter((name) => name !== '');
    },
    stack: async () => {
      const found = await root();
      if (found === undefined) return [];
      const folder = join(found, stacksFolder(await files.read(join(found, SITE_FILE))));
      const folders = ((await files.list(folder)) ?? []).filter((entry) => entry.kind === 'folder');
      const isStack = await Promise.all(folders.map(({ name }) => files.info(join(folder, name, 'terragrunt.hcl'))));
      return folders.filter((_, index) => isStack[index] !== undefined).map(({ name }) => name);
    },
    world: async () => built.world ?? [],
    subject: async () => [...(built.subject ?? []), ...(await own())],
    'diagnose:site subject': own,
    diagnose: own,
    run: async () => {
      const journals = (await files.list(join(stateFolderOf(places), 'runs'))) ?? [];
      return journals.flatMap(({ name }) => (name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : []));
    },
  };
}
