import nodeVault from 'node-vault';
import type { Exchanged } from '../http/exchange.ts';

/** Options that node-vault hands through to the transport with each call. */
export type CallOptions = { readonly writes: boolean };

/** A request as node-vault makes it. `json` is our `{text}`: the body, already serialised. */
export type ApiRequest = CallOptions & {
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: { readonly text: string };
};

/** Sends one request of node-vault; any status is an answer. */
export type Transport = (request: ApiRequest) => Promise<Exchanged>;

/** The part of node-vault that is used, typed: its own types are `any`. Paths are already encoded. */
export type Api = {
  readonly read: (path: string, options: CallOptions) => Promise<Exchanged>;
  readonly write: (path: string, body: { readonly text: string }, options: CallOptions) => Promise<Exchanged>;
  readonly update: (path: string, body: { readonly text: string }, options: CallOptions) => Promise<Exchanged>;
};

/** Who asks: `''` means no token and no namespace. */
export type ApiIdentity = { readonly endpoint: string; readonly token: string; readonly namespace: string };

/**
 * A node-vault client that sends through our transport and gives back whole answers (docs/decisions/0003-vault-transport.md).
 * What it would take from the environment behind our back (VAULT_TOKEN, VAULT_NAMESPACE, VAULT_PREFIX, DEBUG) is set
 * explicitly, because an empty option makes it look there. Headers are never passed: it would keep the first token in them.
 */
export function makeApi(identity: ApiIdentity, transport: Transport): Api {
  const client = nodeVault({
    endpoint: identity.endpoint,
    apiVersion: 'v1',
    // node-vault logs the body of every write to DEBUG=node-vault.
    debug: () => undefined,
    'request-promise': { defaults: () => transport },
  });
  return Object.assign(client, {
    token: identity.token,
    namespace: identity.namespace,
    pathPrefix: '',
    handleVaultResponse: (answer: unknown) => Promise.resolve(answer),
  }) as unknown as Api;
}
