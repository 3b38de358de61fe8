import { AUTHORITY } from '../kubernetes/certificate.ts';
import { CANARIES } from '../worlds/canaries.ts';
import type { FileSet } from './files.ts';

/** Addresses and keys that the repository's files name. */
export type Addresses = {
  readonly vault: string;
  readonly kubernetes: string;
  readonly kubernetesToken: string;
  /** The program that logs in, where the kubeconfig uses one. */
  readonly loginPlugin?: string;
  readonly forgejo: string;
  readonly cloudflare: string;
  /** `host:port` of the public name server and of both ways to the platform. */
  readonly resolver: string;
  readonly edge: { readonly cloudflare: string; readonly traefik: string };
  readonly prometheus: string;
  readonly loki?: string;
  /** The part `mail` of infra.yaml. */
  readonly mail: string;
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

/** A kubeconfig for the operator of the sandbox. With a login program there is a second context that needs none. */
export function kubeconfig(addresses: Pick<Addresses, 'kubernetes' | 'kubernetesToken' | 'loginPlugin'>): string {
  const { kubernetes, kubernetesToken, loginPlugin } = addresses;
  const token = `    user:\n      token: ${kubernetesToken}\n`;
  const entries =
    loginPlugin === undefined
      ? `  - name: admin\n${token}`
      : `  - name: admin\n    user:\n      exec:\n        apiVersion: client.authentication.k8s.io/v1beta1\n        command: ${loginPlugin}\n        interactiveMode: Never\n  - name: emergency\n${token}`;
  const second =
    loginPlugin === undefined
      ? ''
      : `  - name: break-glass\n    context:\n      cluster: homelab\n      user: emergency\n`;
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
${second}users:
${entries}`;
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

function site({
  authentik,
  cloudflare,
  edge,
  forgejo,
  loginPlugin,
  loki,
  mail,
  prometheus,
  resolver,
}: Addresses): string {
  const login = authentik === undefined ? '' : `authentik:\n  url: ${authentik}\n  token: {env: AUTHENTIK_TOKEN}\n`;
  return `# The sandbox's site. Everything not named here is found in the repository, as on a real site.
users:
  forgejo:
    url: ${forgejo}
edge:
  resolver: ${resolver}
  port: ${edge.cloudflare.split(':')[1]}
  traefik: {address: "${edge.traefik}"}
  cloudflare:
    url: ${cloudflare}
    zone: sandboxzone
    token: {vault: "secret/platform#cloudflare_api_key"}
prometheus:
  url: ${prometheus}
${loki === undefined ? '' : `loki:\n  url: ${loki}\n`}${mail}${loginPlugin === undefined ? '' : 'kubernetes:\n  breakGlass: break-glass\n'}${login}`;
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
