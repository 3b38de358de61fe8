/** Types of records that can be asked for. */
export type DnsType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR' | 'CNAME' | 'NS';

/** One question. */
export type DnsQuestion = {
  /** A name; for PTR an address or its name below `arpa`. No search list is applied. */
  readonly name: string;
  readonly type: DnsType;
  /** `host[:port]` of the server to ask, an address; left out: the system's servers. */
  readonly server?: string;
  readonly timeoutMs: number;
};

/**
 * What came back. That a name does not exist and that it has no record of the type are answers, and different ones.
 * Records are text: addresses, names, `10 mail.example.com` for MX, the joined strings of each TXT.
 */
export type DnsAnswer =
  | { readonly state: 'answer'; readonly records: readonly string[] }
  | { readonly state: 'nxdomain' }
  | { readonly state: 'no-data' };

/**
 * Questions to name servers, nothing cached, hosts file not read. Errors (69): `dns.unreachable`, `dns.timeout`,
 * `dns.refused`, `dns.servfail`, `dns.malformed`; `dns.bad-server` (78), `network.not-loopback` (78).
 */
export type Dns = { resolve(question: DnsQuestion): Promise<DnsAnswer> };
