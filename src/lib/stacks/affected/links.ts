import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Clients } from '../../clients/clients.ts';

/** Folders of tools and of git, which hold nothing that was written by hand. */
const NOT_SOURCE: ReadonlySet<string> = new Set(['.git', '.terraform', '.terragrunt-cache', 'node_modules']);

/** More hops than this are a loop; the system gives up there too. */
const MOST_HOPS = 40;

/** Follows symbolic links, each read once. */
export type LinkFollower = {
  /** Every path that stands for `path` while its links are followed, itself first; links that lead nowhere included. */
  stages(path: string): Promise<readonly string[]>;
  /** Links in a folder at any depth, with the path that each names. Folders behind a link are not entered. */
  below(folder: string): Promise<readonly { readonly link: string; readonly target: string }[]>;
};

/** Makes a follower with a cache of its own. Errors: those of `Files`. */
export function makeLinkFollower(files: Pick<Clients['files'], 'list' | 'readLink' | 'realPath'>): LinkFollower {
  const known = new Map<string, Promise<readonly string[]>>();
  const readLinks = new Map<string, Promise<string | undefined>>();
  const readLink = (path: string): Promise<string | undefined> => {
    const found = readLinks.get(path) ?? files.readLink(path);
    readLinks.set(path, found);
    return found;
  };

  const next = async (path: string): Promise<string | undefined> => {
    const parts = path.split(sep);
    for (let length = 2; length <= parts.length; length += 1) {
      const at = parts.slice(0, length).join(sep);
      const target = await readLink(at);
      if (target !== undefined) return join(resolve(dirname(at), target), ...parts.slice(length));
    }
    return undefined;
  };
  const realFolders = new Map<string, Promise<boolean>>();
  const isReal = (folder: string): Promise<boolean> => {
    const found = realFolders.get(folder) ?? files.realPath(folder).then((real) => real === folder);
    realFolders.set(folder, found);
    return found;
  };
  const listings = new Map<string, Promise<ReadonlySet<string>>>();
  const linksIn = (folder: string): Promise<ReadonlySet<string>> => {
    const read = async (): Promise<ReadonlySet<string>> => {
      const entries = (await files.list(folder)) ?? [];
      return new Set(entries.filter(({ kind }) => kind === 'link').map(({ name }) => name));
    };
    const found = listings.get(folder) ?? read();
    listings.set(folder, found);
    return found;
  };
  const follow = async (path: string): Promise<readonly string[]> => {
    const plain = path.endsWith(sep) ? path.slice(0, -1) : path;
    // Folders are asked for once each, whatever lies in them: most paths have no link on their way.
    const folder = dirname(plain);
    if ((await isReal(folder)) && !(await linksIn(folder)).has(basename(plain))) return [path];
    const stages = [path];
    for (let at = await next(plain); at !== undefined && stages.length <= MOST_HOPS; at = await next(at)) {
      stages.push(path === plain ? at : `${at}${sep}`);
    }
    return stages;
  };
  const below = async (folder: string): Promise<readonly { link: string; target: string }[]> => {
    const entries = (await files.list(folder)) ?? [];
    const found = await Promise.all(
      entries.map(async ({ name, kind }) => {
        const path = join(folder, name);
        if (kind === 'folder') return NOT_SOURCE.has(name) ? [] : await below(path);
        const target = kind === 'link' ? await readLink(path) : undefined;
        return target === undefined ? [] : [{ link: path, target: resolve(folder, target) }];
      }),
    );
    return found.flat();
  };
  return {
    stages(path) {
      const found = known.get(path) ?? follow(path);
      known.set(path, found);
      return found;
    },
    below,
  };
}
