import type { Site, TokenReference } from './site.ts';

/** Something that an infra.yaml may send credentials to, or run. */
export type TrustSubject = {
  /** The setting, e.g. `authentik.url`. */
  readonly key: string;
  /** What is accepted: scheme, host and port of an address, `runbook PATH`, or `kubeconfig PATH`. */
  readonly subject: string;
  readonly source: string;
  /** What would be sent or run. */
  readonly what: string;
};

/** Scheme, host and port of an address, lower case, default port left out; the text itself when it is no address. */
export function trustedForm(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address;
}

/**
 * Everything that the repository chose and that has to be accepted before a credential goes there: addresses that do not
 * come from the environment, a kubeconfig (it can name a program to run) and own runbooks.
 */
export function trustSubjects(site: Site): readonly TrustSubject[] {
  const { vault, users, authentik, edge, kubernetes } = site;
  const found: TrustSubject[] = [];
  const address = (key: string, value: string | undefined, source: string, what: string): void => {
    if (value !== undefined) found.push({ key, subject: trustedForm(value), source, what });
  };
  if (vault.address.source !== 'VAULT_ADDR')
    address('vault.address', vault.address.value, vault.address.source, 'your Vault token');
  // Without a token nothing is sent that is worth stealing.
  const api = (key: string, url: string | undefined, source: string, token: TokenReference | undefined): void => {
    if (token !== undefined) address(key, url, source, tokenWords(token));
  };
  const forgejo = users.forgejo.value;
  const cloudflare = edge.cloudflare.value;
  api('authentik.url', authentik.url.value, authentik.url.source, authentik.token.value);
  api('users.forgejo.url', forgejo?.url, users.forgejo.source, forgejo?.token);
  api('edge.cloudflare.url', cloudflare?.url, edge.cloudflare.source, cloudflare?.token);
  if (kubernetes.kubeconfig.value !== undefined && kubernetes.kubeconfig.source !== 'KUBECONFIG') {
    found.push({
      key: 'kubernetes.kubeconfig',
      subject: `kubeconfig ${kubernetes.kubeconfig.value}`,
      source: kubernetes.kubeconfig.source,
      what: 'it decides the cluster, and may name a program to run',
    });
  }
  for (const path of site.runbooks.value) {
    found.push({
      key: 'runbooks',
      subject: `runbook ${path}`,
      source: site.runbooks.source,
      what: 'its probes run with your credentials',
    });
  }
  return found;
}

function tokenWords(token: TokenReference): string {
  if ('env' in token) return `the token in ${token.env}`;
  return 'file' in token ? `the token in ${token.file}` : `the token that Vault keeps in ${token.vault}`;
}
