import type { Duplex } from 'node:stream';

/** One GET, as a visitor without any cookie or credential would send it. */
export type WebRequest = {
  readonly url: string;
  /** Dial this `host[:port]` instead of what the URL names; the Host header and the TLS name stay the URL's. */
  readonly connectTo?: string;
  /** Goes through this instead of dialling; Host header and TLS name stay the URL's. `by` says where it leads, for messages. */
  readonly tunnel?: { readonly by: string; open(): Promise<Duplex> };
  /** Extra headers. Credentials are refused: what is asked here may be answered by anybody. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for everything from the first packet to the last byte that is read. */
  readonly timeoutMs: number;
  /** How much of the body is read, default 64 KiB; the rest is never fetched. */
  readonly maxBodyBytes?: number;
  /** PEM of an authority to trust besides the usual ones. */
  readonly ca?: string;
  readonly signal?: AbortSignal;
};

/** What was seen of the server's certificate. It is an observation: a bad one is answered all the same. */
export type WebTls = {
  readonly authorized: boolean;
  /** OpenSSL's or Node's code, e.g. `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`. */
  readonly reason?: string;
  readonly subjectAltNames: readonly string[];
  /** When it ends, ISO 8601. */
  readonly notAfter: string | undefined;
};

/** An answer. Redirects and every status are values. */
export type WebAnswer = {
  readonly status: number;
  /** Lower-case names; repeated ones joined with `, `. `set-cookie` is in `setCookie` only. */
  readonly headers: Readonly<Record<string, string>>;
  /** `Set-Cookie` lines as they came. */
  readonly setCookie: readonly string[];
  /** The start of the body as text; bytes that are not UTF-8 are replaced. */
  readonly body: string;
  /** True when the body was longer than what was read. */
  readonly bodyCut: boolean;
  readonly tls?: WebTls;
  /** Milliseconds until the head of the answer. */
  readonly ms: number;
};

/**
 * The web as a visitor sees it, without following redirects, without retry and without proxy (a proxy would be another
 * path than the one that is asked about). Certificates are reported, not enforced, and therefore nothing secret is sent.
 * Errors: `web.unreachable`, `web.timeout`, `web.tls`, `web.malformed` (all 69), `web.bad-address` (78),
 * `network.not-loopback` (78).
 */
export type Web = { get(request: WebRequest): Promise<WebAnswer> };
