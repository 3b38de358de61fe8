module real/sops

go 1.25.8

require (
	filippo.io/age v1.3.2
	github.com/getsops/sops/v3 v3.13.3
)
