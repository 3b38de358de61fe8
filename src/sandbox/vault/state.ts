import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Policy } from './policy.ts';

/** One version of a KV v2 secret. `data` is parsed so that every digit survives; times are ISO 8601. */
export type SecretVersion = {
  data: unknown;
  readonly createdTime: string;
  deletionTime: string;
  destroyed: boolean;
};

/** A KV v2 secret with its metadata. */
export type Secret = {
  readonly versions: Map<number, SecretVersion>;
  readonly createdTime: string;
  updatedTime: string;
  current: number;
  casRequired: boolean;
  maxVersions: number;
  customMetadata: Record<string, string> | null;
};

/** A token. `ttl` in seconds, 0 for a token that never expires; `expires` in ms since 1970. */
export type Token = {
  readonly id: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly displayName: string;
  readonly path: string;
  readonly meta: Readonly<Record<string, string>> | null;
  readonly entityId: string;
  readonly created: number;
  readonly renewable: boolean;
  readonly period: number;
  readonly orphan: boolean;
  ttl: number;
  expires: number | undefined;
};

/** An identity entity. */
export type Entity = {
  readonly id: string;
  name: string;
  policies: string[];
  metadata: Record<string, string> | null;
  disabled: boolean;
  readonly created: string;
  updated: string;
};

/** An identity group, external or internal. */
export type Group = {
  readonly id: string;
  name: string;
  readonly type: string;
  policies: string[];
  memberEntityIds: string[];
  metadata: Record<string, string> | null;
  modifyIndex: number;
  readonly created: string;
  updated: string;
};

/** An alias of an entity or of a group on an auth mount. */
export type Alias = {
  readonly id: string;
  name: string;
  canonicalId: string;
  mountAccessor: string;
  readonly created: string;
};

/** A transit key: the raw AES keys of its versions. */
export type TransitKey = {
  readonly name: string;
  readonly versions: { readonly key: Buffer; readonly created: number }[];
  deletionAllowed: boolean;
};

/** An auth mount or secrets engine; `path` ends in a slash. */
export type Mount = {
  readonly path: string;
  readonly type: string;
  readonly accessor: string;
  readonly options: Record<string, string> | null;
};

/** Everything the Vault stand-in holds. */
export type VaultState = {
  readonly secrets: Map<string, Secret>;
  readonly policies: Map<string, Policy>;
  readonly tokens: Map<string, Token>;
  readonly entities: Map<string, Entity>;
  readonly groups: Map<string, Group>;
  readonly entityAliases: Map<string, Alias>;
  readonly groupAliases: Map<string, Alias>;
  readonly transit: Map<string, TransitKey>;
  readonly kubernetesRoles: Map<string, Record<string, unknown>>;
  readonly loginRoles: Map<string, LoginRole>;
  readonly staticCreds: Map<string, { readonly username: string; readonly password: string }>;
  readonly mounts: Map<string, Mount>;
  readonly auths: Map<string, Mount>;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly version: string;
  readonly unsealKey: string;
  sealed: boolean;
  /** Looks up the ServiceAccount behind a JWT, as TokenReview does; undefined for an unknown one. */
  reviewToken: (jwt: string) => { readonly namespace: string; readonly name: string } | undefined;
};

/** A role of the kubernetes auth method. `ttl` in seconds. */
export type LoginRole = {
  readonly serviceAccounts: readonly string[];
  readonly namespaces: readonly string[];
  readonly policies: readonly string[];
  readonly ttl: number;
  readonly period: number;
};

/** A UUID that is the same for the same text: worlds are reproducible. */
export function stableUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Time now as Vault writes it. */
export function now(): string {
  return new Date().toISOString().replace('Z', '000000Z');
}

/** What a new token is made from; `ttl` 0 means that it never expires. */
export type TokenRequest = Partial<
  Pick<Token, 'id' | 'displayName' | 'path' | 'meta' | 'entityId' | 'renewable' | 'period' | 'orphan'>
> & {
  readonly policies: readonly string[];
  readonly ttl: number;
};

/** Creates a token and keeps it. */
export function addToken(state: VaultState, request: TokenRequest): Token {
  const created = Date.now();
  const token: Token = {
    id: request.id ?? `hvs.${randomBytes(24).toString('base64url')}`,
    accessor: randomBytes(18).toString('base64url'),
    policies: request.policies,
    displayName: request.displayName ?? 'token',
    path: request.path ?? 'auth/token/create',
    meta: request.meta ?? null,
    entityId: request.entityId ?? '',
    created,
    renewable: request.renewable ?? request.ttl > 0,
    period: request.period ?? 0,
    orphan: request.orphan ?? true,
    ttl: request.ttl,
    expires: request.ttl > 0 ? created + request.ttl * 1000 : undefined,
  };
  state.tokens.set(token.id, token);
  return token;
}

/** A Vault with its mounts and nothing in them. Fingerprints derive from `seed`. */
export function emptyState(seed: string): VaultState {
  const mount = (
    path: string,
    type: string,
    prefix: string,
    options: Record<string, string> | null = null,
  ): [string, Mount] => [
    path,
    { path, type, accessor: `${prefix}_${stableUuid(`${seed}${path}`).slice(0, 8)}`, options },
  ];
  return {
    secrets: new Map(),
    policies: new Map(),
    tokens: new Map(),
    entities: new Map(),
    groups: new Map(),
    entityAliases: new Map(),
    groupAliases: new Map(),
    transit: new Map(),
    kubernetesRoles: new Map(),
    loginRoles: new Map(),
    staticCreds: new Map(),
    mounts: new Map([
      mount('cubbyhole/', 'cubbyhole', 'cubbyhole'),
      mount('database/', 'database', 'database'),
      mount('identity/', 'identity', 'identity'),
      mount('kubernetes/', 'kubernetes', 'kubernetes'),
      mount('secret/', 'kv', 'kv', { version: '2' }),
      mount('sys/', 'system', 'system'),
      mount('transit/', 'transit', 'transit'),
    ]),
    auths: new Map([
      mount('kubernetes/', 'kubernetes', 'auth_kubernetes'),
      mount('oidc/', 'oidc', 'auth_oidc'),
      mount('token/', 'token', 'auth_token'),
    ]),
    clusterId: stableUuid(`${seed}cluster`),
    clusterName: `vault-cluster-${stableUuid(`${seed}name`).slice(0, 8)}`,
    version: '1.18.1',
    unsealKey: randomUUID(),
    sealed: false,
    reviewToken: () => undefined,
  };
}
