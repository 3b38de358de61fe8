import { type Agents, makeAgents, type Tls } from '../http/agents.ts';
import { exchange } from '../http/exchange.ts';
import type { Transport } from './node-vault.ts';

/** What the transport needs: one address, its TLS settings, the environment for proxies, and how long to wait. */
export type TransportOptions = {
  readonly url: URL;
  readonly tls: Tls;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly maxBytes: number | undefined;
};

/** Sends node-vault's requests over node:http(s): no redirects, no proxy for plain http, the answer's text as it came. */
export function makeTransport(options: TransportOptions): Transport {
  const agents: Agents = makeAgents(options.url, options.env, options.tls);
  return (request) =>
    exchange({
      method: request.method,
      url: new URL(request.uri),
      headers: {
        accept: 'application/json',
        'user-agent': 'infra',
        // Vault's agent and proxy can be told to refuse requests without it, against forged browser requests.
        'x-vault-request': 'true',
        ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...lowerCased(request.headers),
      },
      body: request.json?.text,
      timeoutMs: options.timeoutMs,
      agent: request.writes ? agents.writing : agents.reading,
      signal: options.signal,
      ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    });
}

/** So that a header that node-vault sets (`Content-Type` of a patch) replaces ours instead of standing beside it. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
