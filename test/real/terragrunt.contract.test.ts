import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { makeProcesses } from '../../src/lib/clients/process/live.ts';
import { makeTerragrunt } from '../../src/lib/clients/terragrunt/live.ts';
import { localStateCases, type TerragruntCaseEnv, terragruntCases } from '../contract/terragrunt-cases.ts';
import { must } from './harness/run.ts';
import { makeToolbox, type Terragrunt } from './harness/toolbox.ts';
import { skipReason } from './harness/tools.ts';
import { makeWorkspace, type Workspace } from './harness/workspace.ts';

/** As in a site: variables and their values as two words, and local state without backups. */
const ROOT = `locals {
  tier0_stacks = ["unit"]

  stack    = basename(path_relative_to_include())
  is_tier0 = contains(local.tier0_stacks, local.stack)

  readable_state = { path = "\${get_repo_root()}/state/stacks/\${local.stack}/terraform.tfstate" }
  database_state = { conn_str = get_env("PG_CONN_STR", ""), schema_name = local.stack }
}

remote_state {
  backend = local.is_tier0 ? "local" : "pg"
  config  = local.is_tier0 ? local.readable_state : local.database_state

  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
}

terraform {
  extra_arguments "kube_config" {
    commands  = get_terraform_commands_that_need_vars()
    arguments = ["-var", "kube_config_path=\${get_repo_root()}/config"]
  }

  extra_arguments "no_backup" {
    commands  = ["plan", "apply", "destroy", "import"]
    arguments = ["-backup=-"]
  }
}

generate "variables" {
  path      = "variables.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOF
    variable "kube_config_path" {
      type = string
    }
  EOF
}
`;

const reason = skipReason('tofu', 'terragrunt-1.0.0', 'terragrunt-1.1.0', 'sops', 'psql', 'git');
if (reason !== undefined) console.warn(`terragrunt.contract.test.ts is skipped: ${reason}`);

describe.skipIf(reason !== undefined).each<Terragrunt>(['1.0.0', '1.1.0', '0.99'])(
  'terragrunt %s contract, with a real tofu',
  (version) => {
    let workspace: Workspace;
    let bin: string;
    beforeAll(async () => {
      workspace = await makeWorkspace('terragrunt');
      bin = await makeToolbox(workspace.dir, version);
    });
    afterAll(() => workspace?.remove());

    for (const [at, one] of [...terragruntCases, ...localStateCases].entries()) {
      test(one.name, async () => one.run(await stage(workspace, bin, version, join(workspace.dir, `repo-${at}`))));
    }
  },
);

async function stage(workspace: Workspace, bin: string, version: Terragrunt, repo: string): Promise<TerragruntCaseEnv> {
  const unit = join(repo, 'stacks', 'unit');
  const env = { PATH: bin, HOME: workspace.home };
  const folder = join(repo, 'output');
  for (const each of [unit, folder]) await mkdir(each, { recursive: true, mode: 0o700 });
  await must(join(bin, 'git'), ['init', '-q', repo], { env });
  await writeFile(join(repo, 'terragrunt.hcl'), ROOT);
  await writeFile(join(unit, 'terragrunt.hcl'), 'include "root" {\n  path = find_in_parent_folders()\n}\n');
  const wish = { resources: 0, seconds: 0, broken: undefined as 'apply' | 'plan' | undefined };
  const write = (): Promise<void> => writeFile(join(unit, 'main.tf'), configuration(wish));
  await write();
  return {
    terragrunt: makeTerragrunt({ processes: makeProcesses({ env }), env }),
    unit: { folder: unit, env: {}, secretEnv: {} },
    folder,
    lockInfo: join(repo, 'state/stacks/unit/.terraform.tfstate.lock.info'),
    version: version === '0.99' ? /^0\.99\./ : new RegExp(`^${version.replaceAll('.', '\\.')}$`),
    // terragrunt hands a SIGINT on to tofu after 15 s.
    interruptTakesMs: 15_000,
    wantMore(ms = 0) {
      wish.resources += 3;
      wish.seconds = ms / 1000;
      return write();
    },
    break(what) {
      wish.broken = what;
      return write();
    },
    heal() {
      wish.broken = undefined;
      wish.seconds = 0;
      return write();
    },
  };
}

/** Resources one after another, so that a second one always waits for the first. */
function configuration(wish: {
  readonly resources: number;
  readonly seconds: number;
  readonly broken: 'apply' | 'plan' | undefined;
}): string {
  const resources = Array.from({ length: wish.resources }, (_, at) => {
    const after = at === 0 ? '' : `  depends_on = [terraform_data.r${at - 1}]\n`;
    const command =
      wish.broken === 'apply' && at > 0 ? 'exit 1' : wish.seconds > 0 ? `sleep ${wish.seconds}` : undefined;
    const provisioner = command === undefined ? '' : `  provisioner "local-exec" {\n    command = "${command}"\n  }\n`;
    return `resource "terraform_data" "r${at}" {\n  input = var.kube_config_path\n${after}${provisioner}}\n`;
  });
  const broken = wish.broken === 'plan' ? 'output "broken" {\n  value = local.absent\n}\n' : '';
  return `${resources.join('\n')}${broken}`;
}
