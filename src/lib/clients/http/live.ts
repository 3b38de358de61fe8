import { InfraError } from '../../errors.ts';
import { type Agents, makeAgents } from './agents.ts';
import type { Http, HttpAnswer, HttpRequest } from './client.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { ExchangeError } from './exchange-error.ts';
import { assertLoopback } from './loopback.ts';

/** What the live client needs. `env` is read for HTTPS_PROXY and NO_PROXY. `timeoutMs` defaults to 10 s a request. */
export type HttpOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly loopbackOnly: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

/** JSON over node:http(s), with kept connections. See the contract in client.ts for the errors. */
export function makeHttp(options: HttpOptions): Http {
  const agents = new Map<string, Agents>();
  const agentsOf = (url: URL): Agents => {
    const found = agents.get(url.origin) ?? makeAgents(url, options.env);
    agents.set(url.origin, found);
    return found;
  };
  return {
    async json(request) {
      const url = parseUrl(request.url);
      assertLoopback(url.href, options.loopbackOnly);
      const agent = request.method === 'GET' ? agentsOf(url).reading : agentsOf(url).writing;
      const answer = await send(url, request, options, agent);
      return readJson(answer, request, url);
    },
  };
}

async function send(
  url: URL,
  request: HttpRequest,
  options: HttpOptions,
  agent: Agents['reading'],
): Promise<Exchanged> {
  try {
    return await exchange({
      method: request.method,
      url,
      headers: headersOf(request),
      body: request.text ?? (request.body === undefined ? undefined : JSON.stringify(request.body)),
      timeoutMs: request.timeoutMs ?? options.timeoutMs ?? 10_000,
      agent,
      signal: options.signal,
    });
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    const what = `${request.method} ${shown(url)}`;
    const unsure = request.method !== 'GET' && error.sent ? ' Whether the request was carried out is not known.' : '';
    if (error.failure === 'timeout') throw failure('http.timeout', `${what}: ${error.message}.${unsure}`);
    throw failure('http.unreachable', `${what}: ${error.message}.${unsure}`);
  }
}

function headersOf(request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'infra' };
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  if (request.text !== undefined) headers['content-type'] = 'text/plain; charset=utf-8';
  if (request.token !== undefined) {
    const value = request.token.value.reveal();
    // Node would refuse it as well, with an error that says nothing of where the value came from.
    if (!/^[\x21-\x7e]+$/.test(value)) {
      throw new InfraError(
        'http.bad-token',
        'config',
        `The token for ${request.method} ${shown(parseUrl(request.url))} holds characters that no token has.`,
        {
          hints: ['Look for a line break or a blank in the variable, file or Vault key that holds it.'],
        },
      );
    }
    headers.authorization = `${request.token.scheme} ${value}`;
  }
  return headers;
}

function readJson(answer: Exchanged, request: HttpRequest, url: URL): HttpAnswer {
  const what = `${request.method} ${shown(url)}`;
  if (answer.status >= 300 && answer.status < 400) {
    throw failure(
      'http.redirected',
      `${what} answered ${answer.status} and points to ${target(answer, url)}; redirects are not followed.`,
      ['Set the address to the one that answers itself.'],
    );
  }
  if (answer.text === '') return { status: answer.status, body: undefined };
  try {
    if (answer.text !== undefined) return { status: answer.status, body: JSON.parse(answer.text) };
  } catch {
    // JSON.parse quotes the text it failed on, which may be anything: the error below says only what kind it was.
  }
  const type = answer.headers['content-type'] ?? 'no content type';
  const isRefusal = answer.status === 401 || answer.status === 403;
  throw failure(
    isRefusal ? 'http.forbidden' : 'http.not-json',
    `${what} answered ${answer.status} with ${type} instead of JSON.`,
    ['A login page or an error page of a proxy in front is the usual reason.'],
  );
}

/** Where a redirect points, without query: a login redirect carries state there. */
function target(answer: Exchanged, from: URL): string {
  const location = answer.headers.location;
  if (location === undefined || !URL.canParse(location, from.href)) return 'nowhere';
  return shown(new URL(location, from));
}

/** An address for people: no credentials, no query. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new InfraError('http.bad-address', 'config', 'An API address is not an http or https URL.', {
    hints: ['infra config show names the setting and where it comes from.'],
  });
}

function failure(code: string, message: string, hints: readonly string[] = []): InfraError {
  return new InfraError(code, 'unavailable', message, { hints });
}
