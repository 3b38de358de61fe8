import * as http from 'node:http';
import * as https from 'node:https';
import { createSecureContext } from 'node:tls';
import { assertLoopback, isLoopbackHost } from '../http/loopback.ts';
import type { Cluster } from './cluster.ts';
import type { Credentials, Identity } from './credentials.ts';
import { badConfig, noAnswer, refusal, timedOut } from './errors.ts';

/** One request. `tried` names it in errors: `get pods/web in default`. */
export type Ask = {
  readonly tried: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
};

/** Answers whose body has not been read yet. Its caller reads it, within `timeoutMs` between two chunks. */
export type Opened = { readonly status: number; readonly body: http.IncomingMessage };

/** What the rooms of this client share. */
export type Transport = {
  readonly server: string;
  readonly timeoutMs: number;
  /** Sends a request; resolves with the head of the answer. A 401 is tried once more with a new plugin credential. */
  open(ask: Ask): Promise<Opened>;
  /** The whole body of an answer below 300; others are errors. */
  text(ask: Ask): Promise<string>;
  /** Address, headers and agent for a WebSocket. */
  upgrade(
    path: string,
    query: URLSearchParams,
  ): Promise<{ readonly url: string; readonly headers: Record<string, string | string[]>; readonly agent: http.Agent }>;
};

export type TransportOptions = {
  readonly cluster: Cluster;
  readonly credentials: Credentials;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly loopbackOnly: boolean;
};

const MAX_BODY = 256 * 1024 * 1024;
/** Longer than any pause inside a command, shorter than the idle limits of load balancers. */
const IDLE_MS = 30_000;

/** Requests over node:https with kept connections. Nothing is sent before the first call. */
export function makeTransport(options: TransportOptions): Transport {
  const { cluster, credentials, timeoutMs } = options;
  const server = cluster.target.server;
  const agents = makeAgents(options);

  const prepare = async (): Promise<Prepared> => {
    assertLoopback(server, options.loopbackOnly);
    const identity = await credentials.current();
    const headers = Object.fromEntries(
      Object.entries(identity.headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
    );
    return {
      headers: { accept: 'application/json', 'user-agent': 'infra', ...headers },
      agent: agents(identity),
      identity,
    };
  };
  const once = async (ask: Ask, prepared: Prepared): Promise<Opened> =>
    send(urlOf(cluster.server, ask.path, ask.query), ask, prepared, server, timeoutMs);
  const open = async (ask: Ask): Promise<Opened> => {
    ask.signal?.throwIfAborted();
    const prepared = await prepare();
    const opened = await once(ask, prepared);
    if (opened.status !== 401 || !credentials.renew(prepared.identity)) return opened;
    opened.body.destroy();
    return once(ask, await prepare());
  };
  return {
    server,
    timeoutMs,
    open,
    async text(ask) {
      const opened = await open(ask);
      const body = await readBody(opened.body, ask, server, timeoutMs);
      if (opened.status >= 300) throw refusal(ask.tried, server, opened.status, body);
      return body;
    },
    async upgrade(path, query) {
      const { headers, agent } = await prepare();
      return { url: urlOf(cluster.server, path, query).href.replace(/^http/, 'ws'), headers, agent };
    },
  };
}

type Prepared = {
  readonly headers: Record<string, string | string[]>;
  readonly agent: http.Agent;
  readonly identity: Identity;
};

/** The server may have a path of its own (Rancher): the API starts below it. */
function urlOf(server: URL, path: string, query: URLSearchParams | undefined): URL {
  const url = new URL(server);
  url.pathname = server.pathname.replace(/\/$/, '') + path;
  url.search = query?.toString() ?? '';
  return url;
}

function makeAgents(options: TransportOptions): (identity: Identity) => http.Agent {
  const { cluster } = options;
  const proxy = proxyOf(cluster, options.env, options.loopbackOnly);
  const kept = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' as const, ...proxy };
  if (cluster.server.protocol === 'http:') {
    const agent = new http.Agent(kept);
    return () => agent;
  }
  let made: { readonly cert: string | undefined; readonly agent: https.Agent } | undefined;
  return ({ cert, key }) => {
    if (made !== undefined && made.cert === cert) return made.agent;
    const agent = new https.Agent({
      ...kept,
      secureContext: secureContext(cluster, cert, key),
      // Only the kubeconfig can switch this off; NODE_TLS_REJECT_UNAUTHORIZED must not.
      rejectUnauthorized: !cluster.skipVerify,
      ...(cluster.serverName === undefined ? {} : { servername: cluster.serverName }),
    });
    made = { cert, agent };
    return agent;
  };
}

function secureContext(cluster: Cluster, cert: string | undefined, key: string | undefined) {
  try {
    return createSecureContext({
      ...(cluster.ca === undefined ? {} : { ca: cluster.ca }),
      ...(cert === undefined ? {} : { cert, key }),
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw badConfig(`The certificates of ${cluster.target.source} cannot be used (${code}).`);
  }
}

/** `proxy-url` of the cluster before HTTPS_PROXY; loopback goes through no proxy of the environment, as in Go. */
function proxyOf(
  cluster: Cluster,
  env: TransportOptions['env'],
  loopbackOnly: boolean,
): { readonly proxyEnv?: Record<string, string> } {
  if (cluster.proxy !== undefined) {
    if (!/^https?:\/\//.test(cluster.proxy))
      throw badConfig(`The proxy-url of ${cluster.target.source} is not http or https; SOCKS is not supported.`);
    assertLoopback(cluster.proxy, loopbackOnly);
    return { proxyEnv: { HTTPS_PROXY: cluster.proxy, HTTP_PROXY: cluster.proxy } };
  }
  if (cluster.server.protocol === 'http:' || isLoopbackHost(cluster.server.hostname)) return {};
  const names = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];
  return {
    proxyEnv: Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  };
}

function send(url: URL, ask: Ask, prepared: Prepared, server: string, timeoutMs: number): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const body = ask.body === undefined ? undefined : Buffer.from(JSON.stringify(ask.body));
    const headers = {
      ...prepared.headers,
      ...(body === undefined
        ? {}
        : { 'content-type': ask.contentType ?? 'application/json', 'content-length': body.length }),
    };
    const start = url.protocol === 'https:' ? https.request : http.request;
    const request = start(url, {
      method: ask.method,
      headers,
      agent: prepared.agent,
      ...(ask.signal === undefined ? {} : { signal: ask.signal }),
    });
    const deadline = setTimeout(() => request.destroy(timedOut(ask.tried, server, 'answer', timeoutMs)), timeoutMs);
    request.once('response', (response) => {
      clearTimeout(deadline);
      resolve({ status: response.statusCode ?? 0, body: response });
    });
    request.once('error', (error) => {
      clearTimeout(deadline);
      reject(ask.signal?.aborted ? ask.signal.reason : noAnswer(ask.tried, server, error));
    });
    request.end(body);
  });
}

/** Reads a body of known small size: whole, within one deadline. */
export async function readBody(
  body: http.IncomingMessage,
  ask: Pick<Ask, 'tried' | 'signal'>,
  server: string,
  timeoutMs: number,
): Promise<string> {
  const deadline = setTimeout(() => body.destroy(timedOut(ask.tried, server, 'complete answer', timeoutMs)), timeoutMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY) throw noAnswer(ask.tried, server, new RangeError('too large'));
      chunks.push(chunk);
    }
  } catch (error) {
    throw ask.signal?.aborted ? ask.signal.reason : noAnswer(ask.tried, server, error);
  } finally {
    clearTimeout(deadline);
  }
  return Buffer.concat(chunks).toString('utf8');
}
