variable "tls_secret_name" {
  type = string
}

variable "kube_config_path" {
  type = string
}

variable "k8s_users" {
  type = map(object({
    role       = string
    email      = string
    namespaces = optional(list(string), [])
    quota = optional(object({
      cpu_requests    = optional(string, "2")
      memory_requests = optional(string, "4Gi")
      memory_limits   = optional(string, "8Gi")
      pods            = optional(string, "20")
    }), {})
  }))
}

locals {
  admins           = { for name, user in var.k8s_users : name => user if user.role == "admin" }
  power_users      = { for name, user in var.k8s_users : name => user if user.role == "power-user" }
  namespace_owners = { for name, user in var.k8s_users : name => user if user.role == "namespace-owner" }

  owned = { for pair in flatten([
    for name, user in local.namespace_owners : [
      for namespace in user.namespaces : { user = name, email = user.email, quota = user.quota, namespace = namespace }
    ]
  ]) : "${pair.user}-${pair.namespace}" => pair }
}

resource "kubernetes_cluster_role_binding" "oidc_admin" {
  for_each = local.admins

  metadata {
    name = "oidc-admin-${each.key}"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "cluster-admin"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "User"
    name      = each.value.email
  }
}

resource "kubernetes_cluster_role" "oidc_power_user_readonly" {
  metadata {
    name = "oidc-power-user-readonly"
  }

  rule {
    api_groups = ["", "apps", "batch", "networking.k8s.io"]
    resources  = ["pods", "pods/log", "services", "configmaps", "events", "deployments", "statefulsets", "jobs", "ingresses"]
    verbs      = ["get", "list", "watch"]
  }
}

# Kept, bound to nobody.
resource "kubernetes_cluster_role" "oidc_power_user" {
  metadata {
    name = "oidc-power-user"
  }

  rule {
    api_groups = ["", "apps", "batch"]
    resources  = ["pods", "secrets", "deployments", "jobs"]
    verbs      = ["*"]
  }
}

resource "kubernetes_cluster_role_binding" "oidc_power_user_readonly" {
  for_each = local.power_users

  metadata {
    name = "oidc-power-user-readonly-${each.key}"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role.oidc_power_user_readonly.metadata[0].name
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "User"
    name      = each.value.email
  }
}

resource "kubernetes_role_binding" "namespace_owner" {
  for_each = local.owned

  metadata {
    name      = "namespace-owner-${each.value.user}"
    namespace = each.value.namespace
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "admin"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "User"
    name      = each.value.email
  }
}

resource "kubernetes_cluster_role" "oidc_ns_owner_readonly" {
  metadata {
    name = "oidc-ns-owner-readonly"
  }

  rule {
    api_groups = [""]
    resources  = ["pods", "services", "configmaps", "events"]
    verbs      = ["get", "list", "watch"]
  }
}

resource "kubernetes_cluster_role_binding" "oidc_ns_owner_readonly" {
  for_each = local.namespace_owners

  metadata {
    name = "oidc-ns-owner-readonly-${each.key}"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role.oidc_ns_owner_readonly.metadata[0].name
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "User"
    name      = each.value.email
  }
}

resource "kubernetes_resource_quota" "user_quota" {
  for_each = local.owned

  metadata {
    name      = "user-quota"
    namespace = each.value.namespace
  }

  spec {
    hard = {
      "requests.cpu"    = each.value.quota.cpu_requests
      "requests.memory" = each.value.quota.memory_requests
      "limits.memory"   = each.value.quota.memory_limits
      "pods"            = each.value.quota.pods
    }
  }
}

module "user_namespace_tls" {
  source   = "../setup_tls_secret"
  for_each = toset([for pair in values(local.owned) : pair.namespace])

  namespace       = each.value
  tls_secret_name = var.tls_secret_name
}

resource "kubernetes_config_map" "k8s_user_roles" {
  metadata {
    name      = "k8s-user-roles"
    namespace = "k8s-portal"
  }

  data = {
    "users.json" = jsonencode({
      for name, user in var.k8s_users : user.email => { role = user.role, namespaces = user.namespaces }
    })
  }
}
