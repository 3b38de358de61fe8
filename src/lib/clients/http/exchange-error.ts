/** Why an exchange gave no answer. `lost` is a connection that broke or was refused: asking again may help. */
export type ExchangeFailure = 'timeout' | 'lost' | 'tls' | 'unresolved' | 'too-large' | 'malformed' | 'failed';

/**
 * No usable answer. The message is ours, made from the error's code alone, because Node's own texts can hold what was sent.
 * `sent` says whether the other side may have received the request.
 */
export class ExchangeError extends Error {
  readonly failure: ExchangeFailure;
  readonly sent: boolean;

  constructor(failure: ExchangeFailure, message: string, sent: boolean) {
    super(message);
    this.name = 'ExchangeError';
    this.failure = failure;
    this.sent = sent;
  }
}

type Known = readonly [failure: ExchangeFailure, text: string, sent: boolean];

/** Error codes of Node and libuv and what they mean in words. */
const KNOWN: Readonly<Record<string, Known>> = {
  ECONNREFUSED: ['lost', 'connection refused', false],
  ECONNRESET: ['lost', 'the connection was lost before the answer was complete', true],
  EPIPE: ['lost', 'the connection was lost while sending', true],
  ETIMEDOUT: ['lost', 'the connection timed out', false],
  EHOSTUNREACH: ['lost', 'no route to the host', false],
  ENETUNREACH: ['lost', 'the network is unreachable', false],
  EAI_AGAIN: ['lost', 'the name could not be looked up just now', false],
  ENOTFOUND: ['unresolved', 'the name does not exist in DNS', false],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'the certificate is for another name', false],
  CERT_HAS_EXPIRED: ['tls', 'the certificate has expired', false],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', 'the certificate is self-signed and not trusted', false],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls', 'the certificate comes from an authority that is not trusted', false],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls', 'the certificate comes from an authority that is not trusted', false],
  UNABLE_TO_GET_ISSUER_CERT: ['tls', 'the certificate comes from an authority that is not trusted', false],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', 'the certificate comes from an authority that is not trusted', false],
};

/** Turns an error of node:http(s) into ours, keeping its code and nothing else of it. */
export function brokenFrom(error: unknown): ExchangeError {
  const code = codeOf(error);
  const known = KNOWN[code];
  if (known !== undefined) return new ExchangeError(known[0], `${known[1]} (${code})`, known[2]);
  if (code.startsWith('HPE_')) return new ExchangeError('malformed', `the answer is not HTTP (${code})`, true);
  if (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_TO)/.test(code)) {
    return new ExchangeError('tls', `the TLS connection could not be made (${code})`, false);
  }
  return new ExchangeError('failed', `the request failed (${code})`, true);
}

/** The code of an error; of several connection attempts at once (IPv6 and IPv4) the first one's. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : typeof error;
}
