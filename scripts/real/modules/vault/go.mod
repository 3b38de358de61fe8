module real/vault

go 1.25

// Published sdk and api versions stand in for the folders that a release build takes from its own tree.
require (
	github.com/hashicorp/vault v1.18.1
	github.com/hashicorp/vault/api v1.16.0
	github.com/hashicorp/vault/sdk v0.14.0
)

replace github.com/ma314smith/signedxml v1.1.1 => github.com/moov-io/signedxml v1.1.1
