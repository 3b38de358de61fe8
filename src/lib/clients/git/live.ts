import type { Files } from '../files/client.ts';
import type { Processes } from '../process/client.ts';
import { commitOnly, push } from './change.ts';
import type { Git, StatusLine } from './client.ts';
import { changes, commitOf, defaultBranch, isShallow, mergeBase } from './compare.ts';
import { log } from './log.ts';
import { objectIds, show } from './objects.ts';
import { gitError, isNotARepository, makeRunGit, output, type RunGit } from './run-git.ts';

/** What the live client needs. `files` gives the temporary folder through which bytes of a revision are read. */
export type GitOptions = {
  readonly processes: Pick<Processes, 'run'>;
  readonly files: Pick<Files, 'makePrivateTemp' | 'readBytes' | 'remove'>;
};

/** Git over the `git` program on PATH. See the contract in client.ts. */
export function makeGit(options: GitOptions): Git {
  const git = makeRunGit(options.processes);
  return {
    root: (folder) => root(git, folder),
    head: (folder) => found(git, folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], 'read HEAD'),
    branch: (folder) => found(git, folder, ['symbolic-ref', '--quiet', '--short', 'HEAD'], 'read the current branch'),
    upstream: (folder) => upstream(git, folder),
    async fetch(folder, remote, signal) {
      output(await git(folder, ['fetch', '--quiet', '--', remote], { signal, network: true }), `fetch from ${remote}`);
    },
    show: (folder, revision, path) => show(git, options.files, folder, revision, path),
    objectIds: (folder, revision, paths) => objectIds(git, folder, revision, paths),
    status: (folder, paths) => status(git, folder, paths),
    underway: (folder) => underway(git, folder),
    async countBetween(folder, from, to) {
      const args = ['rev-list', '--count', '--end-of-options', `${from}..${to}`];
      return Number(output(await git(folder, args), `count the commits between ${from} and ${to}`).trim());
    },
    log: (folder, paths, { since, limit }) => log(git, folder, paths, since, limit),
    commitOnly: (folder, paths, message) => commitOnly(git, folder, paths, message),
    push: (folder, remote, refspec) => push(git, folder, remote, refspec),
    async remoteHead(folder, remote, branch) {
      const args = ['ls-remote', '--quiet', '--', remote, `refs/heads/${branch}`];
      const text = output(await git(folder, args, { network: true }), `ask ${remote} for ${branch}`);
      // The pattern also matches the end of longer names, such as refs/x/refs/heads/main.
      const line = text.split('\n').find((candidate) => candidate.endsWith(`\trefs/heads/${branch}`));
      return line?.split('\t')[0];
    },
    commit: (folder, revision) => commitOf(git, folder, revision),
    mergeBase: (folder, a, b) => mergeBase(git, folder, a, b),
    isShallow: (folder) => isShallow(git, folder),
    changes: (folder, from, to) => changes(git, folder, from, to),
    defaultBranch: (folder, remote) => defaultBranch(git, folder, remote),
    async addWorktree(folder, place, revision) {
      const args = ['worktree', 'add', '--quiet', '--detach', '--', place, revision];
      output(await git(folder, args, { network: true }), `check out ${revision} into ${place}`);
    },
    async removeWorktree(folder, place) {
      const finished = await git(folder, ['worktree', 'remove', '--force', '--force', '--', place]);
      // 128: it is none, or gone. What a killed run left in git's list goes with `prune`.
      if (finished.exitCode !== 0) await options.files.remove(place);
      output(await git(folder, ['worktree', 'prune']), 'forget working trees that are gone');
    },
  };
}

async function root(git: RunGit, folder: string): Promise<string | undefined> {
  const finished = await git(folder, ['rev-parse', '--show-toplevel']);
  if (isNotARepository(finished)) return undefined;
  return output(finished, `find the repository of ${folder}`).replace(/\r?\n$/, '');
}

/** The one line that a call prints, or undefined when it ends with 1, git's quiet "there is none". */
async function found(git: RunGit, folder: string, args: readonly string[], tried: string): Promise<string | undefined> {
  const finished = await git(folder, args);
  if (finished.exitCode === 0) return finished.stdout.trim();
  if (finished.exitCode === 1) return undefined;
  throw gitError(finished, tried);
}

async function upstream(git: RunGit, folder: string): Promise<{ remote: string; branch: string } | undefined> {
  const reference = await found(git, folder, ['symbolic-ref', '--quiet', 'HEAD'], 'read the current branch');
  if (reference === undefined) return undefined;
  const format = '--format=%(upstream:remotename)%00%(upstream:remoteref)';
  const text = output(await git(folder, ['for-each-ref', format, reference]), `read the upstream of ${reference}`);
  const [remote = '', ref = ''] = text.trim().split('\0');
  return remote === '' || ref === '' ? undefined : { remote, branch: ref.replace(/^refs\/heads\//, '') };
}

async function status(git: RunGit, folder: string, paths: readonly string[]): Promise<readonly StatusLine[]> {
  const args = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames', '--', ...paths];
  const text = output(await git(folder, args), 'read the state of the working tree');
  return text
    .split('\0')
    .filter((line) => line.length > 3)
    .map((line) => ({ code: line.slice(0, 2), path: line.slice(3) }));
}

/** The reference that git keeps while each of these goes on. Source: gitrevisions(7). */
const UNDERWAY = {
  MERGE_HEAD: 'merge',
  REBASE_HEAD: 'rebase',
  CHERRY_PICK_HEAD: 'cherry-pick',
  REVERT_HEAD: 'revert',
} as const;

async function underway(git: RunGit, folder: string): ReturnType<Git['underway']> {
  for (const [reference, what] of Object.entries(UNDERWAY)) {
    const args = ['rev-parse', '--verify', '--quiet', reference];
    if ((await found(git, folder, args, `look for ${reference}`)) !== undefined) return what;
  }
  // What `git stash pop` and the like leave has no reference of its own.
  const unmerged = output(await git(folder, ['ls-files', '--unmerged', '-z']), 'look for conflicts');
  return unmerged === '' ? undefined : 'conflict';
}
