import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The recorded graph of a real repository. */
export type StackGraph = {
  readonly tier0: readonly string[];
  readonly stacks: Readonly<
    Record<
      string,
      { readonly dependencies: readonly string[]; readonly modules: readonly string[]; readonly readsUsers?: boolean }
    >
  >;
};

export async function readGraph(): Promise<StackGraph> {
  return JSON.parse(
    await readFile(new URL('../../../fixtures/stack-graph.json', import.meta.url), 'utf8'),
  ) as StackGraph;
}

/** Writes a repository of the shape of `graph`: 155 units, shared modules, readers through a module of their own. */
export async function writeGraphRepository(root: string, graph: StackGraph): Promise<void> {
  const files: Record<string, string> = {
    'terragrunt.hcl': `locals {\n  tier0_stacks = [${graph.tier0.map((name) => `"${name}"`).join(', ')}]\n}\n`,
  };
  for (const [name, stack] of Object.entries(graph.stacks)) {
    const folder = `stacks/${name}`;
    files[`${folder}/terragrunt.hcl`] = [
      'include "root" {\n  path = find_in_parent_folders()\n}\n',
      ...stack.dependencies.map((on) => `dependency "${on}" {\n  config_path = "../${on}"\n  skip_outputs = true\n}\n`),
    ].join('\n');
    if (name === '_template') continue;
    const calls = stack.modules.map((path, index) => `module "m${index}" {\n  source = "../../${path}"\n}\n`);
    const reader = stack.readsUsers ? [`module "${name}" {\n  source = "./modules/${name}"\n}\n`] : [];
    files[`${folder}/main.tf`] = [
      ...calls,
      ...reader,
      name === 'platform' ? '# All modules extracted; k8s_users too.' : `resource "null_resource" "x" {}`,
    ].join('\n');
    if (stack.readsUsers)
      files[`${folder}/modules/${name}/main.tf`] = 'locals { users = jsondecode(data.x.y.data["k8s_users"]) }\n';
    for (const path of stack.modules) files[`${path}/main.tf`] = 'resource "null_resource" "shared" {}\n'.repeat(40);
  }
  // Not by writeTree: the benchmark uses this too, outside vitest.
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
