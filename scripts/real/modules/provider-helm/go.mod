module real/provider-helm

go 1.25

require github.com/hashicorp/terraform-provider-helm v1.3.2

replace (
	// One module of many folders then, and one for each folder now: the old one still has them all, the new one none.
	github.com/Azure/go-autorest => github.com/Azure/go-autorest v14.2.0+incompatible
	github.com/Azure/go-autorest/autorest => github.com/tombuildsstuff/go-autorest/autorest v0.10.1-0.20200416184303-d4e299a3c04a
	github.com/go-openapi/spec => github.com/go-openapi/spec v0.19.5
)

// Its domain no longer exists.
exclude vbom.ml/util v0.0.0-20160121211510-db5cfe13f5cc
