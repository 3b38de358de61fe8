import { InfraError } from '../../errors.ts';
import type { Finished } from '../process/client.ts';
import { gitError, output, type RunGit } from './run-git.ts';

/** Who commits where git knows nobody, as in a pipeline. */
const NOBODY = { 'user.name': 'infra', 'user.email': 'infra@localhost' };

/** Another git in the same clone (an editor's, another infra's) holds a lock file for as long as it works: milliseconds. */
const LOCKED = /Unable to create '[^']*\.lock': File exists/;
const LOCK_PATIENCE_MS = 20_000;
const LOCK_LOOK_MS = 100;

/**
 * Commits exactly these paths as they are in the working tree; what else is staged stays staged. Nothing to commit is
 * fine and gives the current commit, so that an interrupted run can be repeated.
 */
export async function commitOnly(
  git: RunGit,
  root: string,
  paths: readonly string[],
  message: string,
): Promise<string> {
  const what = paths.join(', ');
  output(await onceUnlocked(() => git(root, ['add', '--all', '--', ...paths])), `add ${what}`);
  const staged = await git(root, ['diff', '--cached', '--quiet', 'HEAD', '--', ...paths]);
  if (staged.exitCode !== 0) {
    const config = await missingIdentity(git, root);
    const args = ['commit', '--quiet', '--only', '--file=-', '--', ...paths];
    output(await onceUnlocked(() => git(root, args, { stdin: `${message}\n`, config })), `commit ${what}`);
  }
  return output(await git(root, ['rev-parse', '--verify', 'HEAD^{commit}']), 'read the new commit').trim();
}

/** Runs git again while another one holds a lock that this one needs. A lock that stays is the error in the end. */
async function onceUnlocked(run: () => Promise<Finished>): Promise<Finished> {
  const until = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    const finished = await run();
    if (finished.exitCode === 0 || !LOCKED.test(finished.stderr) || performance.now() > until) return finished;
    await new Promise((resolve) => setTimeout(resolve, LOCK_LOOK_MS));
  }
}

/** Pushes without force. Errors: `git.rejected` (75) when the remote has commits that are not here. */
export async function push(git: RunGit, root: string, remote: string, refspec: string): Promise<void> {
  const finished = await git(root, ['push', '--quiet', '--porcelain', '--no-verify', '--', remote, refspec], {
    network: true,
  });
  if (finished.exitCode === 0) return;
  if (!isOutrun(finished)) throw gitError(finished, `push ${refspec} to ${remote}`);
  throw new InfraError(
    'git.rejected',
    'busy',
    `${remote} did not take ${refspec}: somebody else has pushed in the meantime.`,
    {
      hints: [`git fetch ${remote}`, 'git pull --rebase'],
    },
  );
}

/** A push that lost a race; a hook or a protected branch that refuses is something else. */
function isOutrun(finished: Finished): boolean {
  const text = `${finished.stdout}\n${finished.stderr}`;
  return (
    /\[rejected\] \((fetch first|non-fast-forward|stale info)\)/.test(text) ||
    /cannot lock ref|failed to update ref/.test(text)
  );
}

async function missingIdentity(git: RunGit, root: string): Promise<readonly string[]> {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(NOBODY)) {
    const finished = await git(root, ['config', '--get', name]);
    if (finished.exitCode === 1 || (finished.exitCode === 0 && finished.stdout.trim() === ''))
      pairs.push(`${name}=${value}`);
    else output(finished, `read ${name}`);
  }
  return pairs;
}
