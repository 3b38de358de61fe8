import { expect } from 'vitest';
import type { Dns, DnsQuestion } from '../../src/lib/clients/dns/client.ts';
import { failsWith } from './vault-case.ts';

/** How the server of a case behaves. */
export type DnsMode = 'answer' | 'servfail' | 'refused' | 'silent' | 'garbage';

/** Names that the server of every case knows. */
export const ZONE = {
  'www.sandbox.test': { A: ['192.0.2.10', '192.0.2.11'], AAAA: ['2001:db8::10'] },
  'alias.sandbox.test': { CNAME: ['www.sandbox.test'] },
  'away.sandbox.test': { CNAME: ['key.relay.test'] },
  'sandbox.test': { MX: ['10 mail.sandbox.test'], TXT: ['v=spf1 -all', 'x'.repeat(300)], NS: ['ns1.sandbox.test'] },
  '*.wild.sandbox.test': { A: ['192.0.2.20'] },
  '10.2.0.192.in-addr.arpa': { PTR: ['mail.sandbox.test'] },
  '0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': { PTR: ['six.sandbox.test'] },
};

export type DnsCaseEnv = {
  readonly dns: Dns;
  /** The server, `127.0.0.1:port`, and one where nothing listens. */
  readonly server: string;
  readonly closed: string;
  readonly play: (mode: DnsMode) => void;
};

export type DnsCase = { readonly name: string; run(env: DnsCaseEnv): Promise<void> };

/** Questions to a name server. */
export const dnsCases: readonly DnsCase[] = [
  {
    name: 'records of every type',
    async run({ dns, server }) {
      const ask = (name: string, type: DnsQuestion['type']): Promise<unknown> =>
        dns.resolve({ name, type, server, timeoutMs: 5000 });
      const records = (...values: unknown[]): unknown => ({ state: 'answer', records: values });
      expect(await ask('www.sandbox.test', 'A')).toEqual(records('192.0.2.10', '192.0.2.11'));
      expect(await ask('www.sandbox.test', 'AAAA')).toEqual(records('2001:db8::10'));
      expect(await ask('alias.sandbox.test', 'A')).toEqual(records('192.0.2.10', '192.0.2.11'));
      expect(await ask('alias.sandbox.test', 'CNAME')).toEqual(records('www.sandbox.test'));
      expect(await ask('sandbox.test', 'MX')).toEqual(records('10 mail.sandbox.test'));
      expect(await ask('sandbox.test', 'TXT')).toEqual(records('v=spf1 -all', 'x'.repeat(300)));
      expect(await ask('sandbox.test', 'NS')).toEqual(records('ns1.sandbox.test'));
      expect(await ask('any.wild.sandbox.test', 'A')).toEqual(records('192.0.2.20'));
    },
  },
  {
    name: 'an address asked for its name, in both families',
    async run({ dns, server }) {
      const ask = (name: string): Promise<unknown> => dns.resolve({ name, type: 'PTR', server, timeoutMs: 5000 });
      expect(await ask('192.0.2.10')).toMatchObject({ records: ['mail.sandbox.test'] });
      expect(await ask('10.2.0.192.in-addr.arpa')).toMatchObject({ records: ['mail.sandbox.test'] });
      expect(await ask('2001:db8::10')).toMatchObject({ records: ['six.sandbox.test'] });
      expect(await ask('::1')).toEqual({ state: 'nxdomain' });
    },
  },
  {
    name: 'a name without the record is not a name that does not exist',
    async run({ dns, server }) {
      const ask = (name: string): Promise<unknown> => dns.resolve({ name, type: 'MX', server, timeoutMs: 5000 });
      expect(await ask('www.sandbox.test')).toEqual({ state: 'no-data' });
      expect(await ask('nowhere.sandbox.test')).toEqual({ state: 'nxdomain' });
    },
  },
  {
    name: 'an alias into a zone that the server does not hold is a name without the record',
    async run({ dns, server }) {
      const ask = (type: DnsQuestion['type']): Promise<unknown> =>
        dns.resolve({ name: 'away.sandbox.test', type, server, timeoutMs: 5000 });
      for (const type of ['TXT', 'A', 'AAAA', 'MX', 'NS'] as const)
        expect(await ask(type)).toEqual({ state: 'no-data' });
      expect(await ask('CNAME')).toEqual({ state: 'answer', records: ['key.relay.test'] });
    },
  },
  {
    name: 'nothing is cached',
    async run({ dns, server, play }) {
      const ask = { name: 'www.sandbox.test', type: 'A', server, timeoutMs: 400 } as const;
      expect(await dns.resolve(ask)).toMatchObject({ state: 'answer' });
      play('servfail');
      await failsWith(dns.resolve(ask), 'dns.servfail');
      play('answer');
      expect(await dns.resolve(ask)).toMatchObject({ state: 'answer' });
    },
  },
  {
    name: 'silence, a closed port, a refusal and something else than DNS are failures, each of its own',
    async run({ dns, server, closed, play }) {
      const ask = (to: string): Promise<unknown> =>
        dns.resolve({ name: 'www.sandbox.test', type: 'A', server: to, timeoutMs: 400 });
      play('silent');
      const { message } = await failsWith(ask(server), 'dns.timeout');
      expect(message).toContain(`A www.sandbox.test, asked of ${server}`);
      play('refused');
      await failsWith(ask(server), 'dns.refused');
      play('garbage');
      await expect(ask(server)).rejects.toMatchObject({ code: expect.stringMatching(/^dns\.(malformed|timeout)$/) });
      await failsWith(ask(closed), 'dns.unreachable');
    },
  },
  {
    name: 'a server that is no address is an error of the configuration, and only loopback is asked where nothing else may be',
    async run({ dns }) {
      const ask = (server: string): Promise<unknown> =>
        dns.resolve({ name: 'www.sandbox.test', type: 'A', server, timeoutMs: 400 });
      await failsWith(ask('resolver.example.com'), 'dns.bad-server');
      await failsWith(ask('192.0.2.53'), 'network.not-loopback');
    },
  },
];
