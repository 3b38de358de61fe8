/** One JSON request with any certificate authority and client certificate, which `fetch` cannot do. */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';

export interface Answer {
  status: number;
  /** The parsed body; undefined where there was none, the text where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into foreign documents
  body: any;
  /** The body as it came, for numbers that JavaScript cannot hold. */
  text: string;
}

export interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** A JSON text to send as it is, instead of `body`. */
  raw?: string;
  ca?: string;
  cert?: string;
  key?: string;
}

export function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const body = asking.raw ?? (asking.body === undefined ? undefined : JSON.stringify(asking.body));
  const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...asking.headers };
  const options = {
    method: asking.method ?? 'GET',
    headers,
    ca: asking.ca,
    cert: asking.cert,
    key: asking.key,
    timeout: 60_000,
  };
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? secure : plain)(url, { ...options, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => resolve(answered(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
    });
    request.once('timeout', () => request.destroy(new Error(`${url} did not answer`)));
    request.once('error', reject);
    request.end(body);
  });
}

function answered(status: number, text: string): Answer {
  return { status, text, body: text === '' ? undefined : parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
