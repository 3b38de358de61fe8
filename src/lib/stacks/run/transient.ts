/**
 * Failures of providers and registries that pass by themselves. Only these are tried again, and only a plan is: an apply
 * that failed is planned and judged anew. Whatever is not here is never retried.
 */
const TRANSIENT: readonly { readonly signature: RegExp; readonly source: string }[] = [
  { signature: /Failed to install provider/, source: 'opentofu and terraform, internal/command/init.go' },
  { signature: /Client\.Timeout exceeded while awaiting headers/, source: 'Go, net/http/client.go' },
  {
    signature: /error reading from Vault[\s\S]*Code: 5\d\d/,
    source: 'terraform-provider-vault, vault/api response_error.go',
  },
  { signature: /net\/http: TLS handshake timeout/, source: 'Go, net/http/transport.go' },
  { signature: /text file busy/, source: 'Linux ETXTBSY, a provider that is being written into a shared cache' },
];

/** True for the text of a failure that is worth another try after a while. */
export function isTransient(text: string): boolean {
  return TRANSIENT.some(({ signature }) => signature.test(text));
}
