data "vault_generic_secret" "platform" {
  path = "secret/platform"
}

module "rbac" {
  source = "../../modules/kubernetes/user_rbac"

  k8s_users        = jsondecode(data.vault_generic_secret.platform.data["k8s_users"])
  kube_config_path = var.kube_config_path
  tls_secret_name  = var.tls_secret_name
}
