import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  getCACertificates,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { InfraError } from '../../errors.ts';
import { brokenFrom, type ExchangeError } from '../http/exchange-error.ts';
import type { Web, WebAnswer, WebRequest, WebTls } from './client.ts';
import { targetOf, type WebTarget } from './target.ts';

/** What the live client needs. `env` is read for NODE_EXTRA_CA_CERTS: the site's own authorities. */
export type WebOptions = {
  readonly version: string;
  readonly loopbackOnly: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
};

const MAX_BODY_BYTES = 64 * 1024;
/** A pile of session cookies is one of the things to find: Node's own limit of 16 KiB would hide it. */
const MAX_HEADER_BYTES = 128 * 1024;
/** Headers that carry credentials. */
const CREDENTIALS = /^(authorization|proxy-authorization|x-vault-token|x-api-key)$/i;

/** GETs over node:http(s), a connection each, so that every answer is that of its own TLS handshake. See `Web`. */
export function makeWeb(options: WebOptions): Web {
  // All authorities are parsed once: that takes longer than a request.
  const usual = once(async () => trusting([await readAuthorities(options.env.NODE_EXTRA_CA_CERTS)]));
  return {
    async get(request) {
      const target = targetOf(request, options.loopbackOnly);
      const headers = headersOf(request, target, options.version);
      const secureContext = request.ca === undefined ? await usual() : trusting([request.ca]);
      const deadline = AbortSignal.timeout(request.timeoutMs);
      const given = [request.signal, options.signal].filter((signal) => signal !== undefined);
      try {
        return await send(request, target, headers, secureContext, [deadline, ...given]);
      } catch (error) {
        for (const signal of given) signal.throwIfAborted();
        if (error instanceof InfraError) throw error;
        if (deadline.aborted) {
          throw failure('web.timeout', `GET ${target.shown}: no complete answer within ${request.timeoutMs} ms.`);
        }
        throw translated(brokenFrom(error), target);
      }
    },
  };
}

/** The usual authorities and some more, as OpenSSL wants them. */
function trusting(more: readonly (string | undefined)[]): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), ...more.filter((pem) => pem !== undefined)] });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  const made = new Map<'it', Promise<T>>();
  return () => {
    const found = made.get('it') ?? make();
    made.set('it', found);
    return found;
  };
}

async function readAuthorities(file: string | undefined): Promise<string | undefined> {
  if (file === undefined || file === '') return undefined;
  // Node itself only warns about a file that cannot be read; a certificate that is then not trusted is reported.
  return await readFile(file, 'utf8').catch(() => undefined);
}

function headersOf(request: WebRequest, target: WebTarget, version: string): Record<string, string> {
  const refused = Object.keys(request.headers ?? {}).find((name) => CREDENTIALS.test(name));
  if (refused !== undefined) throw new TypeError(`The header ${refused} is not for a request that anybody may answer.`);
  return {
    accept: 'text/html, */*;q=0.5',
    'accept-encoding': 'identity',
    'user-agent': `infra/${version} (diagnosis)`,
    ...request.headers,
    host: target.url.host,
  };
}

async function send(
  request: WebRequest,
  target: WebTarget,
  headers: Record<string, string>,
  secureContext: SecureContext,
  signals: readonly AbortSignal[],
): Promise<WebAnswer> {
  const started = performance.now();
  const { host, port, url } = target;
  const common = { host, port, headers, method: 'GET', path: `${url.pathname}${url.search}` } as const;
  const limits = { signal: AbortSignal.any([...signals]), maxHeaderSize: MAX_HEADER_BYTES };
  // Certificates are an observation here; see `Web`. No credential travels with the request.
  const secure = {
    servername: target.servername ?? '',
    rejectUnauthorized: false,
    secureContext,
  };
  const tunnel = await request.tunnel?.open();
  const connection = tunnel === undefined ? { agent: false } : through(tunnel, url.protocol === 'https:', secure);
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const outgoing =
      url.protocol === 'https:'
        ? https.request({ ...common, ...limits, ...secure, ...connection }, resolve)
        : http.request({ ...common, ...limits, ...connection }, resolve);
    outgoing.on('error', reject);
    outgoing.end();
  });
  const ms = Math.round(performance.now() - started);
  const tls = url.protocol === 'https:' ? { tls: observed(response.socket as TLSSocket) } : {};
  const body = await startOf(response, request.maxBodyBytes ?? MAX_BODY_BYTES);
  const { 'set-cookie': setCookie = [], ...rest } = response.headers;
  const named = Object.entries(rest).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(named), setCookie, ...body, ...tls, ms };
}

/** A request's connection that is there already. */
function through(
  tunnel: Duplex,
  isSecure: boolean,
  secure: ConnectionOptions,
): Pick<https.RequestOptions, 'createConnection'> {
  return { createConnection: () => (isSecure ? connect({ ...secure, socket: tunnel }) : tunnel) };
}

function observed(socket: TLSSocket): WebTls {
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  const names = (certificate.subjectaltname ?? '').split(', ').map((name) => name.replace(/^[^:]*:/, ''));
  const ends = certificate.valid_to === undefined ? Number.NaN : Date.parse(certificate.valid_to);
  // Typed as an Error, but Node has always put the code here as text.
  const reason: unknown = socket.authorizationError;
  return {
    authorized: socket.authorized,
    ...(socket.authorized || reason == null ? {} : { reason: reason instanceof Error ? reason.message : `${reason}` }),
    subjectAltNames: names.filter((name) => name !== ''),
    notAfter: Number.isNaN(ends) ? undefined : new Date(ends).toISOString(),
  };
}

async function startOf(
  response: http.IncomingMessage,
  limit: number,
): Promise<{ readonly body: string; readonly bodyCut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    // Leaving the loop destroys the response and its connection.
    if (size > limit) break;
  }
  const bytes = Buffer.concat(chunks);
  return { body: new TextDecoder().decode(bytes.subarray(0, limit)), bodyCut: size > limit };
}

function translated(error: ExchangeError, target: WebTarget): InfraError {
  const code =
    error.failure === 'tls' ? 'web.tls' : error.failure === 'malformed' ? 'web.malformed' : 'web.unreachable';
  return failure(code, `GET ${target.shown}: ${error.message}.`);
}

function failure(code: string, message: string): InfraError {
  return new InfraError(code, 'unavailable', message);
}
