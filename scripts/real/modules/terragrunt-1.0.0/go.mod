module real/terragrunt

go 1.26

require github.com/gruntwork-io/terragrunt v1.0.0
