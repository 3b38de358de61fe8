import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { makeGit } from '../../../../src/lib/clients/git/live.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import { makeRedactor } from '../../../../src/lib/secrets/redaction.ts';

const run = promisify(execFile);

/** Nothing of this machine's git configuration plays a part. */
const ENV = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  GIT_AUTHOR_DATE: '2026-01-05T09:00:00Z',
  GIT_COMMITTER_DATE: '2026-01-05T09:00:00Z',
};

/** Runs git in a folder and gives what it prints. */
export async function gitIn(root: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('git', ['-c', 'core.fsync=none', '-c', 'gc.auto=0', ...args], { cwd: root, env: ENV });
  return stdout;
}

/** A new repository with branch master. */
export async function initRepository(root: string): Promise<void> {
  await gitIn(root, 'init', '-q', '-b', 'master', '--template=');
}

/** Writes files and commits everything that is there; null removes a file. */
export async function commitFiles(
  root: string,
  files: Readonly<Record<string, string | null>>,
  message = 'change',
): Promise<string> {
  await changeFiles(root, files);
  await gitIn(root, 'add', '-A');
  await gitIn(root, 'commit', '-q', '--allow-empty', '-m', message);
  return (await gitIn(root, 'rev-parse', 'HEAD')).trim();
}

/** Writes files without a commit; null removes one. */
export async function changeFiles(root: string, files: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const target = join(root, path);
    if (text === null) {
      await rm(target, { recursive: true, force: true });
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

/** Live clients over the real git. */
export function historyClients() {
  const files = makeFiles();
  const processes = makeProcesses({ env: ENV, cwd: '/', redactor: makeRedactor() });
  return { files, git: makeGit({ processes, files }) };
}

/** A unit's terragrunt.hcl with dependencies. */
export function unit(...dependencies: readonly string[]): string {
  const blocks = dependencies.map(
    (name) => `\ndependency "${name}" {\n  config_path  = "../${name}"\n  skip_outputs = true\n}\n`,
  );
  return `include "root" {\n  path = find_in_parent_folders()\n}\n${blocks.join('')}`;
}
