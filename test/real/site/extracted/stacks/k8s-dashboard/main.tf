data "vault_generic_secret" "platform" {
  path = "secret/platform"
}

locals {
  k8s_users        = jsondecode(data.vault_generic_secret.platform.data["k8s_users"])
  namespace_owners = { for name, user in local.k8s_users : name => user if user.role == "namespace-owner" }

  injector_conf = join("\n", concat(
    ["map $http_x_authentik_username $dashboard_token {", "  default \"\";"],
    [for name, user in local.namespace_owners : "  \"${user.email}\" \"${data.kubernetes_secret.dashboard_token[name].data["token"]}\";"],
    ["}", ""],
  ))
}

# Made by the rbac stack. Where it is absent, nothing of this stack can be planned.
data "kubernetes_secret" "dashboard_token" {
  for_each = local.namespace_owners

  metadata {
    name      = "dashboard-${each.key}-token"
    namespace = each.value.namespaces[0]
  }
}

resource "kubernetes_secret" "injector_conf" {
  metadata {
    name      = "dashboard-token-injector-conf"
    namespace = "kubernetes-dashboard"
  }

  data = { "tokens.conf" = local.injector_conf }
}

resource "kubernetes_deployment" "injector" {
  wait_for_rollout = false

  metadata {
    name      = "dashboard-token-injector"
    namespace = "kubernetes-dashboard"
  }

  spec {
    replicas = 1

    selector {
      match_labels = { app = "dashboard-token-injector" }
    }

    template {
      metadata {
        labels      = { app = "dashboard-token-injector" }
        annotations = { "checksum/conf" = sha256(local.injector_conf) }
      }

      spec {
        container {
          name  = "nginx"
          image = "nginx:1.27"

          volume_mount {
            name       = "conf"
            mount_path = "/etc/nginx/conf.d"
          }
        }

        volume {
          name = "conf"

          secret {
            secret_name = kubernetes_secret.injector_conf.metadata[0].name
          }
        }
      }
    }
  }
}
