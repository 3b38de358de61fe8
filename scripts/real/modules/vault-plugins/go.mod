module real/vault-plugins

go 1.25.3

require (
	github.com/hashicorp/vault-plugin-auth-kubernetes v0.23.1
	github.com/hashicorp/vault-plugin-secrets-kubernetes v0.12.0
)
