import type { Certificate } from './wire.ts';

/**
 * For the sandbox only: what a mail server shows that has lost its certificate and made one for itself. For
 * mail.sandbox.test, made with openssl, P-256, for 100 years; no machine trusts it.
 */
export const SELF_SIGNED: Certificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBrTCCAVOgAwIBAgIUXkG6EQlp/DHmxm8fX+bfXgImIA4wCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRbWFpbC5zYW5kYm94LnRlc3QwIBcNMjYxMTIxMDYwMzM0WhgP
MjEyNjEwMjgwNjAzMzRaMBwxGjAYBgNVBAMMEW1haWwuc2FuZGJveC50ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtJn9JRX7Hz0DJzIkB3kj04lYMsYT+yIP
7xxligcs9I+E8hREgo2zoC7qvE831iglGjXdv0pqWw6+eEW97pFf0KNxMG8wHQYD
VR0OBBYEFNATgpvVEukxT7cZGuJLzf+lLlqaMB8GA1UdIwQYMBaAFNATgpvVEukx
T7cZGuJLzf+lLlqaMA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRbWFpbC5z
YW5kYm94LnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIgFQXDt/SIA8e27I2xjzbW+0RF
MHguYEGOrszqpj52NdICIQCt/w84/v35Dj8F0VLj0QReoNOfQfFXD7QHt16XejpP
cA==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/10Y9lHx6ePpbKR9
oLQvryNiwW+GXRzadPEx8Ds4KjmhRANCAAS0mf0lFfsfPQMnMiQHeSPTiVgyxhP7
Ig/vHGWKByz0j4TyFESCjbOgLuq8TzfWKCUaNd2/SmpbDr54Rb3ukV/Q
-----END PRIVATE KEY-----
`,
};
