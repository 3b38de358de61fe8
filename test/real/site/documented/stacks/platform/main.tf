data "vault_generic_secret" "platform" {
  path = "secret/platform"
}

locals {
  k8s_users    = jsondecode(data.vault_generic_secret.platform.data["k8s_users"])
  user_domains = flatten([for user in values(local.k8s_users) : lookup(user, "domains", []) if user.role == "namespace-owner"])
}

module "rbac" {
  source = "../../modules/kubernetes/user_rbac"

  k8s_users        = local.k8s_users
  kube_config_path = var.kube_config_path
  tls_secret_name  = var.tls_secret_name
}

module "cloudflared" {
  source = "../../modules/cloudflare_records"

  domains = toset(concat(var.cloudflare_proxied_names, local.user_domains))
  domain  = var.domain
  api     = var.cloudflare_api
  zone_id = var.cloudflare_zone_id
  token   = data.vault_generic_secret.platform.data["cloudflare_api_key"]
}
