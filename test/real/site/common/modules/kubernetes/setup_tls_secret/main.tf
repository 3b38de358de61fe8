variable "namespace" {
  type = string
}

variable "tls_secret_name" {
  type = string
}

resource "kubernetes_secret" "tls_secret" {
  metadata {
    name      = var.tls_secret_name
    namespace = var.namespace
  }

  type = "kubernetes.io/tls"
  data = {
    "tls.crt" = file("${path.root}/secrets/fullchain.pem")
    "tls.key" = file("${path.root}/secrets/privkey.pem")
  }
}
