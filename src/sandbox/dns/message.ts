/** Numbers of the record types that the stand-in knows (RFC 1035, RFC 3596). */
export const TYPES = { A: 1, NS: 2, CNAME: 5, PTR: 12, MX: 15, TXT: 16, AAAA: 28 } as const;

/** A type of record by name. */
export type DnsType = keyof typeof TYPES;

/** A question as it came: its bytes are sent back with the answer. */
export type Query = { readonly id: number; readonly name: string; readonly type: number; readonly question: Buffer };

/** Reads the header and the one question of a query; undefined for what is no query. */
export function readQuery(message: Buffer): Query | undefined {
  if (message.length < 17 || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    if (length === 0) break;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  if (message.length < at + 5) return undefined;
  const question = message.subarray(12, at + 5);
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at + 1),
    question,
  };
}

/** One record of an answer; `value` in the text form of a zone file. */
export type Record = { readonly name: string; readonly type: DnsType; readonly value: string };

/** A response. `code` is the RCODE: 0 no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
export function writeAnswer(query: Query, code: number, records: readonly Record[]): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(query.id, 0);
  // Response, recursion desired and available.
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.question, ...records.map(encode)]);
}

function encode({ name, type, value }: Record): Buffer {
  const data = dataOf(type, value);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(TYPES[type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(60, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameOf(name), fixed, data]);
}

function nameOf(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function dataOf(type: DnsType, value: string): Buffer {
  switch (type) {
    case 'A':
      return Buffer.from(value.split('.').map(Number));
    case 'AAAA':
      return ipv6(value);
    case 'MX': {
      const [priority = '0', exchange = ''] = value.split(' ');
      const number = Buffer.alloc(2);
      number.writeUInt16BE(Number(priority), 0);
      return Buffer.concat([number, nameOf(exchange)]);
    }
    case 'TXT': {
      const parts = value.match(/[\s\S]{1,255}/g) ?? [''];
      return Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length]), Buffer.from(part, 'latin1')]));
    }
    default:
      return nameOf(value);
  }
}

function ipv6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 255]));
}
