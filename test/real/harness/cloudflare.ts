/**
 * The part of Cloudflare's API that the stacks use: the DNS records of one zone. It runs inside the test process, so whoever
 * calls stacks must not block it (no spawnSync).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from './ports.ts';

interface DnsRecord {
  id: string;
  type: string;
  name: string;
  content: string;
  proxied: boolean;
  ttl: number;
}

export interface Cloudflare {
  /** http://127.0.0.1:PORT, without /client/v4. */
  url: string;
  zone: string;
  domain: string;
  token: string;
  records: Map<string, DnsRecord>;
  stop(): Promise<void>;
}

export async function startCloudflare(domain = 'example.test'): Promise<Cloudflare> {
  const zone = '023e105f4ecef8ad9ca31a8372d0c353';
  const token = 'cloudflare-token';
  const records = new Map<string, DnsRecord>();
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, body } = answer(request, Buffer.concat(chunks).toString());
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  function answer(request: IncomingMessage, text: string): { status: number; body: unknown } {
    if (request.headers.authorization !== `Bearer ${token}`) return failure(403, 10000, 'Authentication error');
    const url = new URL(request.url ?? '/', 'http://cloudflare');
    const [, inZone, id] = /^\/client\/v4\/zones\/([^/]+)\/dns_records(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (inZone !== zone) return failure(404, 7003, 'Could not route to this path');
    if (request.method === 'GET') return list(url);
    if (request.method === 'POST') return create(JSON.parse(text));
    if (request.method === 'DELETE' && id !== undefined && records.delete(id)) return success({ id });
    return failure(404, 81044, 'Record does not exist.');
  }

  function list(url: URL): { status: number; body: unknown } {
    const name = url.searchParams.get('name');
    const found = [...records.values()].filter((record) => name === null || record.name === name);
    return success(found, { page: 1, per_page: 100, count: found.length, total_count: found.length, total_pages: 1 });
  }

  function create(wanted: Partial<DnsRecord>): { status: number; body: unknown } {
    const { type = 'CNAME', name = '', content = '', proxied = false, ttl = 1 } = wanted;
    const full = name === domain || name.endsWith(`.${domain}`) ? name : `${name}.${domain}`;
    if ([...records.values()].some((record) => record.name === full))
      return failure(400, 81053, 'A record with that host already exists.');
    const id = (records.size + 1).toString(16).padStart(32, '0');
    const record = { id, type, name: full, content, proxied, ttl };
    records.set(id, record);
    return success(record);
  }

  const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${portOf(server)}`, zone, domain, token, records, stop };
}

function success(result: unknown, info?: unknown): { status: number; body: unknown } {
  return {
    status: 200,
    body: { result, success: true, errors: [], messages: [], ...(info === undefined ? {} : { result_info: info }) },
  };
}

function failure(status: number, code: number, message: string): { status: number; body: unknown } {
  return { status, body: { result: null, success: false, errors: [{ code, message }], messages: [] } };
}
