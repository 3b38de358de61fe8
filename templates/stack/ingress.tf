module "ingress" {
  source = "../../modules/kubernetes/ingress_factory"

{{#argument}}
  {{argument}}
{{/argument}}

{{#reason}}
  # auth = "{{auth}}": {{reason}}
{{/reason}}
  auth = "{{auth}}"

  extra_annotations = {
    "gethomepage.dev/enabled"     = "true"
    "gethomepage.dev/name"        = "{{name}}"
    "gethomepage.dev/description" = {{description}}
  }
}
