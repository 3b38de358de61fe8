import { describe, expect, test } from 'vitest';
import { CLAIMED, probeClaim, proxyHeader } from '../../../src/lib/mail/proxy-protocol.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const SIGNATURE = '0d0a0d0a000d0a515549540a';

describe('a PROXY v2 header, byte for byte', () => {
  test('TCP over IPv4 has 28 bytes', () => {
    const header = proxyHeader({
      source: { address: '192.0.2.250', port: 50_250 },
      destination: { address: '10.0.20.101', port: 30_125 },
    });
    expect(hex(header)).toBe(`${SIGNATURE}2111000cc00002fa0a001465c44a75ad`);
    expect(header).toHaveLength(28);
  });

  test('TCP over IPv6 has 52 bytes', () => {
    const header = proxyHeader({
      source: { address: '2001:db8::250', port: 50_250 },
      destination: { address: '2001:470:6e:43d::2', port: 25 },
    });
    const [source, destination] = ['20010db8000000000000000000000250', '20010470006e043d0000000000000002'];
    expect(hex(header)).toBe(`${SIGNATURE}21210024${source}${destination}c44a0019`);
    expect(header).toHaveLength(52);
  });

  test.each([
    ['::1', '00000000000000000000000000000001'],
    ['fe80::1:2', 'fe800000000000000000000000010002'],
    ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ])('the address %s', (address, bytes) => {
    const end = { address, port: 1 };
    expect(hex(proxyHeader({ source: end, destination: end })).slice(32, 64)).toBe(bytes);
  });
});

describe('what is never sent', () => {
  test('the command is PROXY and the family is known: no LOCAL, no AF_UNSPEC', () => {
    for (const address of ['10.0.20.101', '2001:db8::1', '::ffff:10.0.20.101']) {
      const header = proxyHeader(probeClaim({ address, port: 25 }));
      expect(header[12]).toBe(0x21);
      expect([0x11, 0x21]).toContain(header[13]);
    }
  });

  test.each([
    ['two families', '192.0.2.1', '2001:db8::1'],
    ['a name', '192.0.2.1', 'mail.example.com'],
    ['too large a byte', '192.0.2.1', '10.0.20.256'],
    ['two runs of zeros', '2001::db8::1', '2001:db8::1'],
    ['a zone', '2001:db8::1', 'fe80::1%eth0'],
    ['nothing', '', ''],
  ])('no header for %s', (_, source, destination) => {
    expect(() =>
      proxyHeader({ source: { address: source, port: 1 }, destination: { address: destination, port: 1 } }),
    ).toThrow(TypeError);
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN])('no header for the port %s', (port) => {
    expect(() => proxyHeader(probeClaim({ address: '10.0.20.101', port }))).toThrow(TypeError);
  });
});

test('probes claim addresses that are kept for documentation', () => {
  expect(probeClaim({ address: '10.0.20.101', port: 25 }).source).toEqual({
    address: CLAIMED.ipv4,
    port: CLAIMED.port,
  });
  expect(CLAIMED.ipv4).toMatch(/^192\.0\.2\.\d+$/);
  expect(CLAIMED.ipv6).toMatch(/^2001:db8:/);
  expect(probeClaim({ address: '::ffff:10.0.20.101', port: 25 })).toEqual({
    source: { address: CLAIMED.ipv4, port: CLAIMED.port },
    destination: { address: '10.0.20.101', port: 25 },
  });
});
