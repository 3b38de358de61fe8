import { AUTHORITY } from '../kubernetes/certificate.ts';
import { CANARIES } from '../worlds/canaries.ts';
import type { FileSet } from './files.ts';

/** Addresses and keys that the repository's files name. */
export type Addresses = {
  readonly vault: string;
  readonly kubernetes: string;
  readonly kubernetesToken: string;
  readonly forgejo: string;
  readonly cloudflare: string;
  readonly authentik: string | undefined;
  readonly ageRecipients: readonly string[];
  readonly tier0: readonly string[];
};

/** Files at the root of the repository. */
export function rootFiles(addresses: Addresses): FileSet {
  return {
    '.gitignore':
      'config\n.terragrunt-cache/\n.terraform/\n*.tfplan\nstate/stacks/*/terraform.tfstate\nstate/stacks/*/terraform.tfstate.*\n!state/stacks/*/terraform.tfstate.enc\n.terraform.tfstate.lock.info\n',
    'config.tfvars': `tls_secret_name = "tls-secret"\ncloudflare_proxied_names = ["www", "mail"]\n`,
    'README.md': '# Infrastructure of the sandbox\n\nWritten by `infra sandbox`; gone when it ends.\n',
    '.sops.yaml': sopsRules(addresses),
    'infra.yaml': site(addresses),
    'terragrunt.hcl': rootConfiguration(addresses),
    'secrets/fullchain.pem': `-----BEGIN CERTIFICATE-----\nc2FuZGJveCB3aWxkY2FyZCBjZXJ0aWZpY2F0ZQ==\n-----END CERTIFICATE-----\n`,
    'secrets/privkey.pem': `-----BEGIN PRIVATE KEY-----\n${CANARIES.tlsPrivateKey}\n-----END PRIVATE KEY-----\n`,
    config: kubeconfig(addresses),
  };
}

/** A kubeconfig for the administrator of the sandbox. */
export function kubeconfig({ kubernetes, kubernetesToken }: Pick<Addresses, 'kubernetes' | 'kubernetesToken'>): string {
  return `apiVersion: v1
kind: Config
current-context: homelab
clusters:
  - name: homelab
    cluster:
      server: ${kubernetes}
      certificate-authority-data: ${Buffer.from(AUTHORITY).toString('base64')}
contexts:
  - name: homelab
    context:
      cluster: homelab
      user: admin
users:
  - name: admin
    user:
      token: ${kubernetesToken}
`;
}

function sopsRules({ vault, ageRecipients, tier0 }: Addresses): string {
  const rules = tier0.map(
    (stack) => `  - path_regex: ^state/stacks/${stack}/
    hc_vault_transit_uri: ${vault}/v1/transit/keys/sops-state-${stack}
    age: ${ageRecipients.join(',')}
`,
  );
  return `creation_rules:\n${rules.join('')}`;
}

function site({ forgejo, cloudflare, authentik }: Addresses): string {
  const login = authentik === undefined ? '' : `authentik:\n  url: ${authentik}\n  token: {env: AUTHENTIK_TOKEN}\n`;
  return `# The sandbox's site. Everything not named here is found in the repository, as on a real site.
users:
  forgejo:
    url: ${forgejo}
edge:
  cloudflare:
    url: ${cloudflare}
    zone: sandboxzone
    token: {vault: "secret/platform#cloudflare_api_key"}
${login}`;
}

function rootConfiguration({ vault, tier0 }: Addresses): string {
  const list = tier0.map((stack) => `"${stack}"`).join(', ');
  return `locals {
  tier0_stacks = [${list}]
  stack        = basename(get_terragrunt_dir())
}

terraform {
  source = "\${get_repo_root()}//\${path_relative_to_include()}"

  extra_arguments "config" {
    commands  = get_terraform_commands_that_need_vars()
    arguments = ["-var-file=\${get_repo_root()}/config.tfvars", "-var=kube_config_path=\${get_repo_root()}/config"]
  }
}

generate "backend" {
  path      = "backend.tf"
  if_exists = "overwrite_terragrunt"
  contents = contains(local.tier0_stacks, local.stack) ? <<LOCAL
terraform {
  backend "local" {
    path = "\${get_repo_root()}/state/stacks/\${local.stack}/terraform.tfstate"
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

generate "providers" {
  path      = "providers.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<PROVIDERS
provider "vault" {
  address = "${vault}"
}

data "vault_kv_secret_v2" "cf_platform" {
  mount = "secret"
  name  = "platform"
}

provider "kubernetes" {
  config_path = var.kube_config_path
}
PROVIDERS
}
`;
}
