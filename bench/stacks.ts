import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { readGraph, writeGraphRepository } from '../test/unit/stacks/support/graph-repository.ts';
import { interleaved, timeRun } from './measure.ts';
import { msText, type Row, ratioRow } from './row.ts';
import type { Program } from './start-up.ts';

/** What a look at all stacks may add to a start, in seconds. */
const LOOK_S = 0.3;

/** A terragrunt to compare with: of PATH, else one that the tests against real servers have built. */
export function terragrunt(): string | undefined {
  const built = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'infra-real/bin');
  const candidates = [
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'terragrunt')),
    join(built, 'terragrunt-1.1.0'),
    join(built, 'terragrunt-1.0.0'),
  ];
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * What the root terragrunt.hcl of such a repository holds, and terragrunt evaluates for every unit: arguments, the
 * backend by tier, and files that are generated into each stack.
 */
const ROOT = `
locals {
  stack    = basename(get_terragrunt_dir())
  is_tier0 = contains(local.tier0_stacks, local.stack)
  state    = "\${get_parent_terragrunt_dir()}/state/stacks/\${local.stack}/terraform.tfstate"
}

terraform {
  extra_arguments "variables" {
    commands           = get_terraform_commands_that_need_vars()
    optional_var_files = ["\${get_parent_terragrunt_dir()}/config.tfvars"]
  }
  extra_arguments "kubeconfig" {
    commands  = get_terraform_commands_that_need_vars()
    arguments = ["-var", "kube_config_path=\${get_parent_terragrunt_dir()}/config"]
  }
}

generate "backend" {
  path      = "backend.tf"
  if_exists = "overwrite_terragrunt"
  contents  = local.is_tier0 ? <<LOCAL
terraform {
  backend "local" {
    path = "\${local.state}"
  }
}
LOCAL
  : <<PG
terraform {
  backend "pg" {
    conn_str    = "\${get_env("PG_CONN_STR", "")}"
    schema_name = "\${local.stack}"
  }
}
PG
}
${['providers', 'cloudflare_provider', 'tiers', 'variables']
  .map(
    (name) => `
generate "${name}" {
  path      = "${name}.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<EOF
# of \${local.stack}
EOF
}
`,
  )
  .join('')}`;

/** `stack list`, `graph` and `affected` in a repository of 155 stacks, 237 dependencies, with one module changed. */
export async function stackRows(infra: Program, folder: string): Promise<readonly Row[]> {
  const cwd = join(folder, 'stacks-repository');
  await mkdir(cwd);
  await writeGraphRepository(cwd, await readGraph());
  await appendFile(join(cwd, 'terragrunt.hcl'), ROOT);
  const env = { HOME: folder, PATH: process.env.PATH ?? '', GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (...args: readonly string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', ...args], { cwd, env });
  git('init', '-q', '-b', 'master');
  git('add', '-A');
  git('commit', '-q', '-m', 'all');
  await appendFile(join(cwd, 'modules/kubernetes/ingress_factory/main.tf'), '# changed\n');

  const run = (...args: readonly string[]) => timeRun({ argv: infra(...args), env, cwd });
  const program = terragrunt();
  const find = ['find', '--json', '--dag', '--dependencies', '--no-color', '--working-dir', join(cwd, 'stacks')];
  const times = await interleaved(9, {
    start: () => run('stack', '--help'),
    list: () => run('stack', 'list', '--no-locks'),
    graph: () => run('stack', 'graph'),
    affected: () => run('stack', 'affected', '--base', 'HEAD'),
    find: async () => (program === undefined ? Number.NaN : await timeRun({ argv: [program, ...find], env, cwd })),
    startOfFind: async () =>
      program === undefined ? Number.NaN : await timeRun({ argv: [program, '--version'], env, cwd }),
  });
  const over = (measure: string, ms: number): Row => ({
    measure,
    value: (ms - times.start) / 1000,
    unit: 's',
    limit: LOOK_S,
    detail: `${msText(ms)}, of which starting ${msText(times.start)}`,
  });
  return [
    over('infra stack list, 155 stacks, over start-up', times.list),
    over('infra stack affected, 155 stacks, over start-up', times.affected),
    ...(program === undefined ? [] : [graphRow(times)]),
  ];
}

/** Node takes longer to start than find takes in all on some machines: what is compared is what each does after that. */
function graphRow(times: Readonly<Record<'start' | 'graph' | 'find' | 'startOfFind', number>>): Row {
  const measure = 'infra stack graph vs terragrunt find, over start-up';
  const row = ratioRow(measure, times.graph - times.start, times.find - times.startOfFind, 0.5);
  return { ...row, detail: `${row.detail}; whole: ${msText(times.graph)} / ${msText(times.find)}` };
}
