import { describe, expect, test } from 'vitest';
import { insideOf, tallyClients } from '../../../../src/lib/runbooks/mail/evidence/clients.ts';

const inside = insideOf(['10.0.20.1', '10.0.20.101']);
const counted = (...lines: readonly string[]) => {
  const tally = tallyClients(inside);
  for (const line of lines) tally.see(line);
  return tally.result();
};
const stock = 'Nov 21 08:00:01 mail postfix/postscreen[12]:';
const proxied = 'Nov 21 08:00:01 mail postfix/smtpd-proxy25/postscreen[12]:';
const smtpd = 'Nov 21 08:00:01 mail postfix/smtpd[44]:';

describe('whom the log names as sender', () => {
  test('a sender from outside, by IPv4 and IPv6, on either listener', () => {
    const seen = counted(
      `${proxied} CONNECT from [203.0.113.20]:41322 to [10.0.20.1]:25`,
      `${proxied} CONNECT from [2a01:4f8::25]:41322 to [10.0.20.1]:25`,
      `${smtpd} 4gBn5Tz1Hk: client=mx.example.net[198.51.100.7]`,
    );
    expect(seen).toEqual({ senders: 3, lost: 0, shown: [] });
  });

  test('the balancer on a PROXY listener, and a node as the client of an accepted message, are lost addresses', () => {
    const seen = counted(
      `${proxied} CONNECT from [10.0.20.1]:41322 to [10.0.20.1]:25`,
      `${smtpd} 4gBn5Tz1Hk: client=unknown[10.0.20.103]`,
    );
    expect(seen).toEqual({ senders: 0, lost: 2, shown: ['10.0.20.1', '10.0.20.103'] });
  });

  test('health checks on the stock listener, pods of the cluster and our own probes are neither', () => {
    const seen = counted(
      `${stock} CONNECT from [10.0.20.101]:5 to [10.244.1.25]:25`,
      `${proxied} CONNECT from [192.0.2.250]:50250 to [10.0.20.101]:25`,
      `${proxied} CONNECT from [2001:db8::250]:50250 to [10.0.20.101]:25`,
      `${smtpd} connect from roundcube[10.244.3.9]`,
      `${smtpd} warning: hostname mx.example.net does not resolve to address 10.0.20.1`,
    );
    expect(seen).toEqual({ senders: 0, lost: 0, shown: [] });
  });

  test('keeps few of many addresses', () => {
    const lines = Array.from({ length: 200 }, (_, at) => `${proxied} CONNECT from [10.0.20.${at}]:1 to [10.0.20.1]:25`);
    const { lost, shown } = counted(...lines);
    expect(lost).toBe(200);
    expect(shown).toHaveLength(5);
  });
});
