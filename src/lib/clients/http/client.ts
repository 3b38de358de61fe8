import type { Secret } from '../../secrets/secret.ts';

/** One request to a JSON API. `token` becomes `Authorization: <scheme> <token>`. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly token?: { readonly scheme: 'Bearer' | 'token'; readonly value: Secret };
  readonly body?: unknown;
  /** Sent as it is, as text/plain, instead of `body`. */
  readonly text?: string;
  readonly timeoutMs?: number;
};

/** An answer whose body was JSON (undefined for an empty one). */
export type HttpAnswer = { readonly status: number; readonly body: unknown };

/**
 * JSON over HTTP for Authentik, Forgejo and Cloudflare. Redirects are not followed.
 * Errors: `http.unreachable` (69), `http.timeout` (69), `http.not-json` (69), `http.forbidden` (69: 401 or 403 without JSON),
 * `http.redirected` (69). 4xx and 5xx with JSON are values.
 */
export type Http = { json(request: HttpRequest): Promise<HttpAnswer> };
