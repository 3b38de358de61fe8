include "root" {
  path = find_in_parent_folders()
}
{{#dependency}}

dependency "{{dependency}}" {
  config_path  = "../{{dependency}}"
  skip_outputs = true
}
{{/dependency}}
