/** One line of `git status --porcelain`: two status letters and a path relative to the repository's root. */
export type StatusLine = { readonly code: string; readonly path: string };

/** One file that differs between two commits: A added, M modified, D deleted, T its kind changed. A rename is D and A. */
export type FileChange = { readonly code: 'A' | 'M' | 'D' | 'T' | 'U'; readonly path: string };

/** One commit: when it was committed (ISO, UTC), its first line, and the files of the asked paths that it changed. */
export type Commit = {
  readonly id: string;
  readonly at: string;
  readonly title: string;
  readonly files: readonly string[];
};

/**
 * Git, through the `git` program with hooks and prompts off (GIT_TERMINAL_PROMPT=0).
 * Errors: `git.failed` (69) with git's own first line, `git.rejected` (75) when a push is not a fast-forward,
 * `git.not-a-repository` (78).
 */
export type Git = {
  /** Root of the working tree that holds `folder`. */
  root(folder: string): Promise<string | undefined>;
  head(root: string): Promise<string | undefined>;
  branch(root: string): Promise<string | undefined>;
  /** Upstream of the current branch: remote name and branch name, or undefined. */
  upstream(root: string): Promise<{ readonly remote: string; readonly branch: string } | undefined>;
  fetch(root: string, remote: string, signal?: AbortSignal): Promise<void>;
  /** Bytes of a file at a revision, or undefined when it is not there. */
  show(root: string, revision: string, path: string): Promise<Uint8Array | undefined>;
  /** Object id of each path (file or folder) at a revision; missing ones are left out. */
  objectIds(root: string, revision: string, paths: readonly string[]): Promise<Readonly<Record<string, string>>>;
  status(root: string, paths: readonly string[]): Promise<readonly StatusLine[]>;
  /** What somebody began in this clone and did not end; a commit would fail or become part of it. */
  underway(root: string): Promise<'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'conflict' | undefined>;
  /** Commits reachable from `to` but not from `from`. */
  countBetween(root: string, from: string, to: string): Promise<number>;
  /** The newest commits since a time that changed one of these paths, newest first, at most `limit`. */
  log(
    root: string,
    paths: readonly string[],
    options: { readonly since: Date; readonly limit: number },
  ): Promise<readonly Commit[]>;
  /** Commits exactly these paths, leaving everything else in the index as it was; returns the commit id. */
  commitOnly(root: string, paths: readonly string[], message: string): Promise<string>;
  push(root: string, remote: string, refspec: string): Promise<void>;
  /** Commit id of a branch as the remote itself tells it now. */
  remoteHead(root: string, remote: string, branch: string): Promise<string | undefined>;
  /** Commit id that a revision names, or undefined when this clone does not have it. */
  commit(root: string, revision: string): Promise<string | undefined>;
  /** Best common ancestor of two commits, or undefined when this clone knows none. */
  mergeBase(root: string, a: string, b: string): Promise<string | undefined>;
  /** True for a clone whose history was cut (`--depth`). */
  isShallow(root: string): Promise<boolean>;
  /** Files that differ between two commits, paths relative to the repository's root, renames as deletion and addition. */
  changes(root: string, from: string, to: string): Promise<readonly FileChange[]>;
  /** Default branch of a remote as the clone noted it (`refs/remotes/NAME/HEAD`), without the remote's name. */
  defaultBranch(root: string, remote: string): Promise<string | undefined>;
  /** A second working tree of a commit in a new folder, with nothing of the first one's changes. */
  addWorktree(root: string, folder: string, revision: string): Promise<void>;
  /** Removes such a working tree with everything in it; absent is fine. */
  removeWorktree(root: string, folder: string): Promise<void>;
};
