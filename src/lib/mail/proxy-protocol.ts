/** One end of the connection that a PROXY header claims. */
export type ProxyEnd = { readonly address: string; readonly port: number };

/** The connection that the header claims to forward. Both ends are of one family. */
export type ProxyClaim = { readonly source: ProxyEnd; readonly destination: ProxyEnd };

/** The first twelve bytes of every header of version 2. */
const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a] as const;
/** Version 2, command PROXY. LOCAL (0x20) is never sent: it makes Postfix's smtpd die where it expects an address. */
const VERSION_AND_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

/**
 * The addresses that probes claim to come from: those kept for documentation (RFC 5737, RFC 3849), which no sender can
 * have, so that a log tells probes from mail.
 */
export const CLAIMED = { ipv4: '192.0.2.250', ipv6: '2001:db8::250', port: 50_250 } as const;

/** The claim of a probe that has reached `destination`. */
export function probeClaim(destination: ProxyEnd): ProxyClaim {
  const known = unmapped(destination.address);
  const isV6 = ipv6Bytes(known) !== undefined;
  // A name that another host has looked up: its address is not known here, and any will do.
  const address = isV6 || ipv4Bytes(known) !== undefined ? known : CLAIMED.ipv4;
  return {
    source: { address: isV6 ? CLAIMED.ipv6 : CLAIMED.ipv4, port: CLAIMED.port },
    destination: { ...destination, address },
  };
}

/**
 * A header of the PROXY protocol, version 2, command PROXY, for TCP over IPv4 (28 bytes) or IPv6 (52 bytes), without TLVs.
 * Source: HAProxy, doc/proxy-protocol.txt, section 2.2. Throws TypeError for what is no address or port, and for ends of
 * different families: such a header must not exist.
 */
export function proxyHeader({ source, destination }: ProxyClaim): Uint8Array {
  const v4 = [ipv4Bytes(source.address), ipv4Bytes(destination.address)];
  const v6 = [ipv6Bytes(source.address), ipv6Bytes(destination.address)];
  const isV4 = v4.every((bytes) => bytes !== undefined);
  const addresses = isV4 ? v4 : v6;
  if (!isV4 && !v6.every((bytes) => bytes !== undefined)) {
    throw new TypeError(`No PROXY header for ${source.address} and ${destination.address}: not two of one family.`);
  }
  const body = [
    ...addresses.flatMap((bytes) => bytes ?? []),
    ...portBytes(source.port),
    ...portBytes(destination.port),
  ];
  return Uint8Array.from([
    ...SIGNATURE,
    VERSION_AND_PROXY,
    isV4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6,
    ...bigEndian(body.length),
    ...body,
  ]);
}

/** `::ffff:10.0.0.1` is an IPv4 connection on a socket for both families. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function bigEndian(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}

function portBytes(port: number): readonly number[] {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new TypeError(`${port} is not a port.`);
  return bigEndian(port);
}

function ipv4Bytes(address: string): readonly number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined;
  const bytes = address.split('.').map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** RFC 4291, section 2.2: eight groups, one run of zeros as `::`, the last two groups possibly as IPv4; no zone. */
function ipv6Bytes(address: string): readonly number[] | undefined {
  const mapped = address.replace(/:(\d+\.\d+\.\d+\.\d+)$/, (whole, dotted: string) => {
    const bytes = ipv4Bytes(dotted);
    if (bytes === undefined) return whole;
    const hex = (at: number): string => (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16);
    return `:${hex(0)}:${hex(2)}`;
  });
  const halves = mapped.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.flatMap((group) => bigEndian(Number.parseInt(group, 16)));
}
