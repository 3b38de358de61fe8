import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes a folder a clone, branch master, of a bare repository beside it, with everything in it committed. Identity and
 * remote are written into its own configuration: the machine's git configuration plays no part.
 */
export async function commitAsClone(repo: string, origin: string): Promise<void> {
  const env = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_DATE: '2026-01-05T09:00:00Z',
    GIT_COMMITTER_DATE: '2026-01-05T09:00:00Z',
  };
  const git = (...argv: readonly string[]) =>
    run('git', ['-c', 'core.fsync=none', '-c', 'gc.auto=0', ...argv], { cwd: repo, env });
  await git('init', '-q', '-b', 'master', '--template=');
  await appendFile(join(repo, '.git', 'config'), configuration(origin));
  await git('add', '-A');
  await git('commit', '-q', '--no-verify', '-m', 'Infrastructure of the sandbox');
  await git('clone', '-q', '--bare', '--template=', repo, origin);
  const head = await readFile(join(repo, '.git', 'refs', 'heads', 'master'), 'utf8');
  await mkdir(join(repo, '.git', 'refs', 'remotes', 'origin'), { recursive: true });
  await writeFile(join(repo, '.git', 'refs', 'remotes', 'origin', 'master'), head);
}

function configuration(origin: string): string {
  return `[user]
	name = Sandbox
	email = sandbox@sandbox.test
[commit]
	gpgsign = false
[remote "origin"]
	url = ${origin}
	fetch = +refs/heads/*:refs/remotes/origin/*
[branch "master"]
	remote = origin
	merge = refs/heads/master
`;
}
