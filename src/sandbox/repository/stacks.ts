import type { FileSet } from './files.ts';

const INCLUDE = 'include "root" {\n  path = find_in_parent_folders()\n}\n';

const PLATFORM_SECRET = `data "vault_kv_secret_v2" "platform" {
  mount = "secret"
  name  = "platform"
}

locals {
  k8s_users = jsondecode(data.vault_kv_secret_v2.platform.data["k8s_users"])
  owners    = { for name, user in local.k8s_users : name => user if user.role == "namespace-owner" }
}
`;

const RBAC_MODULE = `variable "k8s_users" {
  type = map(object({
    role       = string
    email      = string
    namespaces = optional(list(string), [])
    quota      = optional(map(string), {})
  }))
}

resource "kubernetes_cluster_role_binding" "oidc_admin" {
  for_each = { for name, user in var.k8s_users : name => user if user.role == "admin" }
  metadata {
    name = "oidc-admin-\${each.key}"
  }
}

resource "kubernetes_config_map" "k8s_user_roles" {
  metadata {
    name      = "k8s-user-roles"
    namespace = "k8s-portal"
  }
  data = {
    "users.json" = jsonencode({ for name, user in var.k8s_users : user.email => { username = name, role = user.role } })
  }
}
`;

const BODIES: Readonly<Record<string, string>> = {
  infra: `resource "terraform_data" "machine" {
  for_each = toset(["k8s-master", "k8s-node1", "k8s-node2"])
  input    = { name = each.key, cores = 4 }
}
`,
  vault: `${PLATFORM_SECRET}
resource "kubernetes_namespace" "user_namespace" {
  for_each = toset(flatten([for user in local.owners : user.namespaces]))
  metadata {
    name   = each.key
    labels = { "tier" = "4-aux", "managed-by" = "vault-user-onboarding", "resource-governance/custom-quota" = "true" }
  }
}

resource "vault_identity_entity" "namespace_owner" {
  for_each = local.owners
  name     = each.key
  policies = ["namespace-owner-\${each.key}", "sops-user-\${each.key}"]
}
`,
  cloudflared: `${PLATFORM_SECRET}
locals {
  domains = flatten([for user in local.owners : lookup(user, "domains", [])])
}

module "cloudflared" {
  source  = "./modules/cloudflared"
  domains = local.domains
}
`,
  'k8s-dashboard': `${PLATFORM_SECRET}
data "kubernetes_secret" "dashboard_token" {
  for_each = local.owners
  metadata {
    name      = "dashboard-\${each.key}-token"
    namespace = each.value.namespaces[0]
  }
}

resource "kubernetes_secret" "dashboard_token_injector_conf" {
  metadata {
    name      = "dashboard-token-injector-conf"
    namespace = "kubernetes-dashboard"
  }
  data = {
    "injector.conf" = templatefile("injector.conf.tftpl", {
      tokens = { for name, user in local.owners : user.email => data.kubernetes_secret.dashboard_token[name].data["token"] }
    })
  }
}
`,
  woodpecker: `${PLATFORM_SECRET}
resource "helm_release" "woodpecker" {
  name      = "woodpecker"
  namespace = "woodpecker"
  chart     = "woodpecker"
  version   = "3.2.0"
  values = [yamlencode({ server = { env = {
    WOODPECKER_OPEN  = "true"
    WOODPECKER_ADMIN = join(",", concat(["root-admin"], keys(local.owners)))
  } } })]
}
`,
};

const RBAC_MAIN = `${PLATFORM_SECRET}
module "rbac" {
  source    = "./modules/rbac"
  k8s_users = local.k8s_users
}
`;

const EMPTY = `# Nothing left in here: its modules are stacks of their own now. The folder stays, others depend on it.
`;

const EDGES: Readonly<Record<string, readonly string[]>> = {
  infra: [],
  platform: ['infra'],
  vault: ['platform'],
  rbac: ['infra'],
  cloudflared: ['platform'],
  'k8s-dashboard': ['platform'],
  woodpecker: ['platform', 'vault'],
};

const EXTRACTED = ['infra', 'platform', 'vault', 'rbac', 'cloudflared', 'k8s-dashboard', 'woodpecker'];
const DOCUMENTED = ['infra', 'platform', 'vault', 'woodpecker'];

/** Names of the stacks of a shape. */
export function stackNames(shape: 'extracted' | 'documented'): readonly string[] {
  return shape === 'extracted' ? EXTRACTED : DOCUMENTED;
}

/** `stacks/` and `modules/`: small configurations that say truly what they read and depend on. */
export function stackFiles(shape: 'extracted' | 'documented'): FileSet {
  const files: Record<string, string> = {
    'modules/legacy-onboarding/main.tf': `# Called by nobody since the stacks read k8s_users themselves.\nvariable "k8s_users" {\n  type = any\n}\n`,
    'modules/tls-secret/main.tf': `variable "namespace" {\n  type = string\n}\n\nresource "kubernetes_secret" "tls_secret" {\n  metadata {\n    name      = "tls-secret"\n    namespace = var.namespace\n  }\n}\n`,
  };
  for (const name of stackNames(shape)) {
    files[`stacks/${name}/terragrunt.hcl`] = unit(EDGES[name] ?? []);
    files[`stacks/${name}/main.tf`] = BODIES[name] ?? EMPTY;
  }
  const home = shape === 'extracted' ? 'rbac' : 'platform';
  files[`stacks/${home}/main.tf`] = RBAC_MAIN;
  files[`stacks/${home}/modules/rbac/main.tf`] = RBAC_MODULE;
  if (shape === 'extracted') files['stacks/cloudflared/modules/cloudflared/main.tf'] = CLOUDFLARED_MODULE;
  return files;
}

const CLOUDFLARED_MODULE = `variable "domains" {
  type = list(string)
}

resource "cloudflare_record" "dns_record" {
  for_each = toset(var.domains)
  zone_id  = "sandboxzone"
  name     = each.key
  type     = "CNAME"
  content  = "tunnel.cfargotunnel.com"
  proxied  = true
}
`;

function unit(dependencies: readonly string[]): string {
  const blocks = dependencies.map(
    (name) => `\ndependency "${name}" {\n  config_path  = "../${name}"\n  skip_outputs = true\n}\n`,
  );
  return `${INCLUDE}${blocks.join('')}`;
}
