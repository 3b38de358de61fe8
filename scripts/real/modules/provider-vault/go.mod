module real/provider-vault

go 1.25

// terraform 0.12.29 lifts the provider to plugin protocol 5; with what it asks for itself it speaks 4.
require (
	github.com/hashicorp/terraform v0.12.29
	github.com/terraform-providers/terraform-provider-vault v1.9.0
)

replace github.com/terraform-providers/terraform-provider-vault => github.com/hashicorp/terraform-provider-vault v1.9.0
