import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type StackGraph, writeGraphRepository } from '../test/unit/stacks/support/graph-repository.ts';

/** A repository of 155 stacks, and the environment to plan it in: nothing in it asks a server. */
export type PlanRepository = { readonly repo: string; readonly env: Readonly<Record<string, string>> };

/** How terragrunt from 1.0 on runs units whose modules have relative sources. */
const SOURCE = `
terraform {
  source = "\${get_repo_root()}//\${path_relative_to_include()}"
}
`;

/** Writes the repository and `programs` (name to text of a script), which go first on PATH, below `folder`/`name`. */
export async function planRepository(
  folder: string,
  name: string,
  graph: StackGraph,
  programs: Readonly<Record<string, string>>,
): Promise<PlanRepository> {
  const repo = join(folder, name);
  const bin = join(folder, `${name}-bin`);
  await writeGraphRepository(repo, graph);
  await appendFile(join(repo, 'terragrunt.hcl'), SOURCE);
  await writeFile(join(repo, 'infra.yaml'), 'stacks:\n  tier0: { stacks: [] }\n  guards: []\n');
  execFileSync('git', ['init', '-q'], { cwd: repo });
  await mkdir(bin);
  for (const [program, text] of Object.entries(programs)) {
    await writeFile(join(bin, program), text);
    await chmod(join(bin, program), 0o755);
  }
  const env = {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: join(folder, `${name}-home`),
    PG_CONN_STR: 'postgres://127.0.0.1/none',
    VAULT_ADDR: 'http://127.0.0.1:9',
    VAULT_TOKEN: 'none-is-asked',
  };
  return { repo, env };
}
