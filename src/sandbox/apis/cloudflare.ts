import { randomBytes } from 'node:crypto';
import { type Answer, type Handle, jsonAnswer } from '../http/exchange.ts';

/** A DNS record as Cloudflare keeps it. */
export type DnsRecord = Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string };

/** Cloudflare's API v4, DNS records only. `token` is the bearer token that it takes. */
export function createCloudflare(records: Map<string, DnsRecord>, token: string): Handle {
  return (ask) => {
    if (ask.headers.authorization !== `Bearer ${token}`) return failure(403, 9109, 'Invalid access token');
    const [, zone, id] = /^\/client\/v4\/zones\/([^/]+)\/dns_records(?:\/([^/]+))?$/.exec(ask.path) ?? [];
    if (zone === undefined)
      return failure(404, 7003, 'Could not route to the path, perhaps your object identifier is invalid?');
    const body = ask.body === '' ? {} : (JSON.parse(ask.body) as Record<string, unknown>);
    if (id === undefined) {
      if (ask.method === 'POST') return create(records, zone, body);
      return list(records, ask.query);
    }
    const known = records.get(id);
    if (known === undefined) return failure(404, 81_044, 'Record does not exist.');
    switch (ask.method) {
      case 'DELETE':
        records.delete(id);
        return success({ id });
      case 'PUT':
      case 'PATCH': {
        const changed: DnsRecord = { ...known, ...body, id, name: String(body.name ?? known.name) };
        records.set(id, changed);
        return success(changed);
      }
      default:
        return success(known);
    }
  };
}

function create(records: Map<string, DnsRecord>, zone: string, body: Record<string, unknown>): Answer {
  const name = String(body.name);
  if ([...records.values()].some((record) => record.name === name && record.type === body.type)) {
    return failure(400, 81_058, 'An identical record already exists.');
  }
  const record: DnsRecord = {
    ttl: 1,
    ...body,
    id: randomBytes(16).toString('hex'),
    name,
    zone_id: zone,
    proxiable: true,
  };
  records.set(record.id, record);
  return success(record);
}

function list(records: Map<string, DnsRecord>, query: URLSearchParams): Answer {
  const wanted = query.get('name') ?? query.get('name.exact');
  const found = [...records.values()].filter(
    (record) =>
      wanted === null || record.name === wanted || `${record.name}.` === wanted || wanted.startsWith(`${record.name}.`),
  );
  const info = { page: 1, per_page: 100, count: found.length, total_count: found.length, total_pages: 1 };
  return jsonAnswer(200, JSON.stringify({ success: true, errors: [], messages: [], result: found, result_info: info }));
}

function success(result: unknown): Answer {
  return jsonAnswer(200, JSON.stringify({ success: true, errors: [], messages: [], result }));
}

function failure(status: number, code: number, message: string): Answer {
  return jsonAnswer(
    status,
    JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }),
  );
}
