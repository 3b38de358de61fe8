import { randomUUID } from 'node:crypto';
import { escapeHtml, writeGoJson } from '../exact-json.ts';
import { type Answer, jsonAnswer } from '../http/exchange.ts';

/** What a successful answer carries. `auth` is written in the order given, `data` with sorted keys, as Vault does. */
export type Success = {
  readonly data?: unknown;
  readonly auth?: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly string[];
  readonly mountType?: string;
  readonly leaseDuration?: number;
  readonly leaseId?: string;
  /** Repeat the keys of `data` at top level, as the older `sys` routes do. */
  readonly inTopLevel?: boolean;
};

/** A 200 in the envelope of every Vault answer. */
export function success(parts: Success, status = 200): Answer {
  const data = parts.data === undefined ? 'null' : writeGoJson(parts.data);
  const fields = [
    `"request_id":"${randomUUID()}"`,
    `"lease_id":${JSON.stringify(parts.leaseId ?? '')}`,
    '"renewable":false',
    `"lease_duration":${parts.leaseDuration ?? 0}`,
    `"data":${data}`,
    '"wrap_info":null',
    `"warnings":${parts.warnings === undefined ? 'null' : writeGoJson(parts.warnings)}`,
    `"auth":${parts.auth === undefined ? 'null' : escapeHtml(JSON.stringify(parts.auth))}`,
    `"mount_type":"${parts.mountType ?? ''}"`,
  ];
  const top = parts.inTopLevel === true && data !== '{}' ? `${data.slice(1, -1)},` : '';
  return jsonAnswer(status, `{${top}${fields.join(',')}}`, { 'cache-control': 'no-store' });
}

/** 204 without a body. */
export function noContent(): Answer {
  return { status: 204, headers: { 'cache-control': 'no-store' }, body: '' };
}

/** An error body. A missing secret is `failure(404)`: an empty list. */
export function failure(status: number, ...errors: readonly string[]): Answer {
  return jsonAnswer(status, `{"errors":${writeGoJson(errors)}}`, { 'cache-control': 'no-store' });
}

/** An error that came up through Vault's router, which counts it. */
export function counted(status: number, ...errors: readonly string[]): Answer {
  const head = errors.length === 1 ? '1 error occurred:' : `${errors.length} errors occurred:`;
  return failure(status, `${head}\n${errors.map((error) => `\t* ${error}\n`).join('')}\n`);
}

/** 405 for an operation that the path knows nothing of. */
export function unsupportedOperation(): Answer {
  return counted(405, 'unsupported operation');
}

/** 404 for a path that the engine knows nothing of. */
export function unsupportedPath(): Answer {
  return counted(404, 'unsupported path');
}
