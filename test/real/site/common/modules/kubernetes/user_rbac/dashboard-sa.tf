resource "kubernetes_cluster_role" "dashboard_nav_readonly" {
  metadata {
    name = "dashboard-nav-readonly"
  }

  rule {
    api_groups = [""]
    resources  = ["namespaces", "nodes"]
    verbs      = ["get", "list", "watch"]
  }
}

# This version of the provider waits for a token Secret that clusters no longer make, so the account is not one of its resources.
resource "terraform_data" "dashboard_user" {
  for_each = local.owned

  # Where the namespace is missing the binding fails first: a failed command would leave this to be replaced for ever.
  input = {
    namespace = kubernetes_role_binding.namespace_owner[each.key].metadata[0].namespace
    name      = "dashboard-${each.value.user}"
  }

  provisioner "local-exec" {
    command = "bash '${path.module}/../../../scripts/kube-api' POST '/api/v1/namespaces/${each.value.namespace}/serviceaccounts'"
    environment = {
      KUBECONFIG = var.kube_config_path
      BODY       = jsonencode({ metadata = { name = "dashboard-${each.value.user}" } })
    }
  }

  provisioner "local-exec" {
    when       = destroy
    command    = "bash '${path.module}/../../../scripts/kube-api' DELETE '/api/v1/namespaces/${self.output.namespace}/serviceaccounts/${self.output.name}'"
    on_failure = continue
  }
}

resource "kubernetes_role_binding" "dashboard_owner" {
  for_each = local.owned

  metadata {
    name      = "dashboard-owner-${each.value.user}"
    namespace = each.value.namespace
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "admin"
  }

  subject {
    kind      = "ServiceAccount"
    name      = terraform_data.dashboard_user[each.key].output.name
    namespace = each.value.namespace
  }
}

resource "kubernetes_cluster_role_binding" "dashboard_readonly" {
  for_each = local.owned

  metadata {
    name = "dashboard-readonly-${each.value.user}-${each.value.namespace}"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role.dashboard_nav_readonly.metadata[0].name
  }

  subject {
    kind      = "ServiceAccount"
    name      = terraform_data.dashboard_user[each.key].output.name
    namespace = each.value.namespace
  }
}

resource "kubernetes_secret" "dashboard_token" {
  for_each = local.owned

  metadata {
    name      = "dashboard-${each.value.user}-token"
    namespace = each.value.namespace
    annotations = {
      "kubernetes.io/service-account.name" = terraform_data.dashboard_user[each.key].output.name
    }
  }

  type = "kubernetes.io/service-account-token"

  lifecycle {
    ignore_changes = [data] # filled by the cluster
  }
}
