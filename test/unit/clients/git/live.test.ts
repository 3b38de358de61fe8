import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import type { Git } from '../../../../src/lib/clients/git/client.ts';
import { makeGit } from '../../../../src/lib/clients/git/live.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';

let base = '';
let git: Git;
const at = (...names: string[]): string => join(base, ...names);

/** Git as the environment of a pipeline has it: no home, no configuration, nobody. */
function environment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: at('home'), GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
}

function run(folder: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=tester', '-c', 'user.email=tester@example.com'];
  return execFileSync('git', [...identity, ...args], {
    cwd: folder,
    env: environment(),
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), content);
}

/** A bare remote and two clones of it, `a` and `b`, with one commit. */
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'infra-git-test-')));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  await mkdir(at('home'));
  run(base, 'init', '--quiet', '--bare', '--initial-branch=main', 'remote.git');
  run(base, 'clone', '--quiet', 'remote.git', 'a');
  await put('a/stacks/vault/main.tf', 'resource {}\n');
  await put('a/stacks/vault/größe.txt', 'x\n');
  run(at('a'), 'checkout', '--quiet', '-b', 'main');
  run(at('a'), 'add', '.');
  run(at('a'), 'commit', '--quiet', '-m', 'first');
  run(at('a'), 'push', '--quiet', '-u', 'origin', 'main');
  run(base, 'clone', '--quiet', 'remote.git', 'b');
  git = makeGit({
    processes: makeProcesses({ env: environment(), cwd: base }),
    files: makeFiles({ tempFolder: base }),
  });
});

describe('looking', () => {
  test('finds the root from below, and says when there is none', async () => {
    expect(await git.root(at('a', 'stacks', 'vault'))).toBe(at('a'));
    expect(await git.root(at('home'))).toBeUndefined();
    await expect(git.status(at('home'), ['.'])).rejects.toMatchObject({ code: 'git.not-a-repository', exitStatus: 78 });
  });

  test('head, branch and upstream; detached and unborn have none', async () => {
    expect(await git.head(at('a'))).toBe(run(at('a'), 'rev-parse', 'HEAD'));
    expect(await git.branch(at('a'))).toBe('main');
    expect(await git.upstream(at('a'))).toEqual({ remote: 'origin', branch: 'main' });
    run(at('a'), 'checkout', '--quiet', '-b', 'feature/x');
    expect(await git.branch(at('a'))).toBe('feature/x');
    expect(await git.upstream(at('a'))).toBeUndefined();
    run(at('a'), 'checkout', '--quiet', '--detach');
    expect(await git.branch(at('a'))).toBeUndefined();
    expect(await git.upstream(at('a'))).toBeUndefined();
    run(base, 'init', '--quiet', 'empty');
    expect(await git.head(at('empty'))).toBeUndefined();
  });

  test('shows a file of a revision byte for byte', async () => {
    const bytes = Buffer.from([0, 0x47, 0x49, 0x54, 0xff, 0xfe, 0x0d, 0x0a, 0]);
    await put('a/state.enc', bytes);
    run(at('a'), 'add', '.');
    run(at('a'), 'commit', '--quiet', '-m', 'state');
    expect(Buffer.from((await git.show(at('a'), 'HEAD', 'state.enc')) ?? [])).toEqual(bytes);
    expect(Buffer.from((await git.show(at('a'), 'HEAD', 'stacks/vault/größe.txt')) ?? []).toString()).toBe('x\n');
    expect(await git.show(at('a'), 'HEAD~1', 'state.enc')).toBeUndefined();
    expect(run(at('a'), 'status', '--porcelain')).toBe('');
    await expect(git.show(at('a'), 'nosuch', 'state.enc')).rejects.toMatchObject({ code: 'git.failed' });
  });

  test('object ids of files and folders; what is missing is left out', async () => {
    const ids = await git.objectIds(at('a'), 'HEAD', [
      'stacks/vault',
      'stacks/vault/main.tf',
      'stacks/*',
      'nothing',
      'stacks/',
    ]);
    expect(ids).toEqual({
      'stacks/vault': run(at('a'), 'rev-parse', 'HEAD:stacks/vault'),
      'stacks/vault/main.tf': run(at('a'), 'rev-parse', 'HEAD:stacks/vault/main.tf'),
      'stacks/': run(at('a'), 'rev-parse', 'HEAD:stacks'),
    });
  });

  test('status tells untracked, changed and staged files, and takes paths literally', async () => {
    await put('a/stacks/vault/main.tf', 'changed\n');
    await put('a/stacks/new*.tf', 'x');
    await put('a/stacks/news.tf', 'x');
    expect(await git.status(at('a'), ['stacks/new*.tf', 'stacks/vault'])).toEqual([
      { code: ' M', path: 'stacks/vault/main.tf' },
      { code: '??', path: 'stacks/new*.tf' },
    ]);
    expect(await git.status(at('a'), ['stacks/vault/größe.txt'])).toEqual([]);
  });

  test('tells what was begun and not ended: a merge, a rebase, a conflict that nothing names', async () => {
    expect(await git.underway(at('a'))).toBeUndefined();
    const change = async (text: string): Promise<void> => {
      await put('a/stacks/vault/main.tf', text);
      run(at('a'), 'commit', '--quiet', '--all', '-m', text);
    };
    const fails = (...args: string[]): void => expect(() => run(at('a'), ...args)).toThrow();
    run(at('a'), 'switch', '--quiet', '-c', 'theirs');
    await change('theirs\n');
    run(at('a'), 'switch', '--quiet', 'main');
    await change('ours\n');
    fails('merge', 'theirs');
    expect(await git.underway(at('a'))).toBe('merge');
    run(at('a'), 'merge', '--abort');
    fails('rebase', 'theirs');
    expect(await git.underway(at('a'))).toBe('rebase');
    run(at('a'), 'rebase', '--abort');
    fails('cherry-pick', 'theirs');
    expect(await git.underway(at('a'))).toBe('cherry-pick');
    run(at('a'), 'cherry-pick', '--abort');
    await put('a/stacks/vault/main.tf', 'stashed\n');
    run(at('a'), 'stash', '--quiet');
    await change('other\n');
    fails('stash', 'pop');
    expect(await git.underway(at('a'))).toBe('conflict');
  });

  test('fetches, counts what is ahead, and asks the remote itself', async () => {
    await put('b/x', 'x');
    run(at('b'), 'add', '.');
    run(at('b'), 'commit', '--quiet', '-m', 'second');
    run(at('b'), 'push', '--quiet');
    expect(await git.countBetween(at('a'), 'HEAD', 'origin/main')).toBe(0);
    expect(await git.remoteHead(at('a'), 'origin', 'main')).toBe(run(at('b'), 'rev-parse', 'HEAD'));
    expect(await git.remoteHead(at('a'), 'origin', 'nosuch')).toBeUndefined();
    await git.fetch(at('a'), 'origin');
    expect(await git.countBetween(at('a'), 'HEAD', 'origin/main')).toBe(1);
  });

  test('a remote that cannot be reached is an error, without the password in its address', async () => {
    run(at('a'), 'remote', 'add', 'far', 'http://user:hunter2@127.0.0.1:1/x.git');
    const error = await git.fetch(at('a'), 'far').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'git.failed', exitStatus: 69 });
    expect(String(error)).toContain('127.0.0.1');
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('the log', () => {
  test('tells the newest commits of the paths, with the files they changed', async () => {
    await put('a/stacks/vault/main.tf', 'resource "x" {}\n');
    run(at('a'), 'commit', '--quiet', '-am', 'vault: bump to 2.0 | "quoted"');
    await put('a/other/file', 'x\n');
    run(at('a'), 'add', '.');
    run(at('a'), 'commit', '--quiet', '-m', 'elsewhere');
    const since = new Date(Date.now() - 3_600_000);
    const commits = await git.log(at('a'), ['stacks/vault'], { since, limit: 10 });
    expect(commits.map(({ title }) => title)).toEqual(['vault: bump to 2.0 | "quoted"', 'first']);
    expect(commits[0]).toMatchObject({ id: run(at('a'), 'rev-parse', 'HEAD~1'), files: ['stacks/vault/main.tf'] });
    expect(Date.parse(commits[0]?.at ?? '')).toBeGreaterThan(since.getTime());
    expect(await git.log(at('a'), ['stacks/vault'], { since, limit: 1 })).toHaveLength(1);
    const later = new Date(Date.now() + 3_600_000);
    expect(await git.log(at('a'), ['stacks/vault'], { since: later, limit: 10 })).toEqual([]);
    await expect(git.log(at('home'), ['x'], { since, limit: 1 })).rejects.toMatchObject({
      code: 'git.not-a-repository',
    });
  });
});

describe('committing', () => {
  test('commits the paths alone; what else is staged stays staged and uncommitted', async () => {
    await put('a/state/vault.enc', 'one');
    await put('a/staged.txt', 'staged');
    await put('a/stacks/vault/main.tf', 'edited, not staged\n');
    run(at('a'), 'add', 'staged.txt');
    const commit = await git.commitOnly(at('a'), ['state/vault.enc'], 'state(vault): update\n\nwith a body');
    expect(commit).toBe(run(at('a'), 'rev-parse', 'HEAD'));
    expect(run(at('a'), 'show', '--name-only', '--format=%B', 'HEAD')).toBe(
      'state(vault): update\n\nwith a body\n\n\nstate/vault.enc',
    );
    expect(run(at('a'), 'status', '--porcelain')).toBe('M stacks/vault/main.tf\nA  staged.txt');
  });

  test('with nobody configured, infra is who commits', async () => {
    await put('a/x', 'x');
    await git.commitOnly(at('a'), ['x'], 'x');
    expect(run(at('a'), 'log', '-1', '--format=%an <%ae> %cn')).toBe('infra <infra@localhost> infra');
  });

  test('a configured person stays that person', async () => {
    run(at('a'), 'config', 'user.name', 'Ada');
    run(at('a'), 'config', 'user.email', 'ada@example.com');
    await put('a/x', 'x');
    await git.commitOnly(at('a'), ['x'], 'x');
    expect(run(at('a'), 'log', '-1', '--format=%an <%ae>')).toBe('Ada <ada@example.com>');
  });

  test('hooks do not run: neither one that edits nor one that refuses', async () => {
    for (const [name, script] of [
      ['pre-commit', 'echo edited > x; git add x; git add other'],
      ['commit-msg', 'exit 1'],
      ['post-commit', 'touch ran'],
      ['pre-push', 'exit 1'],
    ] as const) {
      await put(`a/.git/hooks/${name}`, `#!/bin/sh\n${script}\n`);
      await chmod(at('a', '.git', 'hooks', name), 0o755);
    }
    await put('a/x', 'x');
    await put('a/other', 'other');
    await git.commitOnly(at('a'), ['x'], 'x');
    await git.push(at('a'), 'origin', 'HEAD:refs/heads/main');
    expect(run(at('a'), 'show', 'HEAD:x')).toBe('x');
    expect(run(at('a'), 'status', '--porcelain')).toBe('?? other');
  });

  test('committing again is no new commit, and a removed file is a removal', async () => {
    await put('a/x', 'x');
    const first = await git.commitOnly(at('a'), ['x'], 'x');
    expect(await git.commitOnly(at('a'), ['x'], 'again')).toBe(first);
    await rm(at('a', 'x'));
    expect(await git.commitOnly(at('a'), ['x'], 'gone')).not.toBe(first);
    expect(await git.show(at('a'), 'HEAD', 'x')).toBeUndefined();
  });

  test('an ignored file is an error, not a silence', async () => {
    await put('a/.gitignore', 'secret.tfstate\n');
    await put('a/secret.tfstate', 'x');
    await expect(git.commitOnly(at('a'), ['secret.tfstate'], 'x')).rejects.toMatchObject({ code: 'git.failed' });
  });

  test('works in a repository without a commit', async () => {
    run(base, 'init', '--quiet', 'empty');
    await put('empty/x', 'x');
    expect(await git.commitOnly(at('empty'), ['x'], 'x')).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('pushing', () => {
  test('a push that lost a race is told apart from one that is forbidden', async () => {
    await put('b/x', 'b');
    await git.commitOnly(at('b'), ['x'], 'from b');
    await git.push(at('b'), 'origin', 'HEAD:refs/heads/main');
    await put('a/x', 'a');
    await git.commitOnly(at('a'), ['x'], 'from a');
    await expect(git.push(at('a'), 'origin', 'HEAD:refs/heads/main')).rejects.toMatchObject({
      code: 'git.rejected',
      exitStatus: 75,
    });
    await git.fetch(at('a'), 'origin');
    await expect(git.push(at('a'), 'origin', 'HEAD:refs/heads/main')).rejects.toMatchObject({ code: 'git.rejected' });

    await put('remote.git/hooks/pre-receive', '#!/bin/sh\necho protected\nexit 1\n');
    await chmod(at('remote.git', 'hooks', 'pre-receive'), 0o755);
    await put('b/y', 'y');
    await git.commitOnly(at('b'), ['y'], 'y');
    await expect(git.push(at('b'), 'origin', 'HEAD:refs/heads/main')).rejects.toMatchObject({ code: 'git.failed' });
  });
});
