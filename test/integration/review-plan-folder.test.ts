import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { makePlanFolder, sweepPlanFolders } from '../../src/lib/stacks/run/plan-folder.ts';
import { makeWorld } from '../unit/stacks/support/world.ts';

it('sweeps what a dead run left of this stack, not of one whose name begins like it', async () => {
  const { deps } = await makeWorld();
  const folders = [await makePlanFolder(deps, 'vault'), await makePlanFolder(deps, 'vault-backup')];
  const dead = { pid: 1, startedAt: 'another boot', host: (await deps.clients.processes.self()).host };
  for (const folder of folders) {
    await writeFile(join(folder, 'owner.json'), JSON.stringify(dead));
  }
  await sweepPlanFolders(deps, 'vault');
  expect(await readdir(dirname(folders[0] ?? ''))).toEqual([expect.stringContaining('-vault-backup-')]);
});
