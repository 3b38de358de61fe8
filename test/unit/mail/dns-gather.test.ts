import { expect, test } from 'vitest';
import type { Dns, DnsAnswer } from '../../../src/lib/clients/dns/client.ts';
import { gatherDns } from '../../../src/lib/mail/dns/gather-dns.ts';
import { makeSite } from '../stacks/support/site.ts';

const RECORDS: Readonly<Record<string, readonly string[]>> = {
  '127.0.0.1 NS b.test': ['ns2.c.test', 'ns1.c.test'],
  '127.0.0.1 A ns1.c.test': ['192.0.2.1'],
  '127.0.0.1 A ns2.c.test': ['192.0.2.2'],
  '192.0.2.1 CNAME mail._domainkey.b.test': ['key.relay.test'],
  '127.0.0.1 TXT key.relay.test': ['v=DKIM1; p=abc'],
};

test('the servers of the zone are those that its NS records name; a key that is an alias there is followed', async () => {
  const dns: Dns = {
    resolve: async ({ name, type, server }): Promise<DnsAnswer> => {
      const records = RECORDS[`${server} ${type} ${name}`];
      return records === undefined ? { state: 'no-data' } : { state: 'answer', records };
    },
  };
  const web = { get: () => Promise.reject(new Error('No policy is announced.')) };
  const { asked, nameServers, policy } = await gatherDns({ dns, web }, makeSite({ root: '/' }), 'mail.b.test');
  expect(nameServers?.answer).toMatchObject({ state: 'answered' });
  expect(policy).toBeUndefined();
  const keys = asked.filter(({ question }) => question.record === 'dkim');
  expect(keys.map(({ server, answer }) => [server.name, answer.state === 'answered' && answer.value])).toEqual([
    ['127.0.0.1', { state: 'no-data' }],
    ['ns1.c.test', { state: 'answer', records: ['v=DKIM1; p=abc'] }],
    ['ns2.c.test', { state: 'no-data' }],
  ]);
});
