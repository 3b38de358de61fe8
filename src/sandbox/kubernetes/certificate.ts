/**
 * For the sandbox only, and worth nothing anywhere else: the certificate that the Kubernetes stand-in shows on
 * 127.0.0.1, its key, and the authority that the sandbox's kubeconfig names. kubectl sends a token over TLS only. The
 * authority's own key was thrown away, so that nothing else was ever signed by it, and no machine trusts it. Made with
 * openssl, P-256, for 100 years.
 */
export const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBwTCCAWagAwIBAgIUAPw9UK4CJUN7nQyPK0RL0bKBj+YwCgYIKoZIzj0EAwIw
KzEpMCcGA1UEAwwgaW5mcmEgc2FuZGJveCwgdHJ1c3RlZCBieSBub2JvZHkwIBcN
MjYxMTIxMDMxODI3WhgPMjEyNjEwMjgwMzE4MjdaMCsxKTAnBgNVBAMMIGluZnJh
IHNhbmRib3gsIHRydXN0ZWQgYnkgbm9ib2R5MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE4XN+FZik0N9ry4ZWHIusg90TjLg4jOFfGI/MBtg+fwQKzvdLYjyg4BrX
t75RLLEtmKBe2LCxLO1cLKsNn/5eSqNmMGQwHQYDVR0OBBYEFJYFTZWk0HWez/m2
ARZOqX0XhNfYMB8GA1UdIwQYMBaAFJYFTZWk0HWez/m2ARZOqX0XhNfYMBIGA1Ud
EwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMCA0kAMEYC
IQCosPiQv7d31VYMthVLSDvT94hEu+74U9XGvzoatBG3vQIhALGmhLSZScqYRCP5
Yi5ZHx2wD45DjXPWONiXCBOvZN6E
-----END CERTIFICATE-----
`;

/** The certificate of 127.0.0.1 and localhost. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIB6DCCAY+gAwIBAgIUUgWHBKy8x+KXLcNq6x2foGHWCMUwCgYIKoZIzj0EAwIw
KzEpMCcGA1UEAwwgaW5mcmEgc2FuZGJveCwgdHJ1c3RlZCBieSBub2JvZHkwIBcN
MjYxMTIxMDMxODI3WhgPMjEyNjEwMjgwMzE4MjdaMCoxKDAmBgNVBAMMH2t1YmVy
bmV0ZXMgb2YgdGhlIGluZnJhIHNhbmRib3gwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAAS7k0OHM1Q1C5F85Zk1/U6Ms3KSABgM8Sd3nIf7g/u/DP2EiXJStVykkdY/
oVFyaUUzssZtm/f8kbOtHol8MRH+o4GPMIGMMBoGA1UdEQQTMBGHBH8AAAGCCWxv
Y2FsaG9zdDATBgNVHSUEDDAKBggrBgEFBQcDATAJBgNVHRMEAjAAMA4GA1UdDwEB
/wQEAwIHgDAdBgNVHQ4EFgQUWnzvtgJYn6JaGxWnUtVhT1Zqc9QwHwYDVR0jBBgw
FoAUlgVNlaTQdZ7P+bYBFk6pfReE19gwCgYIKoZIzj0EAwIDRwAwRAIgUGUD/+nu
peLLUnqNNe67f9nsLm0DInr/BN/WGhjQ7YYCIEobrUtG4fkbaWnPYNj/Xr4xWXSv
RAXcgXzPGUqmtU6z
-----END CERTIFICATE-----
`;

/** Its key. Public, like this file. */
export const CERTIFICATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBQZ6TCKcWEtZOZJE
YPnEIZ45EpIGiZtb1KfzXrJmdZyhRANCAAS7k0OHM1Q1C5F85Zk1/U6Ms3KSABgM
8Sd3nIf7g/u/DP2EiXJStVykkdY/oVFyaUUzssZtm/f8kbOtHol8MRH+
-----END PRIVATE KEY-----
`;
