import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { chooseBase, mergeBaseOf } from '../../../../src/lib/stacks/affected/base.ts';
import { commitFiles, gitIn, historyClients, initRepository } from '../support/history.ts';
import { makeSite } from '../support/site.ts';
import { temporaryFolder } from '../support/tree.ts';

type Env = Readonly<Record<string, string>>;

let origin: string;
let root: string;
/** The commits of the origin's master, oldest first. */
let commits: string[];

beforeEach(async () => {
  origin = await temporaryFolder();
  root = join(await temporaryFolder(), 'clone');
  await initRepository(origin);
  commits = [];
  for (const text of ['1', '2', '3', '4']) commits.push(await commitFiles(origin, { a: text }, `commit ${text}`));
});

const cloned = (...args: readonly string[]) => gitIn(origin, 'clone', '-q', ...args, `file://${origin}`, root);
const choose = (options: { base?: string; env?: Env } = {}, site = makeSite({ root })) =>
  chooseBase(historyClients(), site, options);
const CI: Env = { CI: 'woodpecker' };

describe('--base', () => {
  test('is taken as it is, before everything else', async () => {
    await cloned();
    const env = { ...CI, CI_PREV_COMMIT_SHA: commits[0] ?? '' };
    expect(await choose({ base: 'HEAD~1', env })).toEqual({ ref: 'HEAD~1', commit: commits[2], because: '--base' });
  });

  test('that this clone does not have is refused; a shallow one says how to get it', async () => {
    await cloned();
    await expect(choose({ base: 'nowhere' })).rejects.toMatchObject({
      code: 'affected.unknown-base',
      status: 'usage',
      hints: ['git fetch'],
    });
    root = join(await temporaryFolder(), 'shallow');
    await cloned('--depth', '2');
    const error = { code: 'affected.unknown-base', hints: [expect.stringContaining('--unshallow'), 'git fetch'] };
    await expect(choose({ base: commits[0] ?? '' })).rejects.toMatchObject(error);
  });
});

describe('in a pipeline', () => {
  test('a pull request is compared with its target branch', async () => {
    await gitIn(origin, 'branch', 'release', commits[1] ?? '');
    await cloned();
    for (const event of ['pull_request', 'pull_request_closed']) {
      const env = {
        ...CI,
        CI_PIPELINE_EVENT: event,
        CI_COMMIT_TARGET_BRANCH: 'release',
        CI_PREV_COMMIT_SHA: commits[0] ?? '',
      };
      expect(await choose({ env })).toMatchObject({ ref: 'origin/release', commit: commits[1] });
    }
  });

  test('a target branch that was not fetched is not replaced by another one', async () => {
    await cloned();
    const env = { ...CI, CI_PIPELINE_EVENT: 'pull_request', CI_COMMIT_TARGET_BRANCH: 'release' };
    await expect(choose({ env })).rejects.toMatchObject({
      code: 'affected.base-not-here',
      status: 'config',
      hints: expect.arrayContaining(['git fetch origin release:refs/remotes/origin/release']),
    });
  });

  test('a push is compared with the commit of the pipeline before, whatever branch it names', async () => {
    await cloned();
    const env = {
      ...CI,
      CI_PIPELINE_EVENT: 'push',
      CI_COMMIT_TARGET_BRANCH: 'release',
      CI_PREV_COMMIT_SHA: commits[1] ?? '',
    };
    const base = await choose({ env });
    expect(base).toMatchObject({ commit: commits[1], because: expect.stringContaining('CI_PREV_COMMIT_SHA') });
  });

  test('run again for the same commit, or the first one: the first parent', async () => {
    await cloned();
    for (const before of [commits[3] ?? '', '']) {
      const base = await choose({ env: { ...CI, CI_PREV_COMMIT_SHA: before } });
      expect(base).toMatchObject({ ref: 'HEAD~1', commit: commits[2] });
    }
  });

  test('a commit beyond the depth of the clone is no smaller answer', async () => {
    await cloned('--depth', '2');
    await expect(choose({ env: { ...CI, CI_PREV_COMMIT_SHA: commits[0] ?? '' } })).rejects.toMatchObject({
      code: 'affected.base-not-here',
      status: 'config',
      message: expect.stringContaining('too shallow'),
      hints: expect.arrayContaining(['git fetch --unshallow']),
    });
  });

  test('a branch that was pushed by force: the commit that is gone is said to be gone', async () => {
    await cloned();
    await expect(choose({ env: { ...CI, CI_PREV_COMMIT_SHA: 'f'.repeat(40) } })).rejects.toMatchObject({
      code: 'affected.base-not-here',
      message: expect.stringContaining('does not have it'),
    });
  });

  test.each(['', 'false'])('CI=%s is none', async (value) => {
    await cloned();
    const base = await choose({ env: { CI: value, CI_PREV_COMMIT_SHA: commits[0] ?? '' } });
    expect(base.ref).toBe('origin/master');
  });
});

describe('at a desk', () => {
  test('the branch that the current one tracks, unless that is its own copy', async () => {
    await gitIn(origin, 'branch', 'release', commits[1] ?? '');
    await cloned();
    await gitIn(root, 'checkout', '-q', '-b', 'work', '--track', 'origin/release');
    expect(await choose()).toMatchObject({ ref: 'origin/release', because: 'the branch that work tracks' });
    await gitIn(root, 'push', '-q', '-u', 'origin', 'work');
    expect(await choose()).toMatchObject({ ref: 'origin/master', because: 'the default branch of origin' });
  });

  test('what infra.yaml names stands above the default branch of the remote', async () => {
    await gitIn(origin, 'branch', 'live', commits[0] ?? '');
    await cloned();
    const site = makeSite({ root });
    const { tier0 } = site.stacks;
    const branch = { value: 'live', source: 'infra.yaml:4' };
    const configured = { ...site, stacks: { ...site.stacks, tier0: { ...tier0, branch } } };
    expect(await choose({}, configured)).toEqual({
      ref: 'origin/live',
      commit: commits[0],
      because: 'stacks.tier0.branch (infra.yaml:4)',
    });
  });

  test('the default branch as the remote calls it', async () => {
    await gitIn(origin, 'branch', '-m', 'master', 'trunk');
    await cloned();
    await gitIn(root, 'checkout', '-q', '-b', 'work', '--no-track');
    expect(await choose()).toMatchObject({ ref: 'origin/trunk', because: 'the default branch of origin' });
  });

  test('without a note of the default branch: main, then master of the remote', async () => {
    await cloned();
    await gitIn(root, 'checkout', '-q', '-b', 'work', '--no-track');
    await gitIn(root, 'remote', 'set-head', 'origin', '--delete');
    expect(await choose()).toMatchObject({ ref: 'origin/master', because: 'a branch of origin' });
    await gitIn(root, 'update-ref', 'refs/remotes/origin/main', commits[0] ?? '');
    expect(await choose()).toMatchObject({ ref: 'origin/main', commit: commits[0] });
  });

  test('without a remote: a local main or master that is not the current branch, else nothing', async () => {
    root = origin;
    await expect(choose()).rejects.toMatchObject({ code: 'affected.no-base', status: 'usage' });
    await gitIn(root, 'checkout', '-q', '-b', 'work');
    expect(await choose()).toMatchObject({ ref: 'master', because: 'a local branch' });
  });

  test('a detached HEAD has the default branch for its base', async () => {
    await cloned();
    await gitIn(root, 'checkout', '-q', '--detach', commits[1] ?? '');
    expect(await choose()).toMatchObject({ ref: 'origin/master', commit: commits[3] });
  });
});

describe('the merge base', () => {
  const base = async () => choose({ base: 'origin/master' });

  test('is the best common ancestor, not the tip of the base', async () => {
    await cloned();
    await gitIn(root, 'checkout', '-q', '-b', 'work', commits[1] ?? '');
    await commitFiles(root, { b: '1' });
    expect(await mergeBaseOf(historyClients(), root, await base())).toBe(commits[1]);
  });

  test('without one: 64 for unrelated histories, 78 where the clone may be too shallow to hold it', async () => {
    await cloned();
    await gitIn(root, 'checkout', '-q', '--orphan', 'island');
    await commitFiles(root, { c: '1' });
    await expect(mergeBaseOf(historyClients(), root, await base())).rejects.toMatchObject({
      code: 'affected.no-merge-base',
      status: 'usage',
    });
    await gitIn(origin, 'checkout', '-q', '-b', 'side', commits[0] ?? '');
    await commitFiles(origin, { d: '1' });
    root = join(await temporaryFolder(), 'shallow');
    await cloned('--depth', '1', '--no-single-branch', '--branch', 'side');
    await expect(mergeBaseOf(historyClients(), root, await base())).rejects.toMatchObject({
      code: 'affected.no-merge-base',
      status: 'config',
      hints: expect.arrayContaining(['git fetch --unshallow']),
    });
  });
});
