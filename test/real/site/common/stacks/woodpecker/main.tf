data "vault_generic_secret" "platform" {
  path = "secret/platform"
}

locals {
  k8s_users = jsondecode(data.vault_generic_secret.platform.data["k8s_users"])
  admins    = join(",", distinct(concat(var.woodpecker_admins, sort(keys(local.k8s_users)))))
}

# Stands for the chart's values.
resource "terraform_data" "values" {
  input = { WOODPECKER_ADMIN = local.admins }
}

# The chart leaves the running StatefulSet alone: it is patched whenever the list changes.
resource "terraform_data" "patch_server" {
  triggers_replace = [terraform_data.values.output]

  provisioner "local-exec" {
    command = "bash '${dirname(var.kube_config_path)}/scripts/kube-api' PATCH /apis/apps/v1/namespaces/woodpecker/statefulsets/woodpecker-server"
    environment = {
      KUBECONFIG = var.kube_config_path
      BODY = jsonencode({ spec = { template = { spec = { containers = [
        { name = "server", env = [{ name = "WOODPECKER_ADMIN", value = local.admins }] }
      ] } } } })
    }
  }
}
