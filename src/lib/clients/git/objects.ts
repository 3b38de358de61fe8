import { join } from 'node:path';
import type { Files } from '../files/client.ts';
import { output, type RunGit } from './run-git.ts';

/** Object ids of files and folders at a revision; what is not there is left out. */
export async function objectIds(
  git: RunGit,
  root: string,
  revision: string,
  paths: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (paths.length === 0) return {};
  // Asked for `a/`, ls-tree would list what is in the folder instead of the folder.
  const plain = new Map(paths.map((path) => [path.replace(/\/+$/, ''), path]));
  const args = ['ls-tree', '-z', '--full-tree', `${revision}^{commit}`, '--', ...plain.keys()];
  const text = output(await git(root, args), `read ${revision}`);
  const ids: Record<string, string> = {};
  for (const line of text.split('\0')) {
    const [description = '', name = ''] = line.split('\t');
    const asked = plain.get(name);
    const id = description.split(' ')[2];
    if (asked !== undefined && id !== undefined) ids[asked] = id;
  }
  return ids;
}

/**
 * The bytes of a file at a revision, through a temporary file: what a program prints is decoded as text on its way
 * here, and state files and encrypted files must arrive byte for byte.
 */
export async function show(
  git: RunGit,
  files: Pick<Files, 'makePrivateTemp' | 'readBytes' | 'remove'>,
  root: string,
  revision: string,
  path: string,
): Promise<Uint8Array | undefined> {
  const id = (await objectIds(git, root, revision, [path]))[path];
  if (id === undefined) return undefined;
  const folder = output(await git(root, ['rev-parse', '--absolute-git-dir']), 'find the git folder').trim();
  const temp = await files.makePrivateTemp('infra-git-');
  try {
    const args = [`--git-dir=${folder}`, `--work-tree=${temp}`, 'unpack-file', id];
    const name = output(await git(temp, args), `read ${path} at ${revision}`).trim();
    return await files.readBytes(join(temp, name));
  } finally {
    await files.remove(temp);
  }
}
