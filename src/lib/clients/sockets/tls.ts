import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { ShownCertificate, TlsFacts } from './client.ts';
import { socketError, translated } from './errors.ts';

/** Beyond this a chain is not followed: a server may send anything. */
const MAX_CHAIN = 10;

/**
 * The authorities of this machine and those of the site (NODE_EXTRA_CA_CERTS), made into a context once: parsing a
 * hundred certificates for every connection would take longer than the connections.
 */
export async function trustedContext(file: string | undefined): Promise<SecureContext | undefined> {
  if (file === undefined || file === '') return undefined;
  // Node itself only warns about a file that cannot be read; a certificate that is then not trusted is reported.
  const extra = await readFile(file, 'utf8').catch(() => undefined);
  return extra === undefined ? undefined : createSecureContext({ ca: [...getCACertificates('default'), extra] });
}

/** A handshake to start on an open socket. */
export type Handshake = {
  readonly socket: Duplex;
  readonly serverName: string;
  readonly timeoutMs: number;
  readonly context: SecureContext | undefined;
  readonly shown: string;
};

/** Shakes hands whatever the certificate is, and says what it is. No credential follows on such a connection. */
export async function handshake(one: Handshake): Promise<{ readonly socket: TLSSocket; readonly facts: TlsFacts }> {
  const gone = 'the other side closed the connection during the TLS handshake';
  if (one.socket.readableEnded || one.socket.destroyed) throw socketError('sockets.closed', one.shown, gone);
  const socket = connect({
    // As a stream, not as a socket whose handle is taken over: an end that came before would be lost with the handle.
    socket: Duplex.from({ readable: one.socket, writable: one.socket }),
    // An address is no name to ask for: RFC 6066, section 3.
    ...(isIP(one.serverName) === 0 ? { servername: one.serverName } : {}),
    rejectUnauthorized: false,
    ...(one.context === undefined ? {} : { secureContext: one.context }),
  });
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      one.socket.off('end', onClose);
      socket.off('secureConnect', onSecure).off('close', onClose).off('error', settle);
      // Whoever reads next is told; an error that comes in between must not end the process.
      socket.on('error', () => undefined);
      if (error === undefined) resolve();
      else reject(translated(error, one.shown));
    };
    const onSecure = (): void => settle();
    const onClose = (): void => settle(socketError('sockets.closed', one.shown, gone));
    const timer = setTimeout(
      () => settle(socketError('sockets.timeout', one.shown, 'the TLS handshake was not complete in time')),
      one.timeoutMs,
    );
    socket.on('secureConnect', onSecure).on('close', onClose).on('error', settle);
    one.socket.on('end', onClose);
  });
  return { socket, facts: factsOf(socket, one.serverName) };
}

function factsOf(socket: TLSSocket, serverName: string): TlsFacts {
  const certificate = socket.getPeerCertificate(true);
  // Typed as an Error, but Node puts OpenSSL's code here as text, or its own code for a name that does not match.
  const raw: unknown = socket.authorizationError;
  const code = raw instanceof Error ? ((raw as NodeJS.ErrnoException).code ?? raw.message) : raw;
  const chainReason = typeof code === 'string' && code !== 'ERR_TLS_CERT_ALTNAME_INVALID' ? code : undefined;
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher()?.standardName ?? 'unknown',
    trusted: chainReason === undefined,
    ...(chainReason === undefined ? {} : { reason: chainReason }),
    nameMatches: checkServerIdentity(serverName, certificate) === undefined,
    certificate: shownCertificate(certificate),
  };
}

function shownCertificate(certificate: DetailedPeerCertificate): ShownCertificate {
  const names = (certificate.subjectaltname ?? '').split(', ').map((name) => name.replace(/^[^:]*:/, ''));
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: names.filter((name) => name !== ''),
    notBefore: isoOf(certificate.valid_from),
    notAfter: isoOf(certificate.valid_to),
    fingerprint: (certificate.fingerprint256 ?? '').replaceAll(':', '').toLowerCase(),
    chainLength: chainLength(certificate),
  };
}

/** The common name, else the organisation, of a subject that may have neither, or several. */
function nameOf(subject: { readonly CN?: unknown; readonly O?: unknown } | undefined): string {
  return [subject?.CN ?? subject?.O ?? ''].flat().map(String).join(', ');
}

function isoOf(time: string | undefined): string | undefined {
  const at = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

function chainLength(leaf: DetailedPeerCertificate): number {
  const seen = new Set<string>();
  let next: DetailedPeerCertificate | undefined = leaf;
  while (next?.fingerprint256 !== undefined && !seen.has(next.fingerprint256) && seen.size < MAX_CHAIN) {
    seen.add(next.fingerprint256);
    next = next.issuerCertificate;
  }
  return seen.size;
}
