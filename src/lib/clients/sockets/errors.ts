import { InfraError } from '../../errors.ts';

/** Codes of Node and libuv for what can happen to a connection, and ours. */
const KNOWN: Readonly<Record<string, readonly [code: string, words: string]>> = {
  ECONNREFUSED: ['sockets.refused', 'connection refused'],
  ETIMEDOUT: ['sockets.timeout', 'the connection timed out'],
  EHOSTUNREACH: ['sockets.unreachable', 'no route to the host'],
  EHOSTDOWN: ['sockets.unreachable', 'the host is down'],
  ENETUNREACH: ['sockets.no-network', 'this machine has no route there'],
  EADDRNOTAVAIL: ['sockets.no-network', 'this machine has no address of that family'],
  EAFNOSUPPORT: ['sockets.no-network', 'this machine does not know that family of addresses'],
  ENOTFOUND: ['sockets.unresolved', 'the name does not exist in DNS'],
  EAI_AGAIN: ['sockets.unresolved', 'the name could not be looked up just now'],
  ECONNRESET: ['sockets.closed', 'the other side reset the connection'],
  EPIPE: ['sockets.closed', 'the other side had closed the connection'],
  ERR_STREAM_DESTROYED: ['sockets.closed', 'the connection had been closed'],
  ERR_STREAM_PREMATURE_CLOSE: ['sockets.closed', 'the other side closed the connection'],
};

/** An error of this client. */
export function socketError(code: string, shown: string, words: string): InfraError {
  return new InfraError(code, 'unavailable', `${shown}: ${words}.`);
}

/** Turns an error of node:net or node:tls into ours, keeping its code and nothing else of it. */
export function translated(error: unknown, shown: string): InfraError {
  if (error instanceof InfraError) return error;
  const code = codeOf(error);
  const known = KNOWN[code];
  if (known !== undefined) return socketError(known[0], shown, known[1]);
  if (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_TO)/.test(code)) {
    return socketError('sockets.tls', shown, `the TLS handshake failed (${code})`);
  }
  return socketError('sockets.failed', shown, `the connection failed (${code})`);
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : typeof error;
}
