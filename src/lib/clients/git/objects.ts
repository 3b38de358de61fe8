import { join } from 'node:path';
import type { Files } from '../files/client.ts';
import { output, type RunGit } from './run-git.ts';

/**
 * Object ids of files and folders at a revision; what is not there is left out. ls-tree is not used: asked for a folder
 * and for something in it, it answers for the latter only.
 */
export async function objectIds(
  git: RunGit,
  root: string,
  revision: string,
  paths: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const verify = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const commit = output(await git(root, verify), `find the revision ${revision}`).trim();
  // The protocol is a line a path; a name with a line break in it cannot be asked for.
  const askable = paths.filter((path) => !path.includes('\n'));
  const stdin = askable.map((path) => `${commit}:${path.replace(/\/+$/, '')}\n`).join('');
  const args = ['cat-file', '--batch-check=%(objectname)', '--buffer'];
  const lines = output(await git(root, args, { stdin }), `read ${revision}`).split('\n');
  const ids = askable.map((path, index) => [path, lines[index] ?? ''] as const);
  return Object.fromEntries(ids.filter(([, id]) => /^[0-9a-f]{40,64}$/.test(id)));
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
