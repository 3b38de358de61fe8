import * as http from 'node:http';
import * as https from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { isLoopbackHost } from './loopback.ts';

/** TLS options of a connection, as node:https takes them. */
export type Tls = Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> & {
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
};

/** Two agents for one kind of address: reads share connections, writes get one of their own. */
export type Agents = { readonly reading: http.Agent | https.Agent; readonly writing: http.Agent | https.Agent };

/**
 * Agents for one address. A write never reuses an idle connection: the server may be closing it at that very moment,
 * and a write that was lost that way could not be told from one that was applied.
 *
 * Proxies: `HTTPS_PROXY` and `NO_PROXY` are honoured for https, where a proxy sees a host name and ciphertext. Plain
 * http never goes through a proxy, because that would hand it the credentials; loopback never does either.
 */
export function makeAgents(url: URL, env: Readonly<Record<string, string | undefined>>, tls: Tls = {}): Agents {
  if (url.protocol !== 'https:') {
    return { reading: new http.Agent({ keepAlive: true }), writing: new http.Agent({ keepAlive: false }) };
  }
  const proxy = isLoopbackHost(url.hostname) ? {} : { proxyEnv: httpsProxy(env) };
  return {
    reading: new https.Agent({ ...tls, ...proxy, keepAlive: true }),
    writing: new https.Agent({ ...tls, ...proxy, keepAlive: false }),
  };
}

function httpsProxy(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
