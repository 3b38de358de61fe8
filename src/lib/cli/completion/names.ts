import { join } from 'node:path';
import type { Files } from '../../clients/files/client.ts';
import { findRepository, SITE_FILE } from '../../site/repository.ts';
import { cacheFolderOf, stateFolderOf } from '../folders.ts';
import type { Names } from './candidates.ts';

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

/** Users from the cache, stacks from the tree, runs from the journals, by the names of arguments and flags. */
export function localNames(files: Files, places: Places): Names {
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
    run: async () => {
      const journals = (await files.list(join(stateFolderOf(places), 'runs'))) ?? [];
      return journals.flatMap(({ name }) => (name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : []));
    },
  };
}
