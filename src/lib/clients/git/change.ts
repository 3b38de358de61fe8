import { InfraError } from '../../errors.ts';
import type { Finished } from '../process/client.ts';
import { gitError, output, type RunGit } from './run-git.ts';

/** Who commits where git knows nobody, as in a pipeline. */
const NOBODY = { 'user.name': 'infra', 'user.email': 'infra@localhost' };

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
  output(await git(root, ['add', '--all', '--', ...paths]), `add ${what}`);
  const staged = await git(root, ['diff', '--cached', '--quiet', 'HEAD', '--', ...paths]);
  if (staged.exitCode !== 0) {
    const config = await missingIdentity(git, root);
    const args = ['commit', '--quiet', '--only', '--file=-', '--', ...paths];
    output(await git(root, args, { stdin: `${message}\n`, config }), `commit ${what}`);
  }
  return output(await git(root, ['rev-parse', '--verify', 'HEAD^{commit}']), 'read the new commit').trim();
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
