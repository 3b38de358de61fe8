import type { Commit } from './client.ts';
import { output, type RunGit } from './run-git.ts';

/** See `Git.log`. Records are separated by bytes that no title can hold. */
export async function log(
  git: RunGit,
  folder: string,
  paths: readonly string[],
  since: Date,
  limit: number,
): Promise<readonly Commit[]> {
  const args = [
    'log',
    `--max-count=${limit}`,
    `--since=${since.toISOString()}`,
    '--format=%x01%H%x02%cI%x02%s%x02',
    '--name-only',
    '--no-renames',
    '--end-of-options',
    'HEAD',
    '--',
    ...paths,
  ];
  const text = output(await git(folder, args), 'read the commits');
  return text.split('\x01').slice(1).map(toCommit);
}

function toCommit(record: string): Commit {
  const [id = '', at = '', title = '', files = ''] = record.split('\x02');
  return {
    id,
    at: new Date(at).toISOString(),
    title,
    files: files.split('\n').filter((file) => file !== ''),
  };
}
