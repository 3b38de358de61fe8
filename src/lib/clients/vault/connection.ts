import type { Secret } from '../../secrets/secret.ts';
import type { Files } from '../files/client.ts';
import type { Address } from './address.ts';
import type { Api } from './node-vault.ts';
import { once } from './once.ts';
import { tlsFromEnvironment } from './tls.ts';

/** What a connection to one Vault needs. */
export type ConnectionOptions = {
  readonly address: Address;
  readonly namespace: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Pick<Files, 'read' | 'list'>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly maxBytes: number | undefined;
  /** Told every token before it is used: a server may repeat it in an error. */
  readonly onSecret: ((value: string) => void) | undefined;
};

/**
 * Gives the node-vault client of a token. The library and the certificates are loaded when the first one is asked for:
 * most commands never talk to Vault.
 */
export function makeConnection(options: ConnectionOptions): (token: Secret | undefined) => Promise<Api> {
  const load = once(async () => {
    const [{ makeApi }, { makeTransport }] = await Promise.all([import('./node-vault.ts'), import('./transport.ts')]);
    const tls = await tlsFromEnvironment(options.env, options.files);
    const transport = makeTransport({ ...options, url: options.address.url, tls });
    return (token: string, namespace: string): Api =>
      makeApi({ endpoint: options.address.href, token, namespace }, transport);
  });
  const anonymous = once(async () => (await load())('', ''));
  const known = new WeakMap<Secret, Api>();
  return async (token) => {
    if (token === undefined) return anonymous();
    options.onSecret?.(token.reveal());
    const api = known.get(token) ?? (await load())(token.reveal(), options.namespace ?? '');
    known.set(token, api);
    return api;
  };
}
