/** The files of the stacks of `stacks-site.ts`: fourteen, four waves deep, in the shape of the platform's repository. */

/** What each depends on. */
export const STACKS: Readonly<Record<string, readonly string[]>> = {
  infra: [],
  platform: ['infra'],
  vault: ['platform'],
  shop: ['platform'],
  web: ['shop'],
  report: ['web'],
  cache: ['platform'],
  queue: ['platform'],
  mailer: ['platform'],
  search: ['platform'],
  metrics: ['infra'],
  wiki: ['platform'],
  blog: ['platform'],
  chat: ['platform'],
};

/** State in git. */
export const TIER0 = ['infra', 'platform', 'vault'];

/** With objects in the cluster. */
const CLUSTER = ['shop', 'wiki', 'blog', 'chat', 'mailer', 'search'];

/** What a stack declares beyond its own existence; every value has a default. */
export interface StackText {
  /** The value of `terraform_data.main`; a change is an update in place. */
  text?: string;
  /** A change of it replaces `terraform_data.replaced`. */
  trigger?: string;
  /** Keys of `terraform_data.step`; each waits for its file in GATES, if that is set. */
  steps?: readonly string[];
  /** Another ConfigMap, in a namespace that may not exist. */
  namespace?: string;
  /** Written at the end. */
  more?: string;
}

export function unitFile(name: string): string {
  const dependencies = (STACKS[name] ?? []).map(
    (on) => `\ndependency "${on}" {\n  config_path  = "../${on}"\n  skip_outputs = true\n}\n`,
  );
  return `include "root" {\n  path = find_in_parent_folders()\n}\n${dependencies.join('')}`;
}

export function mainFile(
  name: string,
  { text = 'one', trigger = 'one', steps = [], namespace, more = '' }: StackText,
): string {
  return `locals {
  text = "${text}"
}

module "label" {
  source = "../../modules/label"
  text   = "${name}: \${local.text}"
}

resource "terraform_data" "main" {
  input = module.label.text
}

resource "terraform_data" "replaced" {
  triggers_replace = "${trigger}"
}

resource "terraform_data" "step" {
  for_each = toset(${JSON.stringify(steps)})
  input    = each.key

  provisioner "local-exec" {
    on_failure = continue
    command    = "while [ -n \\"$GATES\\" ] && [ ! -e \\"$GATES/\${each.key}\\" ]; do : >\\"$GATES/\${each.key}.reached\\"; sleep 0.05; done"
  }
}

resource "terraform_data" "after" {
  for_each   = toset(${JSON.stringify(steps)})
  input      = each.key
  depends_on = [terraform_data.step]
}
${CLUSTER.includes(name) ? clusterPart(name, namespace) : ''}${name === 'vault' ? VAULT_PART : ''}${more}`;
}

function clusterPart(name: string, namespace: string | undefined): string {
  const map = (label: string, where: string): string => `
resource "kubernetes_config_map" "${label}" {
  metadata {
    name      = "${name}-${label}"
    namespace = "${where}"
  }

  data = { text = local.text }
}
`;
  return `
terraform {
  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "1.13.4"
    }
  }
}

provider "kubernetes" {
  config_path = var.kube_config_path
}
${map('main', 'apps')}${namespace === undefined ? '' : map('other', namespace)}`;
}

/** Only an administrator of Vault may apply it. */
const VAULT_PART = `
terraform {
  required_providers {
    vault = {
      source  = "hashicorp/vault"
      version = "1.9.0"
    }
  }
}

provider "vault" {
}

resource "vault_policy" "team" {
  name   = "team"
  policy = "path \\"secret/data/\${local.text}\\" { capabilities = [\\"read\\"] }"
}
`;

/** `source`: terragrunt 1.x runs in a copy of the repository; `inplace`: up to 0.99 it runs in the unit's own folder. */
export function rootFile(style: 'source' | 'inplace'): string {
  return `locals {
  tier0_stacks = ${JSON.stringify(TIER0)}

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
${style === 'source' ? '  source = "${get_repo_root()}//${path_relative_to_include()}"\n' : ''}
  extra_arguments "config" {
    commands           = get_terraform_commands_that_need_vars()
    required_var_files = ["\${get_repo_root()}/config.tfvars"]
  }

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

    variable "domain" {
      type = string
    }
  EOF
}
`;
}
