locals {
  labels = { app = "{{name}}" }
}

resource "kubernetes_deployment" "this" {
  metadata {
    name      = "{{name}}"
    namespace = kubernetes_namespace.this.metadata[0].name
    labels    = merge(local.labels, { tier = "4-aux" })
  }
  spec {
    replicas = 1
{{#storage}}
    strategy {
      type = "Recreate" # The volume can be mounted once.
    }
{{/storage}}
    selector {
      match_labels = local.labels
    }
    template {
      metadata {
        labels = local.labels
      }
      spec {
        container {
          name  = "{{name}}"
          image = "{{image}}"
{{#port}}
          port {
            container_port = {{port}}
          }
{{/port}}
{{#secret}}
          env_from {
            secret_ref {
              name = "{{name}}-secrets"
            }
          }
{{/secret}}
{{#storage}}
          volume_mount {
            name       = "data"
            mount_path = "/data"
          }
{{/storage}}
          resources {
            requests = {
              cpu    = "10m"
              memory = "64Mi"
            }
            limits = {
              memory = "256Mi"
            }
          }
        }
{{#storage}}
        volume {
          name = "data"
          persistent_volume_claim {
            claim_name = kubernetes_persistent_volume_claim.data.metadata[0].name
          }
        }
{{/storage}}
      }
    }
  }
  lifecycle {
    ignore_changes = [
      spec[0].template[0].spec[0].dns_config, # KYVERNO_LIFECYCLE_V1: Kyverno writes it.
{{#keel}}
      spec[0].template[0].spec[0].container[0].image, # KEEL_IGNORE_IMAGE: Keel moves the tag.
      spec[0].template[0].metadata[0].annotations["keel.sh/update-time"],
{{/keel}}
    ]
  }
}
{{#port}}

resource "kubernetes_service" "this" {
  metadata {
    name      = "{{name}}"
    namespace = kubernetes_namespace.this.metadata[0].name
    labels    = local.labels
  }
  spec {
    selector = local.labels
    port {
      name        = "http"
      port        = 80
      target_port = {{port}}
    }
  }
}
{{/port}}
