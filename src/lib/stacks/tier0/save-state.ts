import type { ProcessIdentity } from '../../clients/process/client.ts';
import { InfraError, isInfraError } from '../../errors.ts';
import type { StackDeps, StackRun } from '../deps.ts';
import { commitByHand, encryptByHand } from './by-hand.ts';
import { clearPending } from './pending.ts';
import { encryptState } from './sops.ts';
import type { StateFacts, StatePaths } from './state-file.ts';
import { readState, sameState, statePaths } from './state-file.ts';
import { upstreamOf } from './upstream.ts';

/** What saving a state did. `facts` are those of the state that is in git now. */
export type SavedState = {
  readonly outcome: 'unchanged' | 'committed' | 'pushed';
  readonly facts: StateFacts | undefined;
};

/**
 * Brings a readable state into git, after an apply that succeeded or failed: encrypt, decrypt again and compare, commit
 * that file only, push it, ask the remote. The same state as `before` makes no commit. Whatever goes wrong, the readable
 * state stays (0600) and the error says how to finish by hand.
 * Errors: `stack.state-not-encrypted` (5), `stack.state-not-committed` (5), `stack.state-not-pushed` (5).
 */
export async function saveState(
  deps: StackDeps,
  stack: string,
  before: StateFacts | undefined,
  run: StackRun,
  onChild: (child: ProcessIdentity) => Promise<void> = async () => {},
): Promise<SavedState> {
  const { files } = deps.clients;
  const paths = statePaths(deps.site, stack);
  const fresh = `${paths.plain}.enc-new`;
  let plain: StateFacts | undefined;
  try {
    plain = await readState(deps.clients, paths.plain);
    if (plain === undefined || sameState(plain, before)) {
      await clearPending(deps, stack);
      return { outcome: 'unchanged', facts: before };
    }
    await closeToOthers(deps, paths.plain);
    await encryptState(deps, paths, plain, fresh, onChild);
    await files.rename(fresh, paths.encrypted);
  } catch (error) {
    await files.remove(fresh);
    throw notEncrypted(deps, stack, paths, error);
  }
  const outcome = await commitState(deps, stack, paths, run);
  await clearPending(deps, stack);
  return { outcome, facts: plain };
}

/** terraform writes a new state file with the permissions of the umask. */
async function closeToOthers(deps: StackDeps, path: string): Promise<void> {
  const { files } = deps.clients;
  const mode = (await files.info(path))?.mode ?? 0;
  const text = (mode & 0o077) === 0 ? undefined : await files.read(path);
  if (text !== undefined) await files.writeAtomic(path, text, 0o600);
}

/** Commits the encrypted state, only that file, and pushes where the site does. */
export async function commitState(
  deps: StackDeps,
  stack: string,
  paths: StatePaths,
  run: StackRun,
): Promise<'committed' | 'pushed'> {
  let commit: string;
  try {
    commit = await deps.clients.git.commitOnly(
      deps.site.root.value,
      [paths.encryptedInGit],
      `state(${stack}): update encrypted state\n\ninfra run ${deps.runId}`,
    );
  } catch (error) {
    if (!isInfraError(error)) throw error;
    throw new InfraError(
      'stack.state-not-committed',
      'incomplete',
      `The new state of ${stack} is encrypted, but not committed: ${error.message}`,
      {
        cause: error,
        hints: [commitByHand(deps.site, stack, paths), 'then run the same command again'],
      },
    );
  }
  await run.note('state-committed', { stack, commit });
  if (!deps.site.stacks.tier0.push.value) return 'committed';
  await pushState(deps, stack, paths, run);
  return 'pushed';
}

/** Pushes HEAD and asks the remote itself whether it has it. */
export async function pushState(deps: StackDeps, stack: string, paths: StatePaths, run: StackRun): Promise<void> {
  const { git } = deps.clients;
  const root = deps.site.root.value;
  const target = await upstreamOf(deps.clients, deps.site);
  const commit = await git.head(root);
  const finish = (why: string, cause?: unknown): InfraError =>
    new InfraError(
      'stack.state-not-pushed',
      'incomplete',
      `The new state of ${stack} is committed here, but not on the remote: ${why}`,
      {
        ...(cause === undefined ? {} : { cause }),
        hints: [
          `cd ${root}`,
          target === undefined
            ? 'Set stacks.tier0.remote and stacks.tier0.branch, or an upstream: git branch --set-upstream-to'
            : `git fetch ${target.remote} && git log HEAD..${target.remote}/${target.branch} -- ${paths.encryptedInGit}   (must be empty)`,
          target === undefined
            ? 'git push'
            : `git rebase ${target.remote}/${target.branch} && git push ${target.remote} HEAD:${target.branch}`,
          'then run the same command again',
        ],
      },
    );
  if (target === undefined || commit === undefined) throw finish('the branch has no upstream.');
  run.progress(`pushing the state of ${stack} to ${target.remote}/${target.branch}`);
  let rejected: InfraError | undefined;
  try {
    rejected = await git.push(root, target.remote, `HEAD:refs/heads/${target.branch}`).then(() => undefined, outrun);
    const there = await git.remoteHead(root, target.remote, target.branch);
    if (there === commit) return;
    // Somebody may have pushed on top of it already: then the commit is among the remote's own.
    await git.fetch(root, target.remote);
    if ((await git.countBetween(root, `refs/remotes/${target.remote}/${target.branch}`, commit)) === 0) return;
  } catch (error) {
    if (!isInfraError(error)) throw error;
    throw finish(error.message, error);
  }
  throw finish(rejected?.message ?? `${target.remote}/${target.branch} does not have the commit ${commit}.`, rejected);
}

/** Whoever was faster may work in this very clone, and have pushed this commit together with one of their own. */
function outrun(error: unknown): InfraError {
  if (isInfraError(error, 'git.rejected')) return error;
  throw error;
}

function notEncrypted(deps: StackDeps, stack: string, paths: StatePaths, cause: unknown): InfraError {
  if (!isInfraError(cause)) throw cause;
  return new InfraError(
    'stack.state-not-encrypted',
    'incomplete',
    `The new state of ${stack} could not be encrypted: ${cause.message} It stays readable in ${paths.plain} (0600); nothing of it is lost.`,
    {
      cause,
      hints: [
        'Make Vault answer again (vault status), then run the same command again: it saves the state first.',
        `By hand: ${encryptByHand(deps.site, stack, paths)}`,
      ],
    },
  );
}
