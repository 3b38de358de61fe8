module real/provider-kubernetes

go 1.25

require github.com/hashicorp/terraform-provider-kubernetes v1.13.4

// Its domain no longer exists.
exclude vbom.ml/util v0.0.0-20160121211510-db5cfe13f5cc

replace (
	github.com/Azure/go-autorest/autorest => github.com/tombuildsstuff/go-autorest/autorest v0.10.1-0.20200416184303-d4e299a3c04a
	github.com/go-openapi/spec => github.com/go-openapi/spec v0.19.5
	k8s.io/cli-runtime => k8s.io/cli-runtime v0.19.1
	k8s.io/client-go => k8s.io/client-go v0.19.1
)
