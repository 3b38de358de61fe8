import type { Site } from './site.ts';

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
  const { vault, users, authentik, edge, prometheus, kubernetes } = site;
  const found: TrustSubject[] = [];
  const address = (key: string, value: string | undefined, source: string, what: string): void => {
    if (value !== undefined) found.push({ key, subject: trustedForm(value), source, what });
  };
  if (vault.address.source !== 'VAULT_ADDR')
    address('vault.address', vault.address.value, vault.address.source, 'your Vault token');
  address('authentik.url', authentik.url.value, authentik.url.source, tokenWords(authentik.token.value));
  address('users.forgejo.url', users.forgejo.value?.url, users.forgejo.source, tokenWords(users.forgejo.value?.token));
  address(
    'edge.cloudflare.url',
    edge.cloudflare.value?.url,
    edge.cloudflare.source,
    tokenWords(edge.cloudflare.value?.token),
  );
  address('prometheus.url', prometheus.url.value, prometheus.url.source, 'queries, no credential');
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

function tokenWords(token: { env: string } | { file: string } | { vault: string } | undefined): string {
  if (token === undefined) return 'requests, no credential';
  if ('env' in token) return `the token in ${token.env}`;
  return 'file' in token ? `the token in ${token.file}` : `the token that Vault keeps in ${token.vault}`;
}
