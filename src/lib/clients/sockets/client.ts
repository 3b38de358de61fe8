/** One end of a connection. */
export type Endpoint = { readonly address: string; readonly port: number; readonly family: 4 | 6 };

/** A server to connect to, by address or name. */
export type Destination = {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Connect from this host, as ssh knows it, instead of from here. Errors of ssh then too. */
  readonly from?: string;
};

/** A certificate as a server showed it. Times are ISO 8601. */
export type ShownCertificate = {
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses of the subject alternative name, without `DNS:` and the like. */
  readonly names: readonly string[];
  readonly notBefore: string | undefined;
  readonly notAfter: string | undefined;
  /** SHA-256 over the whole certificate, in lower-case hex. */
  readonly fingerprint: string;
  /** How many certificates the server sent or the chain was completed with, its own included. */
  readonly chainLength: number;
};

/**
 * What a TLS handshake showed. Trust is a value and not an error: a mail client that accepts any certificate is exactly
 * what a wrong one goes unnoticed by. `reason` is OpenSSL's code, `CERT_HAS_EXPIRED`; the name is judged apart from it.
 */
export type TlsFacts = {
  readonly protocol: string;
  readonly cipher: string;
  readonly trusted: boolean;
  readonly reason?: string;
  readonly nameMatches: boolean;
  readonly certificate: ShownCertificate;
};

/** A line wanted from the other side. Its end is CRLF or LF. */
export type LineRequest = { readonly timeoutMs: number; readonly maxBytes: number };

/** An open connection. Bytes are counted as they cross this side of TLS, without TLS's own. */
export type Connection = {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly sent: number;
  readonly received: number;
  /** Hands the bytes to the system in one write. */
  write(bytes: Uint8Array | string): Promise<void>;
  /**
   * The next line as Latin-1 without its end, or undefined when the other side has closed; what stood before the close
   * without a line end is a line too. Errors: `sockets.timeout`, `sockets.line-too-long`.
   */
  readLine(request: LineRequest): Promise<string | undefined>;
  /**
   * Speaks TLS from here on. Errors: `sockets.timeout`, `sockets.tls`, `sockets.closed`, `sockets.early-data` (the server
   * had sent more before TLS, which must not count as said inside it).
   */
  startTls(options: { readonly serverName: string; readonly timeoutMs: number }): Promise<TlsFacts>;
  /** Ends it at once; calling it again is fine. */
  close(): void;
};

/**
 * TCP and TLS, line by line, for protocols whose wire is what is asked about. No credential ever goes this way. Errors,
 * all 69: `sockets.refused`, `sockets.timeout`, `sockets.unreachable` (no route to that host), `sockets.no-network` (this machine
 * has no route or no address of that family), `sockets.unresolved`, `sockets.closed` (also reset), `sockets.failed`;
 * and `network.not-loopback` (78).
 */
export type Sockets = { connect(destination: Destination): Promise<Connection> };
