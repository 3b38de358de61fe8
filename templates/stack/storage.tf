resource "kubernetes_persistent_volume_claim" "data" {
  wait_until_bound = false
  metadata {
    name      = "{{name}}-data"
    namespace = kubernetes_namespace.this.metadata[0].name
  }
  spec {
    access_modes = ["ReadWriteOnce"]
    resources {
      requests = {
        storage = "{{storage}}"
      }
    }
{{#storage_class}}
    storage_class_name = "{{storage_class}}"
{{/storage_class}}
  }
{{#autoresizer}}
  lifecycle {
    ignore_changes = [spec[0].resources[0].requests] # pvc-autoresizer lets it grow.
  }
{{/autoresizer}}
}
