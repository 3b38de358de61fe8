import * as http from 'node:http';
import * as https from 'node:https';
import { brokenFrom, ExchangeError } from './exchange-error.ts';

/** One HTTP request, ready to be sent. `maxBytes` bounds the body of the answer. */
export type Exchange = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Milliseconds for the whole exchange: connecting, sending, and the last byte of the answer. */
  readonly timeoutMs: number;
  readonly agent: http.Agent | https.Agent;
  readonly signal?: AbortSignal | undefined;
  readonly maxBytes?: number;
};

/** An answer whose body arrived whole. `text` is undefined when the bytes are not UTF-8. */
export type Exchanged = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string | undefined;
};

/** Default bound of an answer: far above any document of the platform, far below what would exhaust memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Sends one request and reads the whole answer. Follows no redirect, retries nothing, uses no proxy but the agent's.
 * Errors: ExchangeError, whose text never holds a header, a body or a credential; the signal's reason when aborted.
 */
export async function exchange(request: Exchange): Promise<Exchanged> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signals = request.signal === undefined ? [deadline] : [deadline, request.signal];
  try {
    const response = await send(request, AbortSignal.any(signals));
    return { status: response.statusCode ?? 0, headers: response.headers, text: await readBody(response, request) };
  } catch (error) {
    request.signal?.throwIfAborted();
    if (error instanceof ExchangeError) throw error;
    if (deadline.aborted) throw new ExchangeError('timeout', `no complete answer within ${request.timeoutMs} ms`, true);
    throw brokenFrom(error);
  }
}

function send(request: Exchange, signal: AbortSignal): Promise<http.IncomingMessage> {
  const body = request.body === undefined ? undefined : Buffer.from(request.body, 'utf8');
  const headers: Record<string, string> = { ...request.headers };
  if (body !== undefined) headers['content-length'] = String(body.length);
  const start = request.url.protocol === 'https:' ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const outgoing = start(request.url, { method: request.method, headers, agent: request.agent, signal }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readBody(response: http.IncomingMessage, request: Exchange): Promise<string | undefined> {
  const limit = request.maxBytes ?? MAX_BYTES;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the response and its connection: the rest is never read.
    if (size > limit) throw new ExchangeError('too-large', `the answer is larger than ${limit} bytes`, true);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
}
