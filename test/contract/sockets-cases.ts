import { expect } from 'vitest';
import type { Sockets } from '../../src/lib/clients/sockets/client.ts';
import { failsWith } from './vault-case.ts';

/** What the other side of a case does once somebody has connected. */
export type SocketScript =
  | { readonly says: readonly string[]; readonly end?: 'close' | 'reset-when-heard' | 'wait' }
  | 'tls'
  | 'tls-then-says';

/** What a case gets: a server on loopback that plays a script, and what it has heard. */
export type SocketsEnv = {
  readonly sockets: Sockets;
  /** A client that knows the server's authority from NODE_EXTRA_CA_CERTS. */
  readonly trusting: Sockets;
  readonly port: number;
  /** A port where nothing listens. */
  readonly closedPort: number;
  readonly play: (script: SocketScript) => void;
  readonly heard: () => string;
  readonly connections: () => number;
};

export type SocketsCase = { readonly name: string; run(env: SocketsEnv): Promise<unknown> };

const LINE = { timeoutMs: 20_000, maxBytes: 100 };
const HOST = '127.0.0.1';

/** Connections as whoever judges a protocol needs them. */
export const socketsCases: readonly SocketsCase[] = [
  {
    name: 'lines come one by one, with CRLF or LF, and the last one also without',
    async run({ sockets, port, play }) {
      play({ says: ['one\r\ntw', 'o\nthree'], end: 'close' });
      const connection = await sockets.connect({ host: HOST, port, timeoutMs: 20_000 });
      const lines = [];
      for (let at = 0; at < 4; at += 1) lines.push(await connection.readLine(LINE));
      expect(lines).toEqual(['one', 'two', 'three', undefined]);
      expect(connection.received).toBe('one\r\ntwo\nthree'.length);
      expect(connection.remote).toEqual({ address: HOST, port, family: 4 });
      connection.close();
    },
  },
  {
    name: 'what is written is counted and arrives; one connection is one connection',
    async run({ sockets, port, play, heard, connections }) {
      play({ says: ['hello\r\n'], end: 'wait' });
      const connection = await sockets.connect({ host: HOST, port, timeoutMs: 20_000 });
      await connection.write('EHLO x\r\n');
      await connection.write(Uint8Array.from([0x51]));
      await expect.poll(heard).toBe('EHLO x\r\nQ');
      expect(connection.sent).toBe(9);
      expect(connections()).toBe(1);
      connection.close();
      connection.close();
    },
  },
  {
    name: 'nothing listens: refused',
    run: ({ sockets, closedPort }) =>
      failsWith(sockets.connect({ host: HOST, port: closedPort, timeoutMs: 20_000 }), 'sockets.refused'),
  },
  {
    name: 'a name that is not this machine is not even looked up in a rehearsal',
    run: ({ sockets, port }) =>
      failsWith(sockets.connect({ host: 'nobody.localhost.invalid', port, timeoutMs: 20_000 }), 'network.not-loopback'),
  },
  {
    name: 'silence: timeout, and the connection is still there',
    async run({ sockets, port, play }) {
      play({ says: [], end: 'wait' });
      const connection = await sockets.connect({ host: HOST, port, timeoutMs: 20_000 });
      await failsWith(connection.readLine({ timeoutMs: 50, maxBytes: 100 }), 'sockets.timeout');
      await connection.write('still here\r\n');
      connection.close();
    },
  },
  {
    name: 'a line beyond its limit is an error, not memory',
    async run({ sockets, port, play }) {
      play({ says: ['x'.repeat(5000)], end: 'wait' });
      const connection = await sockets.connect({ host: HOST, port, timeoutMs: 20_000 });
      await failsWith(connection.readLine(LINE), 'sockets.line-too-long');
      connection.close();
    },
  },
  {
    name: 'a reset is an end',
    async run({ sockets, port, play }) {
      play({ says: [], end: 'reset-when-heard' });
      const connection = await sockets.connect({ host: HOST, port, timeoutMs: 20_000 });
      await connection.write('hello\r\n');
      expect(await connection.readLine(LINE)).toBeUndefined();
      connection.close();
    },
  },
  {
    name: 'a certificate that nobody here trusts is an answer, with its reason and its names',
    async run({ sockets, port, play }) {
      play('tls-then-says');
      const connection = await sockets.connect({ host: HOST, port, timeoutMs: 20_000 });
      const facts = await connection.startTls({ serverName: 'mail.sandbox.test', timeoutMs: 20_000 });
      expect(facts).toMatchObject({ trusted: false, nameMatches: true, protocol: expect.stringMatching(/^TLSv1/) });
      expect(facts.reason).toMatch(/^UNABLE_TO_/);
      expect(facts.certificate.names).toContain('*.sandbox.test');
      expect(facts.certificate.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(await connection.readLine(LINE)).toBe('inside');
      connection.close();
    },
  },
  {
    name: 'the authorities of the site count, and the name is judged apart from them',
    async run({ trusting, port, play }) {
      play('tls');
      const connection = await trusting.connect({ host: HOST, port, timeoutMs: 20_000 });
      const facts = await connection.startTls({ serverName: 'mail.elsewhere.test', timeoutMs: 20_000 });
      expect(facts).toMatchObject({ trusted: true, nameMatches: false });
      expect(facts.reason).toBeUndefined();
      connection.close();
    },
  },
  {
    name: 'no TLS on the other side: tls, closed, or too much said before',
    async run({ sockets, port, play }) {
      play({ says: ['220 not TLS\r\n'], end: 'wait' });
      const connection = await sockets.connect({ host: HOST, port, timeoutMs: 20_000 });
      await expect(connection.startTls({ serverName: 'mail.sandbox.test', timeoutMs: 500 })).rejects.toMatchObject({
        code: expect.stringMatching(/^sockets\.(tls|early-data)$/),
      });
      connection.close();
    },
  },
  {
    name: 'no other machine is dialled in a rehearsal',
    run: ({ sockets }) =>
      failsWith(sockets.connect({ host: '192.0.2.1', port: 25, timeoutMs: 500 }), 'network.not-loopback'),
  },
];
