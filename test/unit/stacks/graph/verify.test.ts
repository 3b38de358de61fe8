import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import type { FoundUnit } from '../../../../src/lib/clients/terragrunt/client.ts';
import { makeTerragrunt } from '../../../../src/lib/clients/terragrunt/live.ts';
import { makeRedactor } from '../../../../src/lib/secrets/redaction.ts';
import { discoverStacks } from '../../../../src/lib/stacks/discover.ts';
import { verifyGraph } from '../../../../src/lib/stacks/graph/verify.ts';
import { unit } from '../support/history.ts';
import { makeSite } from '../support/site.ts';
import { temporaryFolder, writeTree } from '../support/tree.ts';

/** The differences between a tree and what a terragrunt on PATH prints for it. */
async function differences(
  files: Readonly<Record<string, string>>,
  printed: readonly (Partial<FoundUnit> & { readonly type?: string })[] | string,
  status = 0,
): Promise<readonly string[]> {
  const [root, bin] = [await temporaryFolder(), await temporaryFolder()];
  await writeTree(root, files);
  const text =
    typeof printed === 'string' ? printed : JSON.stringify(printed.map((each) => ({ type: 'unit', ...each })));
  const program = join(bin, 'terragrunt');
  await writeFile(program, `#!/bin/sh\ncat <<'EOF'\n${text}\nEOF\necho 'level=warn msg=hidden' >&2\nexit ${status}\n`);
  await chmod(program, 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const terragrunt = makeTerragrunt({ env, processes: makeProcesses({ env, cwd: root, redactor: makeRedactor() }) });
  const site = makeSite({ root });
  const found = await verifyGraph({ terragrunt }, site, await discoverStacks({ files: makeFiles() }, site));
  return found.map(({ kind, stack, target, text: sentence }) => {
    expect(sentence).toMatch(/^terragrunt.*\.$/);
    return [kind, stack, target].filter((each) => each !== undefined).join(' ');
  });
}

const TREE = {
  'stacks/infra/terragrunt.hcl': unit(),
  'stacks/vault/terragrunt.hcl': unit('infra'),
};

test('the same graph has no differences, in whatever order it is told', async () => {
  const units = [{ path: 'vault', dependencies: ['infra'] }, { path: 'infra' }, { type: 'stack', path: 'x' }];
  expect(await differences(TREE, units)).toEqual([]);
});

test('a unit whose edges vanish because it cannot be evaluated is named', async () => {
  expect(await differences(TREE, [{ path: 'infra' }, { path: 'vault' }])).toEqual(['edge-hidden vault infra']);
});

test('a unit that was taken out of a cycle is named', async () => {
  const cycle = { 'stacks/a/terragrunt.hcl': unit('b'), 'stacks/b/terragrunt.hcl': unit('a') };
  expect(await differences(cycle, [{ path: 'b', dependencies: ['a'] }])).toEqual(['stack-hidden a']);
});

test('a missing target that terragrunt lists too is no difference between the two', async () => {
  const tree = { 'stacks/a/terragrunt.hcl': unit('gone') };
  expect(await differences(tree, [{ path: 'a', dependencies: ['gone'] }])).toEqual([]);
});

test('a target outside is the same target by its relative path', async () => {
  const tree = { 'stacks/a/terragrunt.hcl': 'dependency "x" {\n  config_path = "../../elsewhere/x"\n}\n' };
  expect(await differences(tree, [{ path: 'a', dependencies: ['../elsewhere/x'] }])).toEqual([]);
});

test('units deeper in the tree, and edges that the text does not tell, are named', async () => {
  const units = [
    { path: 'infra', dependencies: ['vault'] },
    { path: 'vault', dependencies: ['infra'] },
    { path: 'a/b' },
  ];
  expect(await differences(TREE, units)).toEqual(['stack-extra a/b', 'edge-extra infra vault']);
});

test('a terragrunt that fails, or prints something else, is an error and no agreement', async () => {
  await expect(differences(TREE, [], 1)).rejects.toMatchObject({ code: 'terragrunt.failed', status: 'unavailable' });
  await expect(differences(TREE, '{"units": []}')).rejects.toMatchObject({ code: 'terragrunt.bad-output' });
});
