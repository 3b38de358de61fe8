import { Agent, request } from 'node:http';
import type { Send } from './exchange.ts';

/** A keep-alive client for one stand-in. Node's own http: it starts faster than fetch. Errors: Node's network errors. */
export function sendOver(base: string, standing: Readonly<Record<string, string>>): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  return (method, path, body = '', headers = {}) =>
    new Promise((resolve, reject) => {
      const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const type = body === '' ? {} : { 'content-type': 'application/json' };
      const outgoing = request(
        `${base}${path}`,
        { method, agent, headers: { ...type, ...length, ...standing, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}
