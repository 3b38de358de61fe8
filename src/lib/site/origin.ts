import { dirname, join, resolve } from 'node:path';
import { type Reading, readText } from './reading.ts';

/**
 * URL of the remote `origin` as the repository's own git configuration has it, without user name and password; undefined
 * without one. Read from the file: it names the repository in the trust store, and no program has to run for that.
 * A worktree's `.git` is a file that leads to the configuration of the main clone (gitrepository-layout).
 */
export async function originUrl(files: Reading, root: string): Promise<string | undefined> {
  const folder = await gitFolder(files, root);
  const config = folder === undefined ? undefined : await readText(files, join(folder, 'config'));
  const section = /^\s*\[remote "origin"\]([^[]*)/m.exec(config ?? '')?.[1];
  const url = /^\s*url\s*=\s*"?([^\s"#;]+)/m.exec(section ?? '')?.[1];
  return url?.replace(/^(\w+:\/\/)[^@/]*@/, '$1');
}

async function gitFolder(files: Reading, root: string): Promise<string | undefined> {
  const dot = join(root, '.git');
  const info = await files.info(dot);
  if (info !== undefined && info.kind !== 'file') return dot;
  if (info === undefined) {
    const above = dirname(root);
    return above === root ? undefined : gitFolder(files, above);
  }
  const named = /^gitdir:\s*(.+)$/m.exec((await readText(files, dot)) ?? '')?.[1]?.trim();
  if (named === undefined) return undefined;
  const worktree = resolve(root, named);
  const common = (await readText(files, join(worktree, 'commondir')))?.trim();
  return common === undefined ? worktree : resolve(worktree, common);
}
