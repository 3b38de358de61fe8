data "vault_generic_secret" "platform" {
  path = "secret/platform"
}

locals {
  k8s_users = jsondecode(data.vault_generic_secret.platform.data["k8s_users"])
  owners    = sort([for name, user in local.k8s_users : name if user.role == "namespace-owner"])
  admins    = join(",", distinct(concat(var.woodpecker_admins, local.owners)))
}

# The server as the chart would render it. A longer list is an update in place, which rolls the pods.
resource "kubernetes_stateful_set" "server" {
  wait_for_rollout = false

  metadata {
    name      = "woodpecker-server"
    namespace = "woodpecker"
  }

  spec {
    replicas     = 1
    service_name = "woodpecker-server"

    update_strategy {
      type = "RollingUpdate"

      rolling_update {
        partition = 0
      }
    }

    selector {
      match_labels = { "app.kubernetes.io/name" = "woodpecker-server" }
    }

    template {
      metadata {
        labels = { "app.kubernetes.io/name" = "woodpecker-server" }
      }

      spec {
        container {
          name  = "server"
          image = "example.test/woodpecker-server:1"

          env {
            name  = "WOODPECKER_OPEN"
            value = "true"
          }

          env {
            name  = "WOODPECKER_ADMIN"
            value = local.admins
          }
        }
      }
    }
  }
}
