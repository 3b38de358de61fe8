import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { findRepository, requireRepository } from '../../../src/lib/site/repository.ts';
import { REPOSITORY, tree } from './tree.ts';

const search = (cwd: string, more: { repoFlag?: string; env?: Record<string, string> } = {}) =>
  ({ files: makeFiles(), env: more.env ?? {}, cwd, repoFlag: more.repoFlag }) as const;

describe('finding the repository', () => {
  it('works inside the folder of a stack', async () => {
    const root = await tree(REPOSITORY);
    expect(await findRepository(search(join(root, 'stacks/vault')))).toMatchObject({ root, hasFile: false });
  });

  it('prefers an infra.yaml above the folder of stacks, within one git repository', async () => {
    const nested = Object.fromEntries(Object.entries(REPOSITORY).map(([path, text]) => [`platform/${path}`, text]));
    const root = await tree({ ...nested, 'infra.yaml': 'stacks: {dir: platform/stacks}\n', '.git/config': '' });
    expect(await findRepository(search(join(root, 'platform/stacks/vault')))).toMatchObject({ root, hasFile: true });
  });

  it('never takes the infra.yaml of a folder outside of the git repository', async () => {
    const clone = Object.fromEntries(Object.entries(REPOSITORY).map(([path, text]) => [`clone/${path}`, text]));
    const root = await tree({ ...clone, 'infra.yaml': '', 'clone/.git/config': '' });
    expect(await findRepository(search(join(root, 'clone/stacks/vault')))).toMatchObject({ root: join(root, 'clone') });
  });

  it('--repo stands above INFRA_REPO, INFRA_REPO above the working directory', async () => {
    const [one, two, three] = [await tree(REPOSITORY), await tree(REPOSITORY), await tree(REPOSITORY)];
    const env = { INFRA_REPO: two };
    expect(await findRepository(search(three, { env }))).toMatchObject({ root: two, source: 'INFRA_REPO' });
    expect(await findRepository(search(three, { env, repoFlag: one }))).toMatchObject({ root: one, source: '--repo' });
  });

  it('that is named but is none is 78, also where the working directory is one', async () => {
    const root = await tree(REPOSITORY);
    const empty = await tree();
    for (const repoFlag of [empty, join(empty, 'missing')]) {
      await expect(findRepository(search(root, { repoFlag }))).rejects.toMatchObject({
        code: 'config.no-repository',
        exitStatus: 78,
      });
    }
  });

  it('finds nothing in an empty folder, and says what to type', async () => {
    const empty = await tree({ '.git/config': '' });
    expect(await findRepository(search(empty))).toBeUndefined();
    await expect(requireRepository(search(empty))).rejects.toMatchObject({
      code: 'config.no-repository',
      hints: [expect.stringContaining('--repo'), expect.stringContaining('infra sandbox')],
    });
  });
});
