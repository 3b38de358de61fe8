import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeWorld } from '../unit/stacks/support/world.ts';

it('a commit waits for a git that works in the same clone, such as an editor’s', async () => {
  const world = await makeWorld();
  const { git } = world.deps.clients;
  const lock = join(world.root, '.git/index.lock');
  await writeFile(join(world.root, 'config.tfvars'), 'domain = "example.org"\n');
  await writeFile(lock, '');
  const committing = git.commitOnly(world.root, ['config.tfvars'], 'x').then(
    (commit) => commit,
    (error: unknown) => error,
  );
  // Long enough that git has met the lock: it takes a few milliseconds to get there.
  const first = await Promise.race([committing, new Promise((resolve) => setTimeout(() => resolve('waiting'), 400))]);
  expect(first).toBe('waiting');
  await rm(lock);
  expect(await committing).toBe(world.git('rev-parse', 'HEAD').trim());
  expect(world.git('show', '--name-only', '--format=', 'HEAD').trim()).toBe('config.tfvars');
});
