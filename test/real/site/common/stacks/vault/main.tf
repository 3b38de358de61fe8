data "vault_generic_secret" "platform" {
  path = "secret/platform"
}

locals {
  k8s_users        = jsondecode(data.vault_generic_secret.platform.data["k8s_users"])
  namespace_owners = { for name, user in local.k8s_users : name => user if user.role == "namespace-owner" }
  user_namespaces  = toset(flatten([for user in values(local.namespace_owners) : user.namespaces]))
}

resource "vault_auth_backend" "oidc" {
  type = "oidc"
  path = "oidc"
}

resource "kubernetes_namespace" "user_namespace" {
  for_each = local.user_namespaces

  metadata {
    name = each.value
    labels = {
      "tier"                             = "4-aux"
      "resource-governance/custom-quota" = "true"
      "managed-by"                       = "vault-user-onboarding"
    }
  }
}

resource "vault_policy" "namespace_owner" {
  for_each = local.namespace_owners

  name = "namespace-owner-${each.key}"
  policy = join("\n", concat([
    "path \"secret/data/${each.key}\" { capabilities = [\"create\", \"read\", \"update\", \"delete\"] }",
    "path \"secret/data/${each.key}/*\" { capabilities = [\"create\", \"read\", \"update\", \"delete\"] }",
    "path \"secret/metadata/${each.key}\" { capabilities = [\"list\", \"read\", \"delete\"] }",
    "path \"secret/metadata/${each.key}/*\" { capabilities = [\"list\", \"read\", \"delete\"] }",
    ], [
    for namespace in each.value.namespaces :
    "path \"kubernetes/creds/${namespace}-deployer\" { capabilities = [\"read\"] }"
  ]))
}

resource "vault_generic_endpoint" "sops_user_stack" {
  for_each = local.user_namespaces

  path                 = "transit/keys/sops-state-${each.value}"
  data_json            = jsonencode({ type = "aes256-gcm96" })
  ignore_absent_fields = true
}

resource "vault_policy" "sops_user" {
  for_each = local.namespace_owners

  name = "sops-user-${each.key}"
  policy = join("\n", flatten([
    for namespace in each.value.namespaces : [
      "path \"transit/encrypt/sops-state-${namespace}\" { capabilities = [\"update\"] }",
      "path \"transit/decrypt/sops-state-${namespace}\" { capabilities = [\"update\"] }",
    ]
  ]))
}

resource "vault_identity_group" "sops_user" {
  for_each = local.namespace_owners

  name     = "sops-${each.key}"
  type     = "external"
  policies = [vault_policy.sops_user[each.key].name]
}

resource "vault_identity_group_alias" "sops_user" {
  for_each = local.namespace_owners

  name           = "sops-${each.key}"
  mount_accessor = vault_auth_backend.oidc.accessor
  canonical_id   = vault_identity_group.sops_user[each.key].id
}

resource "vault_identity_entity" "user" {
  for_each = local.namespace_owners

  name     = each.key
  policies = [vault_policy.namespace_owner[each.key].name, vault_policy.sops_user[each.key].name]
}

resource "vault_identity_entity_alias" "user" {
  for_each = local.namespace_owners

  name           = each.value.email
  mount_accessor = vault_auth_backend.oidc.accessor
  canonical_id   = vault_identity_entity.user[each.key].id
}

resource "kubernetes_role" "deployer" {
  for_each = local.user_namespaces

  metadata {
    name      = "${each.value}-deployer"
    namespace = kubernetes_namespace.user_namespace[each.value].metadata[0].name
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "list", "patch", "update"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods"]
    verbs      = ["get", "list"]
  }
}

resource "vault_generic_endpoint" "deployer" {
  for_each = local.user_namespaces

  path                 = "kubernetes/roles/${each.value}-deployer"
  ignore_absent_fields = true
  data_json = jsonencode({
    allowed_kubernetes_namespaces = [each.value]
    kubernetes_role_name          = kubernetes_role.deployer[each.value].metadata[0].name
    kubernetes_role_type          = "Role"
    token_default_ttl             = 1800
    token_max_ttl                 = 3600
  })
}
