{{#tls}}
variable "tls_secret_name" {
  type      = string
  sensitive = true
}

{{/tls}}
resource "kubernetes_namespace" "this" {
  metadata {
    name = "{{name}}"
    labels = {
      tier = "4-aux"
    }
  }
  lifecycle {
    # Goldilocks writes its mode on the namespace.
    ignore_changes = [metadata[0].labels["goldilocks.fairwinds.com/vpa-update-mode"]]
  }
}
{{#tls_module}}

module "tls_secret" {
  source          = "../../modules/kubernetes/setup_tls_secret"
  namespace       = kubernetes_namespace.this.metadata[0].name
  tls_secret_name = var.tls_secret_name
}
{{/tls_module}}
