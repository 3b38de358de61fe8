# The keys of {{secret_path}} in Vault, as a Secret that External Secrets keeps in step.
resource "kubernetes_manifest" "external_secret" {
  manifest = {
    apiVersion = "{{eso_version}}"
    kind       = "ExternalSecret"
    metadata = {
      name      = "{{name}}-secrets"
      namespace = kubernetes_namespace.this.metadata[0].name
    }
    spec = {
      refreshInterval = "15m"
      secretStoreRef = {
        name = "{{eso_store}}"
        kind = "ClusterSecretStore"
      }
      target   = { name = "{{name}}-secrets" }
      dataFrom = [{ extract = { key = "{{name}}" } }]
    }
  }
}
