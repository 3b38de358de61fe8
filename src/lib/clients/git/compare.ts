import type { FileChange } from './client.ts';
import { gitError, output, type RunGit } from './run-git.ts';

/** The commit that a revision names, or undefined when this clone does not have it. */
export async function commitOf(git: RunGit, root: string, revision: string): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const finished = await git(root, args);
  if (finished.exitCode === 0) return finished.stdout.trim();
  if (finished.exitCode === 1) return undefined;
  throw gitError(finished, `find the commit ${revision}`);
}

/** The best common ancestor of two commits, or undefined when this clone knows none. */
export async function mergeBase(git: RunGit, root: string, a: string, b: string): Promise<string | undefined> {
  const finished = await git(root, ['merge-base', '--end-of-options', a, b]);
  if (finished.exitCode === 0) return finished.stdout.split('\n')[0]?.trim();
  if (finished.exitCode === 1) return undefined;
  throw gitError(finished, `find the merge base of ${a} and ${b}`);
}

/** True for a clone whose history was cut. */
export async function isShallow(git: RunGit, root: string): Promise<boolean> {
  const finished = await git(root, ['rev-parse', '--is-shallow-repository']);
  return output(finished, 'see whether the clone is shallow').trim() === 'true';
}

/** Files that differ between two commits. Names come whole (`-z`), and a rename is a deletion and an addition. */
export async function changes(git: RunGit, root: string, from: string, to: string): Promise<readonly FileChange[]> {
  const args = [
    'diff-tree',
    '-r',
    '-z',
    '--no-renames',
    '--no-ext-diff',
    '--name-status',
    '--end-of-options',
    from,
    to,
  ];
  const fields = output(await git(root, args), `compare ${from} with ${to}`).split('\0');
  const found: FileChange[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [code = '', path = ''] = fields.slice(at, at + 2);
    found.push({ code: (code[0] ?? 'M') as FileChange['code'], path });
  }
  return found;
}

/** Default branch of a remote, as `git clone` noted it, without the remote's name. */
export async function defaultBranch(git: RunGit, root: string, remote: string): Promise<string | undefined> {
  const finished = await git(root, ['symbolic-ref', '--quiet', `refs/remotes/${remote}/HEAD`]);
  if (finished.exitCode === 0) return finished.stdout.trim().replace(`refs/remotes/${remote}/`, '');
  if (finished.exitCode === 1) return undefined;
  throw gitError(finished, `find the default branch of ${remote}`);
}
