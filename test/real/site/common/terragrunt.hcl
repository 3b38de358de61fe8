locals {
  # The same list stands in scripts/tg and scripts/state-sync.
  tier0_stacks = ["infra", "platform", "vault"]

  stack    = basename(path_relative_to_include())
  is_tier0 = contains(local.tier0_stacks, local.stack)

  readable_state = { path = "${get_repo_root()}/state/stacks/${local.stack}/terraform.tfstate" }
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
@@SOURCE@@
  extra_arguments "config" {
    commands           = get_terraform_commands_that_need_vars()
    required_var_files = ["${get_repo_root()}/config.tfvars"]
  }

  extra_arguments "kube_config" {
    commands  = get_terraform_commands_that_need_vars()
    arguments = ["-var", "kube_config_path=${get_repo_root()}/config"]
  }

  extra_arguments "no_backup" {
    commands  = ["plan", "apply", "destroy", "import"]
    arguments = ["-backup=-"]
  }
}

generate "providers" {
  path      = "providers.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOF
    terraform {
      required_providers {
        kubernetes = {
          source  = "hashicorp/kubernetes"
          version = "1.13.4"
        }
        vault = {
          source  = "hashicorp/vault"
          version = "1.9.0"
        }
      }
    }

    variable "kube_config_path" {
      type = string
    }

    variable "tls_secret_name" {
      type = string
    }

    variable "domain" {
      type = string
    }

    variable "cloudflare_api" {
      type = string
    }

    variable "cloudflare_zone_id" {
      type = string
    }

    variable "cloudflare_proxied_names" {
      type = list(string)
    }

    variable "woodpecker_admins" {
      type = list(string)
    }

    provider "kubernetes" {
      config_path = var.kube_config_path
    }

    provider "vault" {
      address         = "@@VAULT_ADDR@@"
      skip_tls_verify = false
    }
  EOF
}

# Every stack reads Vault at plan time, whether it declares a dependency on the vault stack or not.
generate "cloudflare_provider" {
  path      = "cloudflare_provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOF
    data "vault_generic_secret" "cf_platform" {
      path = "secret/platform"
    }
  EOF
}
