import { relative, resolve } from 'node:path';
import { InfraError, isInfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import type { StackDeps } from '../deps.ts';
import { siteHash } from '../tier0/pending.ts';
import { upstreamOf } from '../tier0/upstream.ts';
import { isIdentity } from '../tier0/vault-lock.ts';

/** The newest commit of the branch that everybody applies from, and how many of its commits are not here. */
export type Fresh = { readonly commit: string; readonly behind: number };

/**
 * Fetches, and tells what is newest. Undefined when nothing says which branch that is. In a pipeline HEAD is detached: the
 * remote's default branch counts there. Errors: those of `Git`.
 */
export async function freshCommit(deps: StackDeps, signal: AbortSignal): Promise<Fresh | undefined> {
  const { git } = deps.clients;
  const root = deps.site.root.value;
  if ((await git.root(root)) === undefined) return undefined;
  const tracked = await upstreamOf(deps.clients, deps.site);
  const branch = tracked?.branch ?? (await git.defaultBranch(root, 'origin'));
  if (branch === undefined) return undefined;
  const remote = tracked?.remote ?? 'origin';
  await git.fetch(root, remote, signal);
  const commit = await git.commit(root, `refs/remotes/${remote}/${branch}`);
  if (commit === undefined) return undefined;
  return { commit, behind: await git.countBetween(root, 'HEAD', commit) };
}

/**
 * Runs `work` on a second working tree of a commit, in a 0700 folder of infra's own: nobody's checkout is moved, and it is
 * gone at the end. The kubeconfig that lies beside the stacks and not in git is taken along.
 * Errors: those of `Git` and `Files`; `stack.no-fresh-tree` (69) when the tree cannot be read, e.g. git-crypt.
 */
export async function onFreshTree<T>(deps: StackDeps, commit: string, work: (site: Site) => Promise<T>): Promise<T> {
  const { files, git, processes } = deps.clients;
  const root = deps.site.root.value;
  const folder = `${treesFolder(deps)}/${siteHash(root)}-${deps.runId}`;
  await files.makeFolder(treesFolder(deps), 0o700);
  await files.writeAtomic(`${folder}.json`, `${JSON.stringify(await processes.self())}\n`, 0o600);
  try {
    await git.addWorktree(root, folder, commit);
    const top = (await git.root(root)) ?? root;
    const place = resolve(folder, relative((await files.realPath(top)) ?? top, (await files.realPath(root)) ?? root));
    const kubeconfig = await files.read(`${root}/config`);
    if (kubeconfig !== undefined) await files.writeAtomic(`${place}/config`, kubeconfig, 0o600);
    return await work({ ...deps.site, root: { ...deps.site.root, value: place } });
  } catch (error) {
    if (!isInfraError(error, 'git.failed')) throw error;
    throw new InfraError(
      'stack.no-fresh-tree',
      'unavailable',
      `Checked out ${commit.slice(0, 7)} beside this checkout: ${error.message}`,
      {
        hints: ['git pull, then look again. (git-crypt before 0.8 does not work in a second working tree.)'],
        cause: error,
      },
    );
  } finally {
    await git.removeWorktree(root, folder);
    await files.remove(`${folder}.json`);
  }
}

/** Removes working trees whose run was killed: they hold what git-crypt and sops had decrypted. Errors: those of `Git` and `Files`. */
export async function sweepTrees(deps: StackDeps): Promise<void> {
  const { files, git, processes } = deps.clients;
  for (const { name } of (await files.list(treesFolder(deps))) ?? []) {
    if (!name.startsWith(`${siteHash(deps.site.root.value)}-`) || !name.endsWith('.json')) continue;
    const path = `${treesFolder(deps)}/${name}`;
    const owner = parse(await files.read(path));
    if (owner !== undefined && (await processes.liveness(owner)) !== 'dead') continue;
    await git.removeWorktree(deps.site.root.value, path.slice(0, -'.json'.length));
    await files.remove(path);
  }
}

function parse(text: string | undefined) {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isIdentity(value) ? value : undefined;
  } catch {
    // Written whole, by rename: whatever this is, nobody lives behind it.
    return undefined;
  }
}

const treesFolder = ({ stateFolder }: Pick<StackDeps, 'stateFolder'>): string => `${stateFolder}/trees`;
