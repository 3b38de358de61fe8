import { join } from 'node:path';
import { InfraError } from '../../errors.ts';
import { Secret } from '../../secrets/secret.ts';
import type { Files } from '../files/client.ts';
import type { TokenSource } from './client.ts';
import { noToken } from './errors.ts';

/** Where Kubernetes puts the token of a pod's service account. */
const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** The role that a pipeline's service account logs in with when none is configured. */
const DEFAULT_ROLE = 'ci';

/** Where a token may come from. `login` asks Vault itself and answers a client token. */
export type TokenOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly files: Pick<Files, 'read'>;
  readonly kubernetesLogin: { readonly mount: string; readonly role: string | undefined } | undefined;
  /** Undefined: Kubernetes's own place, except where only loopback may be talked to. */
  readonly serviceAccountTokenFile: string | undefined;
  readonly loopbackOnly: boolean;
  readonly trustedAddress: boolean;
  readonly address: string | undefined;
  readonly login: (mount: string, role: string, jwt: Secret) => Promise<Secret>;
};

/** A token that is at hand, or the means to get one. */
type Found =
  | { readonly source: 'VAULT_TOKEN' | '~/.vault-token'; readonly token: Secret }
  | { readonly source: 'kubernetes login'; readonly mount: string; readonly role: string; readonly jwt: Secret }
  | { readonly source: 'none'; readonly tried: string };

/** Where a token would come from. Nothing is sent anywhere. */
export async function tokenSource(options: TokenOptions): Promise<TokenSource> {
  return (await find(options)).source;
}

/**
 * The token: VAULT_TOKEN, then ~/.vault-token, then a login with the service account's token. Errors: `vault.no-token` (77);
 * `vault.address-not-trusted` (78) when the address comes from a repository that nobody has accepted.
 */
export async function obtainToken(options: TokenOptions): Promise<Secret> {
  if (!options.trustedAddress) throw notTrusted(options.address);
  const found = await find(options);
  if (found.source === 'none') throw noToken(`There is no Vault token: ${found.tried}.`);
  if (found.source === 'kubernetes login') return options.login(found.mount, found.role, found.jwt);
  return found.token;
}

async function find(options: TokenOptions): Promise<Found> {
  const given = options.env.VAULT_TOKEN;
  if (given !== undefined && given !== '') return { source: 'VAULT_TOKEN', token: checked(given, 'VAULT_TOKEN') };
  const path = join(options.home, '.vault-token');
  const stored = options.home === '' ? undefined : await options.files.read(path);
  if (stored !== undefined) return { source: '~/.vault-token', token: checked(stored, path) };
  return findServiceAccount(options);
}

async function findServiceAccount(options: TokenOptions): Promise<Found> {
  const path = options.serviceAccountTokenFile ?? (options.loopbackOnly ? undefined : SERVICE_ACCOUNT_TOKEN);
  const jwt = path === undefined ? undefined : await options.files.read(path);
  if (path === undefined || jwt === undefined) {
    return {
      source: 'none',
      tried: 'VAULT_TOKEN is not set, ~/.vault-token does not exist, and this is no Kubernetes pod',
    };
  }
  return {
    source: 'kubernetes login',
    mount: options.kubernetesLogin?.mount ?? 'kubernetes',
    role: options.kubernetesLogin?.role ?? DEFAULT_ROLE,
    jwt: checked(jwt, path),
  };
}

/** Refuses what is no token, without showing it: empty, `null` (a failed `jq -r`), or with blanks inside. */
function checked(text: string, from: string): Secret {
  const token = text.trim();
  if (token === '') throw noToken(`${from} is empty.`);
  if (token === 'null') throw noToken(`${from} holds "null", which a failed login in a script leaves behind.`);
  if (!/^[\x21-\x7e]+$/.test(token)) throw noToken(`${from} holds characters that no token has.`);
  return new Secret(token);
}

function notTrusted(address: string | undefined): InfraError {
  return new InfraError(
    'vault.address-not-trusted',
    'config',
    `No token is sent to ${address ?? 'Vault'}: that address comes from infra.yaml, which anybody who can change the repository can change.`,
    { hints: ['infra config trust', `or export VAULT_ADDR=${address ?? 'https://vault.example.com'}`] },
  );
}
