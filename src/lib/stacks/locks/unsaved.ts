import { isInfraError } from '../../errors.ts';
import { isPending } from '../tier0/pending.ts';
import { decryptState } from '../tier0/sops.ts';
import { readState, sameState, statePaths } from '../tier0/state-file.ts';
import { upstreamOf } from '../tier0/upstream.ts';
import type { LockDeps } from './look-postgres.ts';

/**
 * Why a Tier-0 lock must not be freed from here although its holder is dead: this checkout has a state that git does not.
 * Another machine would apply from the older one. Undefined when there is none. Errors: those of `Git` and `Files`.
 */
export async function unsavedState(deps: LockDeps, stack: string): Promise<string | undefined> {
  const { git } = deps.clients;
  const root = deps.site.root.value;
  const paths = statePaths(deps.site, stack);
  if (await isPending(deps, stack)) return 'an apply from this checkout ended before its state was in git';
  if ((await git.status(root, [paths.encryptedInGit])).length > 0) return `${paths.encryptedInGit} is not committed`;
  const upstream = await upstreamOf(deps.clients, deps.site);
  if (upstream !== undefined) {
    const revision = `refs/remotes/${upstream.remote}/${upstream.branch}`;
    const at = async (where: string) =>
      (await git.objectIds(root, where, [paths.encryptedInGit]))[paths.encryptedInGit];
    const isAhead = (await git.countBetween(root, revision, 'HEAD')) > 0;
    if (isAhead && (await at('HEAD')) !== (await at(revision))) {
      return `the commit of ${paths.encryptedInGit} is not on ${upstream.remote}/${upstream.branch}`;
    }
  }
  return newerPlain(deps, paths);
}

async function newerPlain(deps: LockDeps, paths: ReturnType<typeof statePaths>): Promise<string | undefined> {
  try {
    const plain = await readState(deps.clients, paths.plain);
    if (plain === undefined) return undefined;
    const cipher = await decryptState(deps, paths.encrypted, new AbortController().signal);
    if (sameState(plain, cipher?.facts)) return undefined;
    const isOlder =
      cipher !== undefined && cipher.facts.lineage === plain.lineage && cipher.facts.serial > plain.serial;
    return isOlder ? undefined : `${paths.plain} is newer than the encrypted state in git, or another one`;
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return `${paths.plain} exists and could not be compared with the encrypted state (${error.message})`;
  }
}
