import type { Secret } from '../../secrets/secret.ts';

/** What a KV v2 read found. A read error is never one of these: it throws. */
export type KvRead =
  | {
      readonly state: 'present';
      readonly version: number;
      readonly data: Readonly<Record<string, unknown>>;
      /**
       * The raw JSON text of `data` as Vault sent it, every digit kept. Vault itself reads stored numbers as doubles
       * (1.18): integers beyond 2^53 are safe only inside strings.
       */
      readonly text: string;
    }
  | { readonly state: 'deleted'; readonly version: number }
  | { readonly state: 'destroyed'; readonly version: number }
  | { readonly state: 'absent' };

/** `sys/health`, which needs no token. */
export type VaultHealth = {
  readonly initialized: boolean;
  readonly sealed: boolean;
  readonly standby: boolean;
  readonly version: string;
  readonly clusterId: string | undefined;
  readonly clusterName: string | undefined;
};

/** `auth/token/lookup-self`. A TTL of 0 means that the token never expires. */
export type VaultToken = {
  readonly displayName: string;
  readonly ttlSeconds: number;
  readonly renewable: boolean;
  readonly policies: readonly string[];
  readonly entityId: string | undefined;
};

/** Where the token in use came from. */
export type TokenSource = 'VAULT_TOKEN' | '~/.vault-token' | 'kubernetes login' | 'none';

/**
 * Vault. Paths are written as a person writes them (`secret/platform`, `auth/oidc`), each segment is encoded.
 * Errors: `vault.no-token` (77), `vault.denied` (77: 403, with path and verb), `vault.sealed` (69), `vault.uninitialised` (69),
 * `vault.standby` (69), `vault.unreachable` (69), `vault.timeout` (69), `vault.redirected` (69), `vault.not-json` (69),
 * `vault.rate-limited` (69), `vault.failed` (69: other 4xx/5xx with Vault's own text), `vault.cas-lost` (75), `vault.bad-path` (65),
 * `vault.method-not-allowed` (69: 405 or 415, PATCH not supported); before anything is sent `vault.no-address`, `vault.bad-address`,
 * `vault.bad-environment`, `vault.address-not-trusted`, `network.not-loopback` (all 78). Reads are retried on 412, 429, 5xx and lost connections; writes never.
 */
export type Vault = {
  readonly address: string;
  tokenSource(): Promise<TokenSource>;
  /** The token of a login that infra did itself, for children that could not find one; undefined for any other source. */
  loginToken(): Promise<Secret | undefined>;
  health(): Promise<VaultHealth>;
  tokenSelf(): Promise<VaultToken>;
  /** Capabilities of the token on API paths such as `secret/data/platform`. */
  capabilities(paths: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>>;
  kvRead(path: string): Promise<KvRead>;
  /** Merge-patch with compare-and-set; returns the new version. Needs the `patch` capability. */
  kvPatch(path: string, data: Readonly<Record<string, unknown>>, cas: number): Promise<number>;
  /** Replaces all data with the JSON text given, with compare-and-set; returns the new version. */
  kvReplace(path: string, text: string, cas: number): Promise<number>;
  /** Whether any version of a secret exists, deleted ones too. */
  kvExists(path: string): Promise<boolean>;
  /** Keys below a folder, or undefined when there are none. */
  kvList(path: string): Promise<readonly string[] | undefined>;
  /** A plain read of any API path: its `data`, or undefined for 404. */
  read(path: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** A LIST of any API path: its `keys`, or undefined for 404. */
  list(path: string): Promise<readonly string[] | undefined>;
  /** A POST to any API path: its `data` (undefined for an empty answer). */
  write(path: string, body: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Compare-and-set write of a small KV v2 document, `cas` 0 for create; returns the version. For locks. */
  kvPut(path: string, data: Readonly<Record<string, unknown>>, cas: number): Promise<number>;
};
